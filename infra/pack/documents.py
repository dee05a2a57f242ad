"""What belongs to a pack beside its events: texts, files and letters, each where all who look may read it and it is kept.

Texts are read by whom the history lets read them, those of a portfolio by who may see that; files go with the portfolio.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

from domain.submission.files import StoredFile
from infra.api.reading.letters import recipients_seen
from infra.api.reading.told import TO_BOTH, works_on
from infra.bootstrap import App
from infra.pack.verify import is_file, is_text, objects
from infra.replay.looks import Look
from projections.words import happened
from services.ports import Recorded

PORTFOLIO: Final = "see-portfolio"
HANDED_IN: Final = frozenset({"EvidenceProvided", "PortfolioSubmitted", "SelfEvaluationRecorded"})
"""Events whose texts are the portfolio's."""
ERASED: Final = "erased, kept no more"
NOT_SHOWN: Final = "not for this reader"


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text that events name, `where` first: its words and salt, or why they are left out."""

    id: str
    where: str
    body: str = ""
    salt: bytes = b""
    left_out: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that events name by its SHA-256, `where` first, as it is kept, or why it is left out."""

    sha256: str
    where: str
    kept: StoredFile | None = None
    left_out: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter as it went: its id, and its words with subject, recipient and instant."""

    id: str
    words: str


def texts_of(
    app: App, case: str, shown: Sequence[Recorded], data: Mapping[int, Any], looks: Sequence[Look]
) -> Sequence[Text]:
    """The texts that events name, each with its words where they may be read and are kept."""
    where: dict[str, str] = {}
    readable = set[str]()
    for one in shown:
        named = [
            (each["id"], place) for each, place in objects(data[one.position], happened(one.name)) if is_text(each)
        ]
        where = {**dict(named), **where}
        if all(_reads(look, case, one) for look in looks):
            readable |= {id for id, _ in named}
    bodies, salts = app.vault.texts(sorted(readable)), app.records.salts(sorted(readable))
    return [
        Text(id=id, where=place, body=bodies[id], salt=salts[id])
        if id in bodies and id in salts
        else Text(id=id, where=place, left_out=ERASED if id in readable else NOT_SHOWN)
        for id, place in where.items()
    ]


def _reads(look: Look, case: str, one: Recorded) -> bool:
    """Whether somebody who sees this event may read its texts: as in the history, and those of a portfolio by its own action."""
    name = one.name.partition(".")[0]
    return (
        name in TO_BOTH
        or one.actor == look.caller.actor
        or works_on(look.sight, case)
        or (name in HANDED_IN and look.sight.sees(case, PORTFOLIO))
    )


def files_of(
    app: App, case: str, shown: Sequence[Recorded], data: Mapping[int, Any], looks: Sequence[Look]
) -> Sequence[File]:
    """The files that events name, each where it may be seen and is kept."""
    where: dict[str, str] = {}
    for one in shown:
        named = [
            (each["sha256"], place) for each, place in objects(data[one.position], happened(one.name)) if is_file(each)
        ]
        where = {**dict(named), **where}
    if not all(one.sight.sees(case, PORTFOLIO) for one in looks):
        return [File(sha256=one, where=place, left_out=NOT_SHOWN) for one, place in where.items()]
    stored = app.shelves.files([case]).get(case, ()) if where else ()
    kept = {one.sha256: one for one in stored}
    return [
        File(sha256=one, where=place, kept=kept.get(one), left_out=None if one in kept else ERASED)
        for one, place in where.items()
    ]


def letters_left_out(case: str, looks: Sequence[Look]) -> str | None:
    """Which letters are not for all who look, in words; None where all are. How many there are is not theirs to know."""
    if all(recipients_seen(one.sight, case) is None for one in looks):
        return None
    return f"letters to others, {NOT_SHOWN}"


def letters_of(app: App, case: str, cut: int, looks: Sequence[Look]) -> Sequence[Letter]:
    """The letters that went because of an event up to the cut, whose words are kept, and which all may see."""
    theirs = [recipients_seen(one.sight, case) for one in looks]
    gone = [
        (row, at)
        for row in app.post.outbox.of_case(case)
        if (at := row.sent_at) and row.position <= cut and all(who is None or row.recipient in who for who in theirs)
    ]
    words, found = app.post.outbox.words_of([row.id for row, _ in gone]), []
    for row, at in gone:
        if row.id in words:
            subject, body = words[row.id]
            head = f"To: {row.recipient}\nSent: {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\nSubject: {subject}\n\n"
            found.append(Letter(id=row.id, words=f"{head}{body}\n"))
    return found
