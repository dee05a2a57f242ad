"""A scheme is data, one version at a time: its criteria, scale, award rules, route, clocks, fees and what follows an award.

`domain/scheme_file.py` reads one from its TOML file; `docs/schemes.md` says what each key means.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.award import AwardLevel, Outcome, compute_outcome
from domain.clocks import Calendar, Deadline, Duration
from domain.fees import Fees
from domain.refusals import refuse
from domain.scheme_assurance import Assurance

MODERATION_FORMS = ("meeting", "award-panel", "independent")
"""A chair and a panel in a meeting; a panel that makes the award; or one person who had no part in the case."""
ROUTES = ("windows", "booked")
MEDIA_KINDS = ("audio", "video")
WORK = ("assessment", "visit", "moderation", "chairing")
"""Kinds of work that a scheme may pay for."""
CONCERN_TAKEN_UP = Duration.parse("5 working days")
"""How soon a concern is to have a reviewer, where the scheme says nothing."""
CONCERN_REVIEW = Duration.parse("20 working days")
"""How long the review of a concern may take, where the scheme says nothing."""
CONCERN_ANSWERED = Duration.parse("10 working days")
"""How soon who raised a concern is told what came of it, where the scheme says nothing."""
CHANGE_LOOKED_AT = Duration.parse("10 working days")
"""How soon somebody says whether a notified change calls for a review, where the scheme says nothing."""
REMIND_ANSWER = (Duration.parse("3 working days"),)
"""When to remind of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """One sign by which a criterion is judged: its code (`2.1.a`) and what is looked for."""

    code: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion of the tree: its code (`2.1`), the section it stands in, its title, guidance and indicators."""

    code: str
    section: str
    title: str
    guidance: str
    indicators: tuple[Indicator, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Something that a scheme does not accredit, with the question that finds it out on registration."""

    code: str
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How a submission comes to its assessment: in `windows`, or on a `booked` date, with a visit or without.

    `provisional`: a date is agreed at registration. `preview_before`: the finished portfolio is in and looked at this long
    before the date. `earliest_booking`: a date is booked at least this long ahead. `people_to_meet`: kinds of people.
    `results_from_visit`: the time for the result counts from that date, not from when moderation begins.
    """

    kind: str = "windows"
    visit: bool = False
    provisional: bool = False
    preview_before: Duration | None = None
    earliest_booking: Duration | None = None
    people_to_meet: tuple[str, ...] = ()
    results_from_visit: bool = False


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
class Annual:
    """A certificate for each year, the later ones only once that year was confirmed; with reminders to confirm."""

    certificates: int
    confirm_within: Duration
    remind_confirm: tuple[Duration, ...] = ()


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
    source: str = ""
    exclusions: tuple[Exclusion, ...] = ()
    route: Route = Route()
    award_choice: str = "highest"
    guidance_on_drafts: bool = False
    calibration_percent: int = 0
    same_assessor_again: bool = True
    pay: Mapping[str, int] = field(default_factory=dict)
    annual: Annual | None = None
    reaccreditation_opens: Duration | None = None
    extension: Duration | None = None
    upgrade: bool = False
    letters: Mapping[str, str] = field(default_factory=dict)
    concern_taken_up: Duration = CONCERN_TAKEN_UP
    concern_review: Duration = CONCERN_REVIEW
    concern_answered: Duration = CONCERN_ANSWERED
    remind_answer: tuple[Duration, ...] = REMIND_ANSWER
    change_looked_at: Duration = CHANGE_LOOKED_AT
    assurance: Assurance = Assurance()

    def asked_of(self, award: str | None) -> int:
        """The place on the scale of the level of judgement that this level of award asks for, or else the lowest one."""
        return self.scale.index(self.awards[max(self.rank(award or ""), 0)].level)

    def judged_again(self, areas: Sequence[str], changed: Sequence[str] = ()) -> tuple[str, ...]:
        """The criteria of the light-touch way, after an award that left these `areas` for consideration.

        `changed` are the criteria touched by what the provider declared to have changed since.
        """
        again = {*self.light_touch, *changed, *(areas if self.light_touch_areas else ())}
        return tuple(code for code in self.criteria if code in again)

    def rank(self, award: str) -> int:
        """The place of a level of award among this version's, from the lowest up; -1 for one that it does not know."""
        return next((place for place, one in enumerate(self.awards) if one.name == award), -1)

    @property
    def ref(self) -> str:
        return f"{self.id}@{self.version}"

    def outcome(
        self, judgements: Mapping[str, str], criteria: Sequence[str], applied_for: str | None = None
    ) -> Outcome:
        """What the award rules make of the final judgements of `criteria`; see `compute_outcome`.

        Where the highest level counts that is reached, it counts up to the one applied for.
        """
        sections = {code: self.criteria[code].section for code in criteria}
        wanted = applied_for if self.award_choice == "applied" else None
        most = self.rank(applied_for) if applied_for else -1
        levels = self.awards[: most + 1] if most >= 0 and wanted is None else self.awards
        return compute_outcome(levels, self.scale, judgements, criteria, sections=sections, applied_for=wanted)

    def deadline(self, rule: str, start: datetime, remind: tuple[Duration, ...] = ()) -> Deadline:
        """Return the deadline that the clock `rule` (a field of Clocks) sets from `start`, with its reminders."""
        due = self.calendar.due(start, getattr(self.clocks, rule))
        return Deadline(rule=rule.replace("_", "-"), due_at=due, remind_at=self.reminders(start, due, remind))

    def results_by(self, closes_at: datetime) -> datetime:
        """When the result of what is submitted by `closes_at` is out, with every clock run to its end (UTC).

        Later only where somebody is overdue, or a panel asks for further evidence, which stops the clock for the result.
        """
        moment = closes_at
        for rule in ("screen_within", "accept_within", "assess_within", "moderate_within", "results_within"):
            moment = self.calendar.due(moment, getattr(self.clocks, rule))
        return moment

    def reminders(self, start: datetime, due: datetime, before: tuple[Duration, ...]) -> tuple[datetime, ...]:
        """Return the instants to remind at, in order; those that would not fall between `start` and `due` are left out."""
        return tuple(sorted(at for at in {self.calendar.before(due, one) for one in before} if start < at < due))


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
