"""The body's policy on how long each kind of record is kept, on which ground, and how a request to be erased is answered.

Source: handbook, Retention; outside standards want records kept for the current cycle and the one before, then let go.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from domain.clocks import Duration
from domain.toml_reader import Reader

CYCLES: Final = "cycles"
"""Until the cycle after its own has ended; or, where none follows, so long after the award or the case ended."""
CLOSED: Final = "closed"
"""So long after the matter that it belongs to was closed."""
RECORDED: Final = "recorded"
"""So long after it was recorded."""
ALONG: Final = "along"
"""So long after the event from which the time of its stream's other texts counts."""

KINDS: Final[Mapping[str, str]] = {
    "portfolio": CYCLES,
    "judgements": CYCLES,
    "moderation": CYCLES,
    "administration": CYCLES,
    "register": CYCLES,
    "awards": CYCLES,
    "appeals": CLOSED,
    "complaints": CLOSED,
    "audits": CLOSED,
    "questionnaires": RECORDED,
    "development": RECORDED,
    "governance": RECORDED,
    "people": "last-role",
    "providers": "last-case",
    "pay": "last-pay",
    "letters": ALONG,
    "looks": RECORDED,
}
"""The kinds of records, each with the event that its time counts from."""
LATER: Final[Mapping[str, str]] = {"letters": "administration", "looks": "governance"}
"""Kinds that a policy may leave out, since some were published before these were known, and by whose rule they go then."""

GROUNDS: Final = ("running-case", "award-runs", "open-matter", "pay-records")
"""What keeps parts of a person's own record when they ask to be erased: found by the product, worded by the policy."""
ON_REQUEST: Final = ("kept", "erased")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Records of a kind are kept `after` the event that their kind counts from, on a ground (a code, and in words).

    `on_request`: whether texts of the kind are kept for that time also when their subject asks to be erased.
    """

    kind: str
    after: Duration
    ground: str
    words: str
    on_request: str

    @property
    def basis(self) -> str:
        """The event that its time counts from."""
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Which `fields` of a person's record are kept while this ground lasts, though they asked to be erased."""

    code: str
    words: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPolicy:
    """What the policy of kind `retention` says."""

    rules: Mapping[str, Rule]
    grounds: Mapping[str, Ground]
    answer_within: Duration
    remind_answer: tuple[Duration, ...]
    approve_within: Duration
    let_go_within: Duration
    look_again_after: Duration
    review_holds_every: Duration
    remind_holds: tuple[Duration, ...]
    checks: tuple[str, ...]
    holds: tuple[str, ...]

    def words(self, ground: str) -> str:
        """What a ground is in words; its code where it is not the policy's own."""
        own = self.grounds.get(ground) or next((one for one in self.rules.values() if one.ground == ground), None)
        return own.words if own else ground.replace("-", " ")


def read_retention(reader: Reader) -> RetentionPolicy:
    """Read what a retention policy says; every kind of record has a rule, and every ground is worded."""
    rules = _tables(reader, "rules", "kind", tuple(KINDS), may_lack=LATER)
    grounds = _tables(reader, "grounds", "code", GROUNDS)
    read = {
        kind: Rule(
            kind=kind,
            after=part.duration("after"),
            ground=part.code("ground"),
            words=part.text("words"),
            on_request=part.chosen("on_request", ON_REQUEST, "kept"),
        )
        for kind, part in _read(reader, "rules", rules)
    }
    left_out = {kind: replace(read[of], kind=kind) for kind, of in LATER.items() if kind not in read and of in read}
    return RetentionPolicy(
        rules={**read, **left_out},
        grounds={
            code: Ground(code=code, words=part.text("words"), fields=part.codes("fields"))
            for code, part in _read(reader, "grounds", grounds)
        },
        answer_within=reader.duration("requests.answer_within", "P1M"),
        remind_answer=reader.durations("requests.remind_answer", ["P14D", "P7D"]),
        checks=reader.codes("requests.checks"),
        look_again_after=reader.duration("requests.look_again_after", "P3M"),
        approve_within=reader.duration("letting_go.approve_within", "P14D"),
        let_go_within=reader.duration("letting_go.let_go_within", "P7D"),
        holds=reader.codes("holds.grounds"),
        review_holds_every=reader.duration("holds.review_every", "P6M"),
        remind_holds=reader.durations("holds.remind", ["P14D"]),
    )


def _tables(
    reader: Reader, key: str, name: str, known: tuple[str, ...], *, may_lack: Collection[str] = ()
) -> dict[str, tuple[int, Reader]]:
    """The tables of a list, by what each of them is about: each of `known` once, those in `may_lack` at most."""
    allowed = f"a table [[{key}]] for each of: {', '.join(known)}"
    given = reader.raw(key, [])
    entries: list[Any] = given if isinstance(given, list) else [given]
    found: dict[str, tuple[int, Reader]] = {}
    for number, entry in enumerate(entries):
        part = Reader(reader.file, entry if isinstance(entry, Mapping) else {})
        about = part.chosen(name, known)
        if about in found and not part.faults:
            part.fault(name, f"names {about!r} a second time", "each once")
        found.setdefault(about, (number, part))
        if found[about][1] is not part:
            reader.adopt(part, f"{key}[{number}]")
    for lacking in [one for one in known if one not in found and one not in may_lack]:
        reader.fault(key, f"lacks {lacking!r}", allowed)
    return found


def _read(reader: Reader, key: str, tables: Mapping[str, tuple[int, Reader]]) -> Any:
    """Each table's reader, whose faults are the file's when it has been read."""
    for about, (number, part) in tables.items():
        yield about, part
        part.unknown_keys()
        reader.adopt(part, f"{key}[{number}]")
