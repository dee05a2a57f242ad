"""What a scheme says of how its decisions are trusted: appeals, complaints, and what the people who run it have to bring.

Source: handbook, sections 12 and 13, and People. Every length of time and number has a default, so that a scheme that says
nothing is run by the handbook's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from domain.clocks import Duration
from domain.toml_reader import Reader

GROUNDS: Final = {
    "procedure": "The procedure was not followed",
    "evidence": "Evidence that was before the decision-maker was overlooked or misread",
    "bias": "Somebody who took part had an interest in it, or favoured a form, size or content",
    "unreasonable": "No panel that read this material could have come to this decision",
}
"""The grounds for an appeal where the scheme lists none: code and title."""

BACKGROUNDS: Final = ("teacher", "provider", "expert")
"""What a person on a panel or a board may speak as; a scheme says what share of each there is to be at least."""
EXPERIENCE: Final = ("took-part", "commissioned", "led", "delivered", "quality-assurance", "assessment")
"""Kinds of experience with professional development on which people are selected."""
TRAINED: Final = ("assessor", "moderator", "chair", "appeals-panel")
"""The roles for which a scheme may ask for training and experience."""
REVIEWER: Final = "reviewer"
"""Whoever reviews a concern, in whichever role."""
TRAINED_TOO: Final = (REVIEWER, "complaints-handler")
"""Of whom it may ask for training besides."""
TRAINING: Final = ("criteria", "bias", "exemplars", "chairing", "appeals")
"""Kinds of training that it may ask for, besides what every scheme does."""

STANDARDISATION: Final = "standardisation"
SAMPLING: Final = "sampling"
YEARLY: Final = (STANDARDISATION, SAMPLING)
"""What a year of a scheme has: a session of standardisation on its timetable, and a plan of internal sampling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealRules:
    """Grounds (code → title), times, and the panel: how many hear an appeal, and how many of them are from outside."""

    grounds: Mapping[str, str] = field(default_factory=lambda: GROUNDS)
    lodge_within: Duration = Duration.parse("20 working days")
    acknowledge_within: Duration = Duration.parse("5 working days")
    admit_within: Duration = Duration.parse("10 working days")
    decide_within: Duration = Duration.parse("30 working days")
    remedy_within: Duration = Duration.parse("30 working days")
    others_within: Duration = Duration.parse("60 working days")
    remind: tuple[Duration, ...] = (Duration.parse("5 working days"),)
    panel: int = 3
    outsiders: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintRules:
    """Times of a complaint's stages, to look after others whom one that is upheld touched, and the committee's size."""

    acknowledge_within: Duration = Duration.parse("3 working days")
    answer_within: Duration = Duration.parse("20 working days")
    escalate_within: Duration = Duration.parse("20 working days")
    answer_again_within: Duration = Duration.parse("20 working days")
    review_within: Duration = Duration.parse("30 working days")
    others_within: Duration = Duration.parse("60 working days")
    remind: tuple[Duration, ...] = (Duration.parse("3 working days"),)
    committee: int = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningRules:
    """Times to answer a questionnaire about a case, and to consider a proposal to change criteria."""

    answer_within: Duration = Duration.parse("20 working days")
    consider_within: Duration = Duration.parse("60 working days")
    remind: tuple[Duration, ...] = (Duration.parse("5 working days"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleRules:
    """What the people who run the scheme have to bring.

    `training` are the kinds asked for by role, besides assessing, moderating and chairing; `experience` how many kinds of
    experience; `standardised_within`: they attended a standardisation at most so long ago. Who was employed by a provider
    within `employed_within` has a conflict with it. Where scrutiny is arranged for one, two others approve it within
    `approve_scrutiny_within`, and its statement is signed within `sign_scrutiny_within`. Who attended a standardisation
    session is to be recorded `record_standardisation_within` its start. `minima` are percentages of each background on a
    panel or board. `yearly` is what each year needs, of which the quality manager is told where it is missing.
    """

    training: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    experience: Mapping[str, int] = field(default_factory=dict)
    standardised_within: Duration | None = None
    employed_within: Duration = Duration.parse("P3Y")
    approve_scrutiny_within: Duration = Duration.parse("5 working days")
    sign_scrutiny_within: Duration = Duration.parse("P6M")
    remind_scrutiny: tuple[Duration, ...] = (Duration.parse("P14D"),)
    remind_training: tuple[Duration, ...] = (Duration.parse("P2M"), Duration.parse("P1M"))
    remind_appointment: tuple[Duration, ...] = (Duration.parse("P2M"), Duration.parse("P1M"))
    remind_standardisation: tuple[Duration, ...] = (Duration.parse("P14D"), Duration.parse("P2D"))
    record_standardisation_within: Duration = Duration.parse("5 working days")
    minima: Mapping[str, int] = field(default_factory=dict)
    yearly: tuple[str, ...] = YEARLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Assurance:
    """All of it."""

    appeals: AppealRules = AppealRules()
    complaints: ComplaintRules = ComplaintRules()
    learning: LearningRules = LearningRules()
    people: PeopleRules = PeopleRules()


def read_assurance(reader: Reader) -> Assurance:
    """Read the tables `[appeals]`, `[complaints]`, `[learning]` and `[people]`, each of which may be missing."""
    return Assurance(
        appeals=_appeals(reader), complaints=_complaints(reader), learning=_learning(reader), people=_people(reader)
    )


def _appeals(reader: Reader) -> AppealRules:
    usual = AppealRules()
    listed = reader.raw("appeals.grounds", {})
    grounds = {code: reader.text(f"appeals.grounds.{code}") for code in listed} if isinstance(listed, dict) else {}
    if not isinstance(listed, dict):
        reader.fault("appeals.grounds", f"is {listed!r}", "a table of codes with a title each")
    rules = AppealRules(
        grounds=grounds or usual.grounds,
        lodge_within=reader.duration("appeals.lodge_within", usual.lodge_within.text),
        acknowledge_within=reader.duration("appeals.acknowledge_within", usual.acknowledge_within.text),
        admit_within=reader.duration("appeals.admit_within", usual.admit_within.text),
        decide_within=reader.duration("appeals.decide_within", usual.decide_within.text),
        remedy_within=reader.duration("appeals.remedy_within", usual.remedy_within.text),
        others_within=reader.duration("appeals.others_within", usual.others_within.text),
        remind=reader.durations("appeals.remind", [one.text for one in usual.remind]),
        panel=reader.whole("appeals.panel", usual.panel, least=1),
        outsiders=reader.whole("appeals.outsiders", usual.outsiders),
    )
    if rules.outsiders > rules.panel:
        reader.fault("appeals.outsiders", f"is {rules.outsiders}", f"at most {rules.panel}, the size of the panel")
    return rules


def _complaints(reader: Reader) -> ComplaintRules:
    usual = ComplaintRules()
    return ComplaintRules(
        acknowledge_within=reader.duration("complaints.acknowledge_within", usual.acknowledge_within.text),
        answer_within=reader.duration("complaints.answer_within", usual.answer_within.text),
        escalate_within=reader.duration("complaints.escalate_within", usual.escalate_within.text),
        answer_again_within=reader.duration("complaints.answer_again_within", usual.answer_again_within.text),
        review_within=reader.duration("complaints.review_within", usual.review_within.text),
        others_within=reader.duration("complaints.others_within", usual.others_within.text),
        remind=reader.durations("complaints.remind", [one.text for one in usual.remind]),
        committee=reader.whole("complaints.committee", usual.committee, least=1),
    )


def _learning(reader: Reader) -> LearningRules:
    usual = LearningRules()
    return LearningRules(
        answer_within=reader.duration("learning.answer_within", usual.answer_within.text),
        consider_within=reader.duration("learning.consider_within", usual.consider_within.text),
        remind=reader.durations("learning.remind", [one.text for one in usual.remind]),
    )


def _people(reader: Reader) -> PeopleRules:
    usual = PeopleRules()
    training = {role: reader.chosen_all(f"people.training.{role}", TRAINING, []) for role in (*TRAINED, *TRAINED_TOO)}
    experience = {role: reader.whole(f"people.experience.{role}", 0) for role in TRAINED}
    minima = {one: reader.percent(f"people.minima.{one}", 0) for one in BACKGROUNDS}
    rules = PeopleRules(
        training={role: kinds for role, kinds in training.items() if kinds},
        experience={role: least for role, least in experience.items() if least},
        standardised_within=reader.optional_duration("people.standardised_within"),
        employed_within=reader.duration("people.employed_within", usual.employed_within.text),
        approve_scrutiny_within=reader.duration("people.approve_scrutiny_within", usual.approve_scrutiny_within.text),
        sign_scrutiny_within=reader.duration("people.sign_scrutiny_within", usual.sign_scrutiny_within.text),
        remind_scrutiny=reader.durations("people.remind_scrutiny", [one.text for one in usual.remind_scrutiny]),
        remind_training=reader.durations("people.remind_training", [one.text for one in usual.remind_training]),
        remind_appointment=reader.durations(
            "people.remind_appointment", [one.text for one in usual.remind_appointment]
        ),
        remind_standardisation=reader.durations(
            "people.remind_standardisation", [one.text for one in usual.remind_standardisation]
        ),
        record_standardisation_within=reader.duration(
            "people.record_standardisation_within", usual.record_standardisation_within.text
        ),
        minima={one: share for one, share in minima.items() if share},
        yearly=reader.chosen_all("people.yearly", YEARLY, YEARLY),
    )
    for role, least in rules.experience.items():
        if least > len(EXPERIENCE):
            reader.fault(f"people.experience.{role}", f"is {least}", f"at most {len(EXPERIENCE)}, the kinds there are")
    if sum(rules.minima.values()) > 100:
        reader.fault("people.minima", f"come to {sum(rules.minima.values())}", "at most 100 in all")
    return rules
