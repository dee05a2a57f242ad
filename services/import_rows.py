"""What the record says to the rows of a file: who and what they name, whether they are on record already, what they become.

A row is known again by its reference, from which its id follows. One that is on record changes nothing; where the file
says something else than the record, that is said. Source: handbook, Importing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from domain import person, provider
from domain.accreditation import AccreditationImported
from domain.accreditation.importing import Past, import_award
from domain.ids import derived_id, is_id
from domain.importing import Fault, Row
from domain.person import Person
from domain.refusals import Refused
from domain.scheme import Scheme
from domain.submission.past_events import DecisionImported
from domain.texts import TextRef, digest_of
from services import providers
from services.awards import accreditation_id
from services.office import ANY, Work, scheme_stream
from services.ports import Vault

OUTCOMES: Final = ("awarded", "not_awarded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A row is on record, but its `column` says something else there. Nothing is changed by it."""

    row: int
    column: str
    in_file: str
    on_record: str


@dataclass(slots=True, kw_only=True)
class Desk:
    """Some rows of a file being compared with the record: what is wrong, what differs, which are new, and what they add to `work`.

    `officer` is who imports, None for the installer. Once `looked_up`, all that the rows name is loaded.
    """

    work: Work
    vault: Vault
    officer: Person | None
    faults: list[Fault] = field(default_factory=list)
    differences: list[Mismatch] = field(default_factory=list)
    new: list[int] = field(default_factory=list)
    same: int = 0
    salts: Mapping[str, bytes] = field(default_factory=dict)
    personal: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    addresses: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def fault(self, row: Row, column: str, problem: str, allowed: str) -> None:
        """Note what is wrong with a row."""
        self.faults.append(Fault(row=row.number, column=column, problem=problem, allowed=allowed))

    def listed(self, row: Row, column: str, allowed: Iterable[str]) -> None:
        """Note whatever a cell says that is not among what the scheme lists."""
        listed, said = tuple(allowed), row[column]
        for one in said if isinstance(said, tuple) else (said,) if said is not None else ():
            if one not in listed:
                self.fault(row, column, f"{one!r} is not one of this scheme's", ", ".join(listed))

    def scheme(self, row: Row, ref: str | None) -> Scheme | None:
        """The published scheme version of this name (`cpd-qa@1`), or the one in force (`cpd-qa`)."""
        if ref is None:
            return None
        try:
            return self.work.scheme(ref) if "@" in ref else self.work.latest_scheme(ref)
        except Refused as refused:
            allowed = (refused.allowed or "").replace("a published scheme", "a published version of a scheme")
            self.fault(row, "scheme", f"{ref!r} is not published", allowed)
            return None

    def provider(self, row: Row) -> provider.Provider | None:
        """The provider that a row names; one with which who imports has a conflict is not there for them."""
        if row["provider"] is None:
            return None
        held: provider.Provider = self.work.state(named("provider", row["provider"]))
        if held.id and not (self.officer and self.officer.kept_from(held.id)):
            return held
        allowed = "a provider on record, by its reference or id; providers are imported first"
        self.fault(row, "provider", "there is no such provider", allowed)
        return None

    def person(self, row: Row, column: str) -> str | None:
        """The id of the person whom a cell names, who has to be on record."""
        if row[column] is None:
            return None
        id = named("person", row[column])
        if self.work.state(id).id:
            return id
        self.fault(row, column, "there is no such person", "a person on record, by reference or id; people come first")
        return None

    def kept(self, row: Row, column: str, ref: TextRef | None) -> str | None:
        """Note whether a cell says the same as a text on record; of one that was erased nobody knows."""
        said = row[column]
        if ref is None or ref.id not in self.salts:
            return None if said is None or ref is not None else "nothing"
        same = said is not None and digest_of(self.salts[ref.id], said) == ref.digest
        return None if same else "another text"

    def compare(self, row: Row, pairs: Mapping[str, tuple[Any, Any]], texts: Mapping[str, TextRef | None]) -> None:
        """Note what differs between a row and the record; `pairs` are what it would become, and what is there, by column."""
        found = [
            Mismatch(row=row.number, column=column, in_file=shown(said), on_record=shown(held))
            for column, (said, held) in pairs.items()
            if said != held
        ]
        for column, ref in texts.items():
            if other := self.kept(row, column, ref):
                found.append(Mismatch(row=row.number, column=column, in_file=shown(row[column]), on_record=other))
        self.differences += found
        self.same += not found


def named(kind: str, said: str) -> str:
    """The id of what a cell names: an id as it is, or the one that follows from a reference."""
    return said if is_id(said, kind) else derived_id(kind, "imported", said)


