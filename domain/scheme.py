"""A scheme is data: one TOML file a version, checked whole on load; its criteria, scale, award rule, clocks and fees."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.award import FORMS, AwardLevel
from domain.clocks import Calendar, Deadline, Duration
from domain.refusals import refuse
from domain.toml_reader import Fault, Reader

MODERATION_FORMS = ("meeting",)
MEDIA_KINDS = ("audio", "video")


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion of the tree: its code (`2.1`), the section it stands in, its title and guidance."""

    code: str
    section: str
    title: str
    guidance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Every length of time the scheme sets; the field names are the rules' names in the handbook, with underscores."""

    submit_within: Duration
    remind_submit: tuple[Duration, ...]
    screen_within: Duration
    return_within: Duration
    accept_within: Duration
    assess_within: Duration
    remind_assess: tuple[Duration, ...]
    moderate_within: Duration
    assign_again_after: Duration
    evidence_within: Duration
    remind_evidence: tuple[Duration, ...]
    final_review_after: Duration
    review_within: Duration
    results_within: Duration
    validity: Duration
    remind_validity: tuple[Duration, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fees:
    """Fees in minor units of `currency`: registration by size band, submission, and reaccreditation, flat."""

    currency: str
    registration: Mapping[str, int]
    submission: int
    reaccreditation: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """One version of a scheme, as published. `ref` (`cpd-qa@1`) is what cases are pinned to."""

    id: str
    version: int
    title: str
    digest: str
    calendar: Calendar
    categories: tuple[str, ...]
    provider_types: tuple[str, ...]
    size_bands: tuple[str, ...]
    modes: tuple[str, ...]
    subjects: tuple[str, ...]
    phases: tuple[str, ...]
    sections: Mapping[str, str]
    criteria: Mapping[str, Criterion]
    scale: tuple[str, ...]
    awards: tuple[AwardLevel, ...]
    files_per_criterion: int
    file_bytes: int
    media_types: tuple[str, ...]
    assessor_capacity: int
    moderation_form: str
    quorum: int
    subject_expert: bool
    evidence_rounds: int
    clocks: Clocks
    fees: Fees
    light_touch: tuple[str, ...]
    light_touch_areas: bool

    @property
    def ref(self) -> str:
        return f"{self.id}@{self.version}"

    def deadline(self, rule: str, start: datetime, remind: tuple[Duration, ...] = ()) -> Deadline:
        """Return the deadline that the clock `rule` (a field of Clocks) sets from `start`, with its reminders."""
        due = self.calendar.due(start, getattr(self.clocks, rule))
        return Deadline(rule=rule.replace("_", "-"), due_at=due, remind_at=self.reminders(start, due, remind))

    def results_by(self, closes_at: datetime) -> datetime:
        """When the result of what is submitted by `closes_at` is out at the latest, every clock run to its end (UTC)."""
        moment = closes_at
        for rule in ("screen_within", "accept_within", "assess_within", "moderate_within", "results_within"):
            moment = self.calendar.due(moment, getattr(self.clocks, rule))
        return moment

    def reminders(self, start: datetime, due: datetime, before: tuple[Duration, ...]) -> tuple[datetime, ...]:
        """Return the instants to remind at, in order; those that would not fall between `start` and `due` are left out."""
        return tuple(sorted(at for at in {self.calendar.before(due, one) for one in before} if start < at < due))


class FaultyScheme(Exception):
    """A scheme file can't be used; `faults` names everything wrong with it."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def read_scheme(source: str, file: str = "scheme") -> Scheme:
    """Read and check one scheme version from TOML text. Raises FaultyScheme naming every fault at once."""
    try:
        digest = hashlib.sha256(source.encode()).hexdigest()
        tables = tomllib.loads(source)
    except (ValueError, RecursionError) as problem:  # of TOML, of a number with too many digits, of Unicode
        raise FaultyScheme([Fault(file=file, key="(file)", problem=str(problem), allowed="TOML")]) from None
    reader = Reader(file, tables)
    scheme = _read(reader, digest)
    reader.unknown_keys()
    if reader.faults:
        raise FaultyScheme(sorted(reader.faults, key=lambda fault: fault.key))
    return scheme


def _read(reader: Reader, digest: str) -> Scheme:
    sections, criteria = _criteria(reader)
    scale = reader.texts("scale.levels", least=2)
    size_bands = reader.codes("lists.size_bands")
    scheme = Scheme(
        id=reader.code("scheme.id"),
        version=reader.whole("scheme.version", least=1),
        title=reader.text("scheme.title"),
        digest=digest,
        calendar=_calendar(reader),
        categories=reader.codes("lists.categories"),
        provider_types=reader.codes("lists.provider_types"),
        size_bands=size_bands,
        modes=reader.codes("lists.modes"),
        subjects=reader.codes("lists.subjects"),
        phases=reader.codes("lists.phases"),
        sections=sections,
        criteria=criteria,
        scale=scale,
        awards=_awards(reader, scale),
        files_per_criterion=reader.whole("portfolio.files_per_criterion", least=1),
        file_bytes=reader.whole("portfolio.file_bytes", least=1),
        media_types=reader.texts("portfolio.media_types"),
        assessor_capacity=reader.whole("assessment.capacity_per_round", least=1),
        moderation_form=reader.chosen("moderation.form", MODERATION_FORMS),
        quorum=reader.whole("moderation.quorum", least=1),
        subject_expert=reader.flag("moderation.subject_expert"),
        evidence_rounds=reader.whole("moderation.evidence_rounds"),
        clocks=_clocks(reader),
        fees=Fees(
            currency=reader.text("fees.currency"),
            registration=reader.amounts("fees.registration", size_bands),
            submission=reader.whole("fees.submission"),
            reaccreditation=reader.whole("fees.reaccreditation"),
        ),
        light_touch=reader.chosen_all("reaccreditation.criteria", tuple(criteria)),
        light_touch_areas=reader.flag("reaccreditation.areas_for_consideration"),
    )
    if not scheme.light_touch and not any(fault.key == "reaccreditation.criteria" for fault in reader.faults):
        # There need not be areas for consideration, and then nothing would be judged, and all of it met.
        reader.fault("reaccreditation.criteria", "may leave nothing to judge", "at least one criterion")
    return scheme


def _criteria(reader: Reader) -> tuple[dict[str, str], dict[str, Criterion]]:
    sections: dict[str, str] = {}
    for number, entry in enumerate(_entries(reader, "sections")):
        one = _entry(reader, f"sections[{number}]", entry, ("code", "title"))
        if one["code"] in sections:
            reader.fault(f"sections[{number}].code", f"repeats {one['code']!r}", "a code of its own")
        sections[one["code"]] = one["title"]
    criteria: dict[str, Criterion] = {}
    for number, entry in enumerate(_entries(reader, "criteria")):
        key = f"criteria[{number}]"
        one = _entry(reader, key, entry, ("code", "section", "title", "guidance"))
        if one["code"] in criteria:
            reader.fault(f"{key}.code", f"repeats {one['code']!r}", "a code of its own")
        if one["section"] not in sections:
            reader.fault(f"{key}.section", f"is {one['section']!r}", ", ".join(sections) or "a section of this file")
        criteria[one["code"]] = Criterion(**one)
    return sections, criteria


def _entries(reader: Reader, key: str) -> list[Any]:
    allowed = f"one or more tables [[{key}]]"
    value = reader.raw(key, allowed=allowed)
    if value is not None and (not isinstance(value, list) or not value):
        reader.fault(key, "is no list of tables", allowed)
    return value if isinstance(value, list) else []


def _entry(reader: Reader, key: str, entry: Any, names: tuple[str, ...]) -> dict[str, str]:
    part = Reader(f"{reader.file}", entry if isinstance(entry, Mapping) else {})
    values = {name: part.text(name) for name in names}
    part.unknown_keys()
    reader.faults += [replace(fault, key=f"{key}.{fault.key}") for fault in part.faults]
    return values


def _awards(reader: Reader, scale: tuple[str, ...]) -> tuple[AwardLevel, ...]:
    awards: list[AwardLevel] = []
    for number, entry in enumerate(_entries(reader, "awards")):
        key = f"awards[{number}]"
        one = _entry(reader, key, entry, ("name", "form", "level"))
        if one["form"] not in FORMS:
            reader.fault(f"{key}.form", f"is {one['form']!r}", ", ".join(FORMS))
        if one["level"] not in scale:
            reader.fault(f"{key}.level", f"is {one['level']!r}", ", ".join(scale) or "a level of the scale")
        elif scale.index(one["level"]) == 0:
            reader.fault(f"{key}.level", "is the lowest level, which everything reaches", ", ".join(scale[1:]))
        elif awards and awards[-1].level in scale and scale.index(one["level"]) <= scale.index(awards[-1].level):
            reader.fault(f"{key}.level", "is no higher than that of the award before", "awards from the lowest up")
        if one["name"] in {award.name for award in awards}:
            reader.fault(f"{key}.name", f"repeats {one['name']!r}", "a name of its own")
        awards.append(AwardLevel(**one))
    return tuple(awards)


def _calendar(reader: Reader) -> Calendar:
    zone = reader.text("calendar.zone")
    try:
        ZoneInfo(zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, such as Europe
        reader.fault("calendar.zone", f"is {zone!r}", "a time zone such as Europe/London")
        zone = "UTC"
    return Calendar(zone=zone, holidays=reader.days("calendar.holidays"), day_ends=reader.moment("calendar.day_ends"))


def _clocks(reader: Reader) -> Clocks:
    values: dict[str, Any] = {}
    for name in Clocks.__dataclass_fields__:
        key = f"clocks.{name}"
        values[name] = reader.durations(key) if name.startswith("remind_") else reader.duration(key)
    return Clocks(**values)


def require_listed(value: str, allowed: tuple[str, ...], *, field: str) -> str:
    """Return `value` if the scheme lists it; refuse it with what is allowed otherwise."""
    if value not in allowed:
        raise refuse("scheme-lists", f"{value!r} is not one of this scheme's", field=field, allowed=", ".join(allowed))
    return value


def require_criterion(scheme: Scheme, code: str, *, field: str) -> str:
    """Return `code` if it is a criterion of this scheme; refuse it otherwise."""
    if code not in scheme.criteria:
        raise refuse(
            "scheme-criteria",
            f"{code!r} is no criterion of {scheme.ref}",
            field=field,
            allowed=", ".join(scheme.criteria),
        )
    return code


def require_level(scheme: Scheme, level: str, *, field: str) -> str:
    """Return `level` if it is on the scheme's scale; refuse it otherwise."""
    if level not in scheme.scale:
        raise refuse(
            "scheme-scale",
            f"{level!r} is not on the scale of {scheme.ref}",
            field=field,
            allowed=", ".join(scheme.scale),
        )
    return level
