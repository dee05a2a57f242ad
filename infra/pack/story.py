"""The story of a case as PDF/A and PDF/UA: the same bytes for the same contents, made by typst with its own fonts.

It is for reading: what it says can be proven is in the events, and the pack's program checks those.
"""

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import typst

from domain.refusals import Refused
from infra.badges.certificate import STANDARDS
from infra.badges.facts import scheme_of
from infra.bootstrap import App
from infra.pack.contents import Contents
from projections.words import plain, resolve

TEMPLATE: Final = Path(__file__).with_name("story.typ")
LONDON: Final = "Europe/London"
SHORT: Final = 300
"""Characters of a text that is told within a sentence; a longer one stands by itself."""
_UNDRAWN: Final = re.compile(
    "[^\u0020-\u007e\u00a0-\u00ac\u00ae-\u0377\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u0484\u0487-\u04ff\u1e00-\u1eff"
    "\u2010-\u2027\u2030-\u2040\u20a0-\u20bf\u2190-\u21ff\u2200-\u22ff]"
)
"""What typst's own font does not draw, and PDF/A may therefore not have: it is written as its number."""


def story_of(app: App, held: Contents) -> bytes:
    """The PDF of what happened in a case, by its contents."""
    telling = _Telling(held, _zone(app, held.scheme))
    day = held.at.astimezone(telling.zone)
    readers = " and ".join(f"{held.names.get(who, who)} as {plain(role)}" for who, role in held.readers)
    begun = (
        f"What was recorded of this case by {telling.time(held.at)}, as the checkpoint of {held.seal.size:,} events of"
        f" {held.seal.checkpoint.origin} seals it;"
    )
    content = {
        "title": f"The story of {held.case}",
        "author": held.seal.checkpoint.origin,
        "description": f"What was recorded of {held.case}, as the checkpoint of {held.seal.size} events seals it",
        "date": [day.year, day.month, day.day],
        "lines": [
            f"{begun} nothing recorded later is here. Instants are in the time of {telling.zone.key}.",
            f"As far as it may be seen by {readers}." if readers else "All that was recorded is told.",
            "This is for reading. The events themselves stand in events.jsonl, and verify.py checks them.",
        ],
        "history": [
            [telling.time(one.at), telling.who(one.actor, one.role), telling.say(one.sentence)] for one in held.told
        ],
        "texts": [
            {"title": f"{one.where} ({one.id})", "lines": one.body.splitlines()}
            for one in held.texts
            if one.left_out is None
        ],
        "files": [[one.where, one.sha256, f"{one.kept.size:,}"] for one in held.files if one.kept],
        "left_out": [
            *([one.where, one.id, one.left_out] for one in held.texts if one.left_out),
            *([one.where, one.sha256, one.left_out] for one in held.files if one.left_out),
        ],
    }
    compiler = typst.Compiler(
        TEMPLATE.read_bytes(),
        ignore_system_fonts=True,
        sys_inputs={"said": json.dumps(_drawn(content), ensure_ascii=False)},
    )
    made = compiler.compile(format="pdf", pdf_standards=list(STANDARDS), timestamp=int(held.at.timestamp()))
    assert isinstance(made, bytes)  # noqa: S101 - a PDF is one file
    return made


class _Telling:
    """Puts sentences into words: names where they may be seen and are kept, texts by where they stand in the pack."""

    def __init__(self, held: Contents, zone: ZoneInfo) -> None:
        self._held, self.zone = held, zone
        self._bodies = {one.id: one.body for one in held.texts if one.left_out is None}
        self._left_out = {one.id: one.left_out for one in held.texts if one.left_out}

    def say(self, sentence: str) -> str:
        return resolve(sentence, self._word).replace("*", "")

    def who(self, actor: str, role: str) -> str:
        return f"{self._word('person', actor)}, {plain(role)}" if actor.startswith("person-") else plain(role)

    def time(self, at: datetime) -> str:
        return f"{at.astimezone(self.zone):%-d %b %Y %H:%M:%S}"

    def _word(self, kind: str, value: str) -> str:
        if kind == "time":
            return self.time(datetime.fromisoformat(value))
        if kind == "text":
            body = self._bodies.get(value, f"[text {self._left_out.get(value, 'not shown')}]")
            return body if len(body) <= SHORT else f"[{value}, below]"
        if kind in {"person", "provider"} and value not in self._held.names and not self._held.readers:
            return f"[{kind} erased]"
        return self._held.names.get(value, value)


def _zone(app: App, scheme: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(scheme_of(app, scheme).calendar.zone if scheme else LONDON)
    except Refused:
        return ZoneInfo(LONDON)


def _drawn(value: Any) -> Any:
    """The same with only characters that the font draws, tabs and line breaks as spaces."""
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", re.sub(r"[\t\r\n]+", " ", value))
        return _UNDRAWN.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)
    if isinstance(value, dict):
        return {key: _drawn(one) for key, one in value.items()}
    return [_drawn(one) for one in value] if isinstance(value, Sequence) else value