def shown(value: Any) -> str:
    """A value as a cell would say it."""
    match value:
        case None | () | "":
            return "nothing"
        case tuple():
            return " ".join(map(str, value))
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


def provider_row(desk: Desk, row: Row) -> None:
    """A provider, registered by the office in its name; somebody speaks for it once people are imported."""
    work, id = desk.work, named("provider", row["reference"])
    scheme = desk.scheme(row, row["scheme"])
    if scheme:
        desk.listed(row, "provider_type", scheme.provider_types)
        desk.listed(row, "size_band", scheme.size_bands)
    held: provider.Provider = work.state(id)
    if held.id:
        known = desk.personal.get(id, {})
        pairs = {
            "provider_type": (row["provider_type"], held.provider_type),
            "size_band": (row["size_band"], held.size_band),
            **_personal(row, known, "name", "address"),
        }
        desk.compare(row, pairs, {})
        return
    if is_id(row["reference"], "provider"):
        desk.fault(row, "reference", "no provider has this id", "a reference of the body's own")
    elif any(other != id for other in desk.addresses.get(row["name"], ()) if is_id(other, "provider")):
        desk.fault(row, "name", "a provider of this name is on record", "its id as the reference, or another name")
    elif scheme and _sound(desk, row):
        work.add(
            id,
            provider.register(
                held, scheme=scheme, id=id, provider_type=row["provider_type"], size_band=row["size_band"]
            ),
        )
        _keep(work, id, row, "name", "address", "reference")
        desk.new.append(row.number)


def person_row(desk: Desk, row: Row) -> None:
    """A person; with a provider, one of its contacts. Roles of the body are given by its officers, not by files."""
    work, id = desk.work, named("person", row["reference"])
    speaks = desk.provider(row)
    schemes = row["scheme"] or ()
    if row["provider"] and not schemes:
        desk.fault(row, "scheme", "it is empty", "the schemes under which they speak for the provider")
    if schemes and not row["provider"]:
        desk.fault(row, "provider", "it is empty", "the provider for which they speak")
    for ref in schemes:
        desk.scheme(row, ref)
    held: Person = work.state(id)
    if held.id:
        known = desk.personal.get(id, {})
        pairs = {
            "subjects": (tuple(sorted(row["subjects"] or ())), tuple(sorted(held.subjects))),
            "phases": (tuple(sorted(row["phases"] or ())), tuple(sorted(held.phases))),
            **_personal(row, known, "name", "email"),
        }
        if speaks and id not in speaks.contacts:
            pairs["provider"] = (row["provider"], None)
        desk.compare(row, pairs, {})
        return
    if is_id(row["reference"], "person"):
        desk.fault(row, "reference", "nobody has this id", "a reference of the body's own")
    elif any(other != id for other in desk.addresses.get(row["email"], ()) if is_id(other, "person")):
        desk.fault(row, "email", "somebody on record has this address", "their id as the reference, or another address")
    elif _sound(desk, row):
        try:
            registered = person.register(held, id=id, subjects=row["subjects"] or (), phases=row["phases"] or ())
        except Refused as refused:
            desk.fault(row, refused.field or "subjects", refused.reason, refused.allowed or "codes")
            return
        work.add(id, registered)
        _keep(work, id, row, "name", "email", "reference")
        work.addresses += [one for one in [row["email"]] if one]
        if speaks:
            providers.let_speak(work, speaks.id, id, [one.partition("@")[0] for one in schemes])
        desk.new.append(row.number)


def _personal(row: Row, known: Mapping[str, str], *columns: str) -> dict[str, tuple[Any, Any]]:
    """Names and addresses in a row beside those in the vault; an erased one is not missed."""
    return {column: (row[column], known[column]) for column in columns if column in known and row[column] is not None}


def _keep(work: Work, id: str, row: Row, *columns: str) -> None:
    work.keep_personal(id, **{column: row[column] for column in columns if row[column] is not None})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Programme:
    """What the rows of past decisions and of awards have in common, found on record; None where that is at fault."""

    scheme: Scheme | None
    provider: provider.Provider | None
    contact: str | None
    assessor: str | None


def _programme(desk: Desk, row: Row) -> _Programme:
    scheme, held = desk.scheme(row, row["scheme"]), desk.provider(row)
    if scheme:
        for column, allowed in (
            ("category", scheme.categories),
            ("subject", scheme.subjects),
            ("phase", scheme.phases),
            ("level", [one.name for one in scheme.awards]),
            ("strengths", scheme.criteria),
            ("areas", scheme.criteria),
        ):
            desk.listed(row, column, allowed)
    contact = desk.person(row, "contact")
    if held and contact and contact not in held.contacts:
        desk.fault(row, "contact", "this person does not speak for the provider", "one of its contacts")
    if held and row["contact"] is None:
        contact = min(held.contacts, default=None)
        if contact is None:
            people = "a contact of the provider, imported with the people"
            desk.fault(row, "provider", "nobody speaks for this provider", people)
    return _Programme(scheme=scheme, provider=held, contact=contact, assessor=desk.person(row, "assessor"))


