"""`assay pack`: the audit pack of a case as a file, whole or as somebody may see it."""

from pathlib import Path

import psycopg
from rich.markup import escape

from domain.refusals import refuse
from infra.api.caller import Api
from infra.bootstrap import file_store, open_app
from infra.cli.files import form_of, replaced
from infra.cli.reading import database, find_case, nobody
from infra.cli.screen import bar, screen
from infra.files.errors import FileDamaged, FilesOutOfReach
from infra.identity.people import find_person
from infra.pack.contents import Contents, contents_of
from infra.pack.writing import write_pack
from infra.problems import CannotStart
from infra.replay.looks import Eyes
from infra.settings import Settings
from projections.words import counted


def pack_case(
    settings: Settings,
    case: str,
    *,
    out: Path,
    eyes: str | None,
    role: str | None,
    size: int | None,
    replace: bool = False,
) -> None:
    """Write the pack of a case to `out`, with a bar, and say what is in it and what is not.

    Refuses a file that is there already, unless it is to `replace` that, and one that can't be written; of one that fails half
    way nothing is left.
    """
    if role is not None and eyes is None:
        raise refuse("replay-eyes", "nobody is named who acts in it", field="--role", allowed="--role with --as")
    form_of(out, ("zip",), "--out")
    console = screen()
    with (
        database(settings) as url,
        open_app(url, pool_size=2, store=file_store(settings)) as app,
        psycopg.connect(url, autocommit=True) as connection,
    ):
        id = find_case(connection, case)
        seen_by = Eyes(person=find_person(app.records.datastore, eyes, field="--as"), role=role) if eyes else None
        held = contents_of(Api(app=app, identify=nobody), id, size=size, eyes=seen_by)
        try:
            with replaced(out, "--out", replace=replace) as file, bar(console, "bytes of files") as progress:
                write_pack(app, held, file, progress)
        except FileDamaged as problem:
            raise CannotStart(
                f"The file {problem} is not as it was uploaded any more; `assay files verify` says more. No pack was made."
            ) from None
        except FilesOutOfReach as problem:
            raise CannotStart(f"The store of files can't be reached ({problem}). No pack was made.") from None
        except OSError as problem:
            raise CannotStart(f"{out} can't be written ({problem.strerror}). No pack was made.") from None
    console.print(escape(_said(held, out)), soft_wrap=True)


def _said(held: Contents, out: Path) -> str:
    hidden = sum(one.event is None for one in held.lines)
    why = [*(one.left_out for one in held.texts), *(one.left_out for one in held.files)]
    without = [one for one in why if one]
    said = [
        f"{counted(len(held.lines) - hidden, 'event')} of {held.case}, as the checkpoint of {counted(held.seal.size, 'event')} seals it, in {out}."
    ]
    if hidden:
        said.append(f"{counted(hidden, 'further one')} by {'its hash' if hidden == 1 else 'their hashes'} alone.")
    if without:
        said.append(
            f"{counted(len(without), 'document')} {'is' if len(without) == 1 else 'are'} left out: {', '.join(sorted(set(without)))}."
        )
    if held.unsealed:
        said.append(f"{held.unsealed} are not sealed by it and not in it: `assay seal`, then make a pack again.")
    said.append("Hand over the key by another way: `assay checkpoint --key`.")
    return " ".join(said)
