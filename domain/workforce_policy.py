"""What a body's workforce policy says: how the people who run its schemes find what they need to learn, and learn it.

Source: handbook, Workforce. Every number and length of time has a default, so that a file says only what is different.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.clocks import Duration
from domain.ids import is_code
from domain.toml_reader import Reader

SOURCES: Final = ("appraisal", "sampling", "self-evaluation", "questionnaire", "appeal", "complaint")
"""Where a need may come from. Only the person says what their self-evaluation found, and only others the rest."""
QUESTIONS: Final = {
    "relevance": "It was what I needed",
    "quality": "It was well led and rested on evidence",
    "use": "I can use it in my work",
}
"""The questions on satisfaction where a policy lists none: code and statement, answered from 1 (not at all) to 5 (fully)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CpdRules:
    """Departments, and what counts as a need and as an activity.

    A need is found when `sources_needed` different sources point to it, or one that is in `alone`. `kinds` tells activities
    apart (`sector`, `teaching`), `quality` says what makes a provider of training good enough. Money is in `currency`.
    """

    departments: tuple[str, ...]
    sources: tuple[str, ...] = SOURCES
    alone: tuple[str, ...] = ("appeal", "complaint")
    sources_needed: int = 3
    kinds: tuple[str, ...] = ("sector", "teaching", "leadership")
    quality: tuple[str, ...] = ("accredited", "recognised", "known-record")
    period: Duration = Duration.parse("P1Y")
    currency: str = "GBP"


@dataclass(frozen=True, slots=True, kw_only=True)
class CpdClocks:
    """How long each step may take. Impact is reviewed no sooner than `impact_after` the activity, within `impact_within`."""

    plan_within: Duration = Duration.parse("20 working days")
    approve_within: Duration = Duration.parse("10 working days")
    record_within: Duration = Duration.parse("10 working days")
    questionnaire_within: Duration = Duration.parse("10 working days")
    reflection_within: Duration = Duration.parse("20 working days")
    impact_after: Duration = Duration.parse("P3M")
    impact_within: Duration = Duration.parse("20 working days")
    remind: tuple[Duration, ...] = (Duration.parse("5 working days"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRules:
    """How often each department and the board have a report, and how soon one is to be noted by who receives it."""

    department_every: Duration = Duration.parse("P3M")
    board_every: Duration = Duration.parse("P1Y")
    note_within: Duration = Duration.parse("20 working days")
    remind: tuple[Duration, ...] = (Duration.parse("10 working days"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Workforce:
    """All of it; `questions` are those on satisfaction with an activity: code → statement."""

    cpd: CpdRules
    questions: Mapping[str, str] = field(default_factory=lambda: QUESTIONS)
    clocks: CpdClocks = CpdClocks()
    reports: ReportRules = ReportRules()


def read_workforce(reader: Reader) -> Workforce:
    """Read the tables `[cpd]`, `[questionnaire]`, `[clocks]` and `[reports]`; only the departments have to be said."""
    return Workforce(cpd=_cpd(reader), questions=_questions(reader), clocks=_clocks(reader), reports=_reports(reader))


def _cpd(reader: Reader) -> CpdRules:
    departments = reader.codes("cpd.departments")
    usual = CpdRules(departments=departments)
    sources = reader.chosen_all("cpd.sources", SOURCES, usual.sources)
    rules = CpdRules(
        departments=departments,
        sources=sources,
        alone=reader.chosen_all("cpd.alone", sources, [one for one in usual.alone if one in sources]),
        sources_needed=reader.whole("cpd.sources_needed", usual.sources_needed, least=1),
        kinds=_codes(reader, "cpd.kinds", usual.kinds),
        quality=_codes(reader, "cpd.quality", usual.quality),
        period=reader.duration("cpd.period", usual.period.text),
        currency=reader.text("cpd.currency", usual.currency),
    )
    if "board" in departments:
        reader.fault("cpd.departments", "names 'board', for which there is a report already", "other codes")
    if rules.sources_needed > len(sources):
        problem = f"is {rules.sources_needed}, and there are {len(sources)} sources"
        reader.fault("cpd.sources_needed", problem, f"at most {len(sources)}")
    return rules


def _codes(reader: Reader, key: str, usual: tuple[str, ...]) -> tuple[str, ...]:
    return reader.codes(key) if reader.raw(key) is not None else usual


def _questions(reader: Reader) -> Mapping[str, str]:
    allowed = "a table of codes with a statement each"
    listed = reader.raw("questionnaire", {})
    if not isinstance(listed, dict) or not all(is_code(code) for code in listed):
        reader.fault("questionnaire", "is no table of codes", allowed)
        return QUESTIONS
    return {code: reader.text(f"questionnaire.{code}") for code in listed} or QUESTIONS


def _clocks(reader: Reader) -> CpdClocks:
    usual = CpdClocks()
    return CpdClocks(
        plan_within=reader.duration("clocks.plan_within", usual.plan_within.text),
        approve_within=reader.duration("clocks.approve_within", usual.approve_within.text),
        record_within=reader.duration("clocks.record_within", usual.record_within.text),
        questionnaire_within=reader.duration("clocks.questionnaire_within", usual.questionnaire_within.text),
        reflection_within=reader.duration("clocks.reflection_within", usual.reflection_within.text),
        impact_after=reader.duration("clocks.impact_after", usual.impact_after.text),
        impact_within=reader.duration("clocks.impact_within", usual.impact_within.text),
        remind=reader.durations("clocks.remind", [one.text for one in usual.remind]),
    )


def _reports(reader: Reader) -> ReportRules:
    usual = ReportRules()
    return ReportRules(
        department_every=reader.duration("reports.department_every", usual.department_every.text),
        board_every=reader.duration("reports.board_every", usual.board_every.text),
        note_within=reader.duration("reports.note_within", usual.note_within.text),
        remind=reader.durations("reports.remind", [one.text for one in usual.remind]),
    )