def decision_row(desk: Desk, row: Row) -> None:
    """A past decision: whom it was about, how it ended, who assessed it and what was left for consideration."""
    id = past_submission("decisions", row["reference"])
    found = _programme(desk, row)
    if row["outcome"] not in (None, *OUTCOMES):
        desk.fault(row, "outcome", f"{row['outcome']!r} is no outcome", ", ".join(OUTCOMES))
    elif row["outcome"] and (row["outcome"] == "awarded") is not bool(row["level"]):
        allowed = "a level where it was awarded, and none where it was not"
        desk.fault(row, "level", "it does not go with the outcome", allowed)
    decided_at = _day(found.scheme, row["decided_on"])
    if decided_at and decided_at > desk.work.command.at:
        desk.fault(row, "decided_on", "it is still to come", "a day that has been")
    if found.scheme and decided_at and _sound(desk, row):
        _decide(desk, row, id, found, outcome=row["outcome"], decided_at=decided_at)


def award_row(desk: Desk, row: Row) -> None:
    """A past award, with the decision that earned it; it stands from then on like one that was made here."""
    work = desk.work
    submission = past_submission("accreditations", row["reference"])
    id, found = accreditation_id(submission), _programme(desk, row)
    starts_at = _day(found.scheme, row["starts_on"])
    if not (found.scheme and found.provider and found.contact and starts_at and _sound(desk, row)):
        return
    held = work.entries[id]
    scope = row["scope"] if not held else None
    try:
        made = import_award(
            id=id,
            submission=submission,
            provider=found.provider.id,
            lead_contact=found.contact,
            scheme=found.scheme,
            level=row["level"],
            category=row["category"],
            subject=row["subject"],
            phase=row["phase"],
            strengths=row["strengths"] or (),
            past=_past(found.scheme, row, starts_at),
            concern=derived_id("concern", "imported", submission),
            scope=work.text(scope, field=f"scope/{id}", subject=found.provider.id) if scope else None,
            at=work.command.at,
        )
    except Refused as refused:
        desk.fault(row, refused.field or "starts_on", refused.reason, refused.allowed or "")
        return
    first = held[0].event if held else None
    more = _differing(made, first) if isinstance(first, AccreditationImported) else {}
    texts = {"scope": first.scope} if isinstance(first, AccreditationImported) else {}
    if not held:
        work.add(id, [made], scheme=found.scheme.ref, held_at=made.starts_at)
    _decide(desk, row, submission, found, outcome="awarded", decided_at=starts_at, award=id, pairs=more, texts=texts)


def _differing(made: AccreditationImported, held: AccreditationImported) -> dict[str, tuple[Any, Any]]:
    def suspended(award: AccreditationImported, what: str) -> Any:
        return next((getattr(one, what) for one in award.suspended), None)

    return {
        "starts_on": (made.starts_at, held.starts_at),
        "ends_on": (made.ends_at, held.ends_at),
        "confirmed_to": (made.confirmed, held.confirmed),
        "suspended_on": (suspended(made, "starts_at"), suspended(held, "starts_at")),
        "reinstated_on": (suspended(made, "ends_at"), suspended(held, "ends_at")),
        "withdrawn_on": (made.withdrawn_from, held.withdrawn_from),
    }


def _past(scheme: Scheme, row: Row, starts_at: datetime) -> Past:
    last = row["ends_on"]
    return Past(
        starts_at=starts_at,
        ends_at=_day(scheme, last + timedelta(days=1)) if last else None,  # of which the last day is a part
        confirmed_to=row["confirmed_to"] or 1,
        suspended_at=_day(scheme, row["suspended_on"]),
        reinstated_at=_day(scheme, row["reinstated_on"]),
        withdrawn_at=_day(scheme, row["withdrawn_on"]),
    )


