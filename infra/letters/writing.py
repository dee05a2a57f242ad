"""A letter as it goes out: the words of its scheme or the standard ones, as plain text and as HTML made from that.

Every letter ends with what is due when, and the address of the page where its case is read.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from domain.ids import kind_of
from domain.letter_words import PLACEHOLDER, fill
from domain.letters import still_stands
from domain.scheme import Scheme
from domain.submission.state import Submission
from infra.bootstrap import App
from infra.letters.configured import ADDRESS, Mail
from infra.letters.facts import answer_in, facts, programme_of, window_in
from infra.letters.outbox import Row
from projections.words import plain
from services.office import read_published, scheme_stream
from services.ports import Recorded
from services.states import fold

FILE: Final = Path(__file__).with_name("standard.toml")
IN_VAULT: Final = ("person", "concern", "complaint")
"""Recipients whose address is in the vault: people, and who came from outside with a concern or a complaint."""
ERASED: Final = "[erased]"


class Words(NamedTuple):
    """A letter in the words that are filled in for each: its subject, and its text."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter that is to go: to whom by which address (None: there is none), its words, and whom and what it `names`.

    `overtaken`: its case has moved on, and it has nothing to say any more.
    """

    row: Row
    to: str | None
    name: str
    subject: str
    body: str
    names: tuple[str, ...]
    page: str
    overtaken: bool = False


@cache
def standard() -> Mapping[str, Words]:
    """The standard words of every letter."""
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {letter: Words(one["subject"], one["text"].strip()) for letter, one in tables.items()}


def write(app: App, mail: Mail, base: str, rows: Sequence[Row], *, ahead: Any = None) -> list[Letter]:
    """Write these letters, with all that they need looked up at once; those of which the event is gone are left out.

    `base` is the address under which browsers reach this installation. `ahead` is an event that has not happened, as which
    the one letter that is asked for is written.
    """
    streams = dict(app.records.load(*{row.stream for row in rows}))
    if ahead is not None:
        [row], events = rows, streams[rows[0].stream]
        streams[row.stream] = [*events, events[-1]._replace(event=ahead, version=row.version, at=row.next_at)]
    found = [_Found(row, events) for row in rows if len(events := streams[row.stream]) >= row.version]
    also = {id for one in found for id in (programme_of(one.then), window_in(one.event)) if id and id not in streams}
    streams |= app.records.load(*also) if also else {}
    for one in found:
        one.look(streams)
    subjects = {id for one in found for id in one.subjects}
    personal = app.vault.personal(sorted(subjects)) if subjects else {}
    texts = app.vault.texts(sorted({id for one in found for id in one.texts}))
    return [
        _written(one, scheme=_scheme(app, one), mail=mail, base=base, personal=personal, texts=texts) for one in found
    ]


class _Found:
    """A letter with its event, and the states of its case then and now."""

    def __init__(self, row: Row, events: Sequence[Recorded]) -> None:
        self.row, self.recorded = row, events[row.version - 1]
        self.event = self.recorded.event
        self.then = fold(row.stream, events[: row.version])
        moved = len(events) > row.version
        self.overtaken = moved and not still_stands(
            self.event, self.then, fold(row.stream, events[row.version :], state=self.then)
        )
        self.title = self.provider = ""
        self.closes_at: datetime | None = None

    def look(self, streams: Mapping[str, Sequence[Recorded]]) -> None:
        """Take what stands in other streams: the programme's title, and when a window closes."""
        state = self.then
        self.provider = state.registration.provider if isinstance(state, Submission) else state.provider
        named = programme_of(state)
        if named and (named == self.row.stream or streams[named]):  # an award that was brought along may have none
            submission: Submission = fold(named, streams[named]) if named != self.row.stream else state
            self.title = submission.registration.title.id
        if window := window_in(self.event):
            self.closes_at = fold(window, streams[window]).closes_at

    @property
    def subjects(self) -> list[str]:
        """Whom it names."""
        own = [self.row.recipient] if kind_of(self.row.recipient) in IN_VAULT else []
        return [*own, *([self.provider] if self.provider else [])]

    @property
    def texts(self) -> list[str]:
        """The typed texts in it."""
        return [one for one in (self.title, answer_in(self.event)) if one]


def _written(
    found: _Found,
    *,
    scheme: Scheme | None,
    mail: Mail,
    base: str,
    personal: Mapping[str, Mapping[str, str]],
    texts: Mapping[str, str],
) -> Letter:
    row = found.row
    zone = scheme.calendar.zone if scheme else "UTC"
    known = personal.get(row.recipient, {})
    if kind_of(row.recipient) in IN_VAULT:
        given = known.get("email") or known.get("address") or ""
        to, name = (given if ADDRESS.fullmatch(given) else None), known.get("name", "")
    else:
        to, name = mail.address_of(row.recipient), plain(row.recipient)
    values = {
        "recipient": name or "you",
        "programme": texts.get(found.title, ERASED) if found.title else "the programme",
        "provider": personal.get(found.provider, {}).get("name", ERASED) if found.provider else "",
        "scheme": scheme.title if scheme else "the body",
        "case": row.stream,
        "page": page(base, row.stream),
        "window": _window(found.closes_at, zone),
        **facts(found.event, found.recorded.at, found.then, scheme, lambda at: on_the_clock(at, zone)),
    }
    answer = texts.get(answer_in(found.event), ERASED)
    outside = kind_of(row.recipient) in ("concern", "complaint")
    subject, body = _filled(
        row.letter, scheme, {one: _plain(said) for one, said in values.items()} | {"answer": answer}, outside=outside
    )
    return Letter(
        row=row,
        to=to,
        name=name,
        subject=subject,
        body=body,
        page=values["page"],
        names=tuple(dict.fromkeys((*found.subjects, *found.texts))),
        overtaken=found.overtaken,
    )


