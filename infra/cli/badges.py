"""Badges and certificates, written to files; and the key that signs badges."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg
from rich.markup import escape

from domain.badge import Badges
from domain.refusals import refuse
from infra.badges.certificate import certificate_of
from infra.badges.issuing import TYPES, Issuing
from infra.badges.keys import Issuer, disown, exchange, issuer_in
from infra.bootstrap import open_app
from infra.cli.files import form_of, replaced
from infra.cli.identity import identity_of
from infra.cli.reading import columns, database, find_case
from infra.cli.screen import screen
from infra.folder import require_data
from infra.settings import Settings

RUNNING: Final = (
    "What runs on this machine takes that up by itself; where others answer the API too, give each of them this file."
)


def write_badge(settings: Settings, case: str, *, out: Path, replace: bool = False) -> None:
    """Write the badge of an award as the ending of the file says, and print what stands of it."""
    form = form_of(out, TYPES, "--out")
    at = datetime.now(UTC)
    with database(settings) as url, open_app(url, pool_size=1) as app:
        found, held = _award(Issuing(app, _issuer(settings)), url, case)
        badge = held.shown(at) or held.badges[-1]
        _write(out, found.given(held, badge, form, at), replace)
    screen().print(
        f"Badge {badge.number} of {held.award.id}, {held.standing(badge, at)}, written to {escape(str(out))}.",
        soft_wrap=True,
    )


def write_certificate(settings: Settings, case: str, *, year: int | None, out: Path, replace: bool = False) -> None:
    """Write the certificate of a year of an award, the latest one where none is named."""
    form_of(out, ("pdf",), "--out")
    at = datetime.now(UTC)
    with database(settings) as url, open_app(url, pool_size=1) as app:
        found, held = _award(Issuing(app, _issuer(settings)), url, case)
        _write(out, certificate_of(app, held, found.issuer, year=year, at=at), replace)
    screen().print(f"Certificate of {held.award.id} written to {escape(str(out))}.", soft_wrap=True)


def show_keys(settings: Settings) -> None:
    """Print who issues badges, the key that signs, and those that did before."""
    issuer = _issuer(settings)
    table = columns("key", "")
    table.add_row(issuer.key.multikey, "signs")
    by_address = issuer.did.startswith("did:web:")
    before = "signed before; what it signed is believed" + ("" if by_address else " under an address with https alone")
    for one in issuer.former:
        table.add_row(one, before)
    screen().print(f"{escape(issuer.name)}, {issuer.did}", soft_wrap=True)
    screen().print(table)


def rotate_key(settings: Settings, *, another_issuer: bool) -> None:
    """Have another key sign from now on. Refuses where that makes another issuer, which nobody asked for (`badge-issuer-stays`)."""
    before = _issuer(settings)
    by_address = before.did.startswith("did:web:")
    if not by_address and not another_issuer:
        raise refuse(
            "badge-issuer-stays",
            f"the key is the issuer's own name ({before.did}): with another one, badges are another issuer's, and those given out"
            " can't be looked up in its status lists",
            field="--another-issuer",
            allowed="an ASSAY_BASE_URL that begins with https://, by which the issuer is known; or to say --another-issuer",
        )
    made = exchange(settings.data, settings.badges.file, believed=by_address)
    known = " The former one is known further, and what it signed is believed." if by_address else ""
    screen().print(f"From now on {made.multikey} signs badges.{known}", soft_wrap=True)
    screen().print(RUNNING, soft_wrap=True)


def disown_key(settings: Settings, multikey: str) -> None:
    """Know a former key no more: badges that it signed are not believed, and have to be fetched again."""
    _issuer(settings)
    disown(settings.data, settings.badges.file, multikey)
    screen().print(
        f"What {multikey} signed is not believed any more; whoever has such a badge fetches it again.", soft_wrap=True
    )
    screen().print(RUNNING, soft_wrap=True)


def _award(issuing: Issuing, url: str, case: str) -> tuple[Issuing, Badges]:
    with psycopg.connect(url, autocommit=True) as connection:
        return issuing, issuing.award(find_case(connection, case, kind="accreditation"))


def _issuer(settings: Settings) -> Issuer:
    """Who issues badges, at the address of what runs here, if anything does. Refuses a folder without data, where no key is made."""
    if settings.badges.file is None and not settings.database_url:
        require_data(settings.data)
    return issuer_in(settings.data, settings.badges, identity_of(settings).base)


def _write(out: Path, content: bytes, replace: bool) -> None:
    with replaced(out, "--out", replace=replace) as file:
        file.write(content)