def _decide(
    desk: Desk,
    row: Row,
    id: str,
    found: _Programme,
    *,
    outcome: str,
    decided_at: datetime,
    award: str | None = None,
    pairs: Mapping[str, tuple[Any, Any]] | None = None,
    texts: Mapping[str, TextRef | None] | None = None,
) -> None:
    """Add the decision, or compare it with what is on record; `pairs` and `texts` are what is compared of the award beside it."""
    work, entries = desk.work, desk.work.entries[id]
    if not (found.scheme and found.provider and found.contact):
        return
    if entries and isinstance(held := entries[0].event, DecisionImported):
        compared = {
            "provider": (found.provider.id, held.provider),
            "scheme": (found.scheme.ref, held.scheme),
            "outcome": (outcome, held.outcome),
            "level": (row["level"], held.level),
            "category": (row["category"], held.category),
            "subject": (row["subject"], held.subject),
            "phase": (row["phase"], held.phase),
            "assessor": (found.assessor, held.assessor),
            "strengths": (row["strengths"] or (), held.strengths),
            "areas": (row["areas"] or (), held.areas),
            "decided_on": (decided_at, held.decided_at),
        }
        if row["contact"]:
            compared["contact"] = (found.contact, held.lead_contact)
        if award:  # whose first day says it
            del compared["decided_on"]
        desk.compare(row, {**compared, **(pairs or {})}, {"title": held.title, **(texts or {})})
        return
    owner = found.provider.id
    decided = DecisionImported(
        submission=id,
        provider=owner,
        lead_contact=found.contact,
        scheme=found.scheme.ref,
        category=row["category"],
        subject=row["subject"],
        phase=row["phase"],
        title=work.text(row["title"], field=f"title/{id}", subject=owner),
        reference=work.text(row["reference"], field=f"reference/{id}", subject=owner),
        outcome=outcome,
        level=row["level"],
        decided_at=decided_at,
        assessor=found.assessor,
        strengths=row["strengths"] or (),
        areas=row["areas"] or (),
        accreditation=award,
    )
    work.add(id, [decided], scheme=found.scheme.ref, held_at=decided_at)
    desk.new.append(row.number)


def past_submission(kind: str, reference: str) -> str:
    """The id of the submission that a row of `accreditations` or `decisions` tells of."""
    return derived_id("submission", "imported", kind, reference)


def _day(scheme: Scheme | None, day: date | None) -> datetime | None:
    """The instant at which a day begins in the scheme's zone (UTC)."""
    return scheme.calendar.begins(day) if scheme and day else None


def _sound(desk: Desk, row: Row) -> bool:
    """Whether a row has no fault so far, by itself or against the record."""
    return row.sound and not any(one.row == row.number for one in reversed(desk.faults))


def _streams(kind: str, row: Row) -> list[str]:
    """The ids of all that a row may name, or become."""
    found = [named("provider", row["provider"])] if row["provider"] else []
    found += [named("person", row[column]) for column in ("contact", "assessor") if row[column]]
    schemes = row["scheme"] if isinstance(row["scheme"], tuple) else (row["scheme"],)
    found += [scheme_stream(one.partition("@")[0]) for one in schemes if one]
    if not row["reference"]:
        return found
    if kind in ("providers", "people"):
        return [*found, named("provider" if kind == "providers" else "person", row["reference"])]
    submission = past_submission(kind, row["reference"])
    return [*found, submission, *([accreditation_id(submission)] if kind == "accreditations" else [])]


DECIDE: Final[Mapping[str, Callable[[Desk, Row], None]]] = {
    "providers": provider_row,
    "people": person_row,
    "accreditations": award_row,
    "decisions": decision_row,
}
"""Kind of file → what becomes of one of its rows."""
_UNIQUE: Final = {"providers": "name", "people": "email"}


def look_up(desk: Desk, kind: str, rows: Sequence[Row]) -> None:
    """Load all that the rows name, or are on record already, in a few round trips."""
    work = desk.work
    work.load(*(stream for row in rows for stream in _streams(kind, row)))
    if kind in _UNIQUE:
        of = _UNIQUE[kind]
        subjects = [
            named("provider" if kind == "providers" else "person", row["reference"]) for row in rows if row["reference"]
        ]
        desk.personal = desk.vault.personal(subjects)
        desk.addresses = desk.vault.holding("name" if of == "name" else "email", [row[of] for row in rows if row[of]])
        return
    texts = [ref for entries in work.entries.values() for one in entries[:1] for ref in _texts(one.event)]
    desk.salts = work.office.records.salts(texts) if texts else {}


def _texts(event: Any) -> list[str]:
    match event:
        case DecisionImported(title=title):
            return [title.id]
        case AccreditationImported(scope=TextRef() as scope):
            return [scope.id]
        case _:
            return []


def settle(desk: Desk, kind: str, rows: Sequence[Row]) -> None:
    """Compare the rows with the record, and add what the new ones become."""
    look_up(desk, kind, rows)
    for row in rows:
        if row["reference"]:
            DECIDE[kind](desk, row)
    for stream in desk.work.events:
        if is_id(stream, "provider") and desk.work.versions[stream]:
            desk.work.slack[stream] = ANY  # that a case is its affair is so whatever others did meanwhile