def _filled(letter: str, scheme: Scheme | None, values: Mapping[str, str], *, outside: bool) -> tuple[str, str]:
    """Subject and body: greeting, the scheme's words or the standard ones, what is due when, the page, who writes."""
    words = standard()[letter]
    own = scheme.letters.get(letter) if scheme else None
    text = (own or words.text).strip()
    paragraphs = [" ".join(one.split()) if own is None else one.strip() for one in text.split("\n\n")]
    said = [one for one in paragraphs if not _empty(one, values)]
    named = {found[1] for found in PLACEHOLDER.finditer(text)}
    if "deadline" in values and "deadline" not in named and "{deadline}" in words.text:
        said.append("The deadline is {deadline}.")
    if "appeal_by" in values and "appeal_by" not in named:
        said.append("You may appeal until {appeal_by}.")
    if "page" not in named and not outside:
        said.append("The page: {page}")
    body = "\n\n".join(fill(one, values) for one in ("Dear {recipient},", *said, "{scheme}"))
    return " ".join(fill(words.subject, values).split()), body


def _empty(paragraph: str, values: Mapping[str, str]) -> bool:
    """Whether nothing is left of a paragraph: it is one placeholder, which has no value here."""
    whole = PLACEHOLDER.fullmatch(paragraph)
    return whole is not None and not values.get(whole[1])


def message_of(letter: Letter, mail: Mail, at: datetime) -> EmailMessage:
    """The letter as a message, at `at` (UTC). Its Message-ID is made from its id: the same letter again is known by it."""
    message = EmailMessage(policy=SMTP)
    user, _, domain = (letter.to or "").rpartition("@")
    message["Message-ID"] = message_id(letter.row.id, mail)
    message["Date"] = at
    message["From"] = mail.sender
    message["To"] = Address(_plain(letter.name), user, domain)
    message["Subject"] = letter.subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body + "\n")
    message.add_alternative(html_of(letter.subject, letter.body, letter.page), subtype="html")
    return message


def message_id(letter: str, mail: Mail) -> str:
    """The Message-ID of a letter, the same however often it is tried."""
    return f"<{letter}@{mail.domain}>"


def html_of(subject: str, body: str, link: str) -> str:
    """The same words as HTML: paragraphs, in which our own page can be followed, and nothing else. All is escaped."""
    address = escape(link)
    paragraphs = "".join(
        f"<p>{'<br>'.join(escape(line) for line in one.splitlines())}</p>\n" for one in body.split("\n\n")
    ).replace(address, f'<a href="{address}">{address}</a>')
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(subject)}</title></head>\n'
        f'<body style="max-width: 40em; font-family: sans-serif; line-height: 1.5">\n{paragraphs}</body></html>\n'
    )


def page(base: str, stream: str) -> str:
    """The address of the page of a case or a matter."""
    kind = kind_of(stream)
    resource = _RESOURCES.get(kind, "cases")
    return f"{base}/api/v1/{resource}/{stream}"


_RESOURCES: Final = {
    "appeal": "appeals",
    "complaint": "complaints",
    "audit": "audits",
    "risk": "risks",
    "proposal": "proposals",
    **{
        one: one
        for one in ("sampling", "development", "standardisation", "scrutiny", "authority", "learning", "retention")
    },
}
"""Where the pages of matters are, by kind; those of policies have none, and are lists."""


def on_the_clock(at: datetime, zone: str) -> str:
    """An instant on the wall clock of a zone, with the place: `12 March 2027, 23:59 (London)`."""
    return f"{at.astimezone(ZoneInfo(zone)):%-d %B %Y, %H:%M} ({zone.rpartition('/')[2].replace('_', ' ')})"


def _window(closes_at: datetime | None, zone: str) -> str:
    return f"The last window that is still of use closes on {on_the_clock(closes_at, zone)}." if closes_at else ""


def _plain(value: str) -> str:
    """A value without line breaks that would begin another header, or a paragraph that is not ours."""
    return " ".join(value.split())


def _scheme(app: App, found: _Found) -> Scheme | None:
    state = found.then
    ref = state.registration.scheme if isinstance(state, Submission) else getattr(state, "scheme", "")
    if "@" not in (ref or ""):
        return None
    if ref not in app.office.schemes:
        name, _, version = ref.partition("@")
        record = fold(stream := scheme_stream(name), app.records.streams(stream)[stream].entries)
        if int(version) not in record.versions:
            return None
        app.office.schemes[ref] = read_published(record.versions[int(version)].source)
    return app.office.schemes[ref]
