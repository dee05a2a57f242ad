"""The rules that the whole body is held to can be broken: each finds what is wrong in a record made up for it."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from services.ports import Recorded
from tests.services.whole import rules
from tests.services.whole.record import Said

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADA, BEN, EVA = "person-ada", "person-ben", "person-eva"
CASE, APPEAL, COMPLAINT, LIST = "submission-a", "appeal-a", "complaint-a", "retention-a"

Step = tuple[str, str, str, str, dict[str, Any]]


def made(name: str, **said: Any) -> Any:
    """An event of this name: the rules know events by name and by what they say."""
    return type(name, (SimpleNamespace,), {})(**said)


def recorded(position: int, step: Step) -> Recorded:
    stream, actor, role, name, said = step
    return Recorded(
        position=position,
        stream=stream,
        version=position,
        recorded_at=NOON,
        id=str(position),
        name=name,
        event=made(name, **said),
        at=NOON,
        actor=actor,
        role=role,
        command=f"command-{position}",
        correlation=stream,
        causation=None,
        scheme=None,
    )


def found(*steps: Step) -> list[str]:
    """What is wrong with the last of these steps, by the names of the rules."""
    said = Said()
    log = [recorded(number, step) for number, step in enumerate(steps, 1)]
    for one in log[:-1]:
        said.take([one])
    return [fault.partition(":")[0] for fault in rules.faults(said, log[-1:])]


REGISTERED: Step = (
    CASE,
    "person-contact",
    "provider",
    "ProgrammeRegistered",
    {"provider": "provider-x", "criteria": ("1.1",)},
)
JUDGED: Step = (CASE, ADA, "assessor", "JudgementRecorded", {"criterion": "1.1", "level": "met"})
LODGED: Step = (
    APPEAL, "person-contact", "provider", "AppealLodged", {"case": CASE, "position": 2, "provider": "provider-x"},
)  # fmt: skip
LINKED: Step = (BEN, EVA, "officer", "AccountsLinked", {"aliases": (ADA,), "declared": (), "facts": ()})
CLOSED: Step = (ADA, EVA, "officer", "AccountClosed", {"goes_on": BEN})
ITEM: Step = (CASE, EVA, "chair", "ModerationStarted", {"meeting": "", "chair": EVA, "panel": (EVA, BEN)})
CONFLICT: Step = (BEN, BEN, "officer", "ConflictDeclared", {"provider": "provider-x", "kind": "family"})
PROPOSED: Step = (LIST, EVA, "board", "LettingGoProposed", {"by": EVA, "providers": ()})
COMPLAINED: Step = (
    COMPLAINT, ADA, "assessor", "ComplaintRaised",
    {"provider": None, "raised_by": ADA, "entered_by": None, "people": (BEN,)},
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "steps"),
    [
        (rules.whoever_assessed_never_moderates, (REGISTERED, JUDGED, LINKED, CLOSED, ITEM)),
        (rules.whoever_moderated_never_assesses, (REGISTERED, ITEM, (CASE, BEN, "assessor", *JUDGED[3:]))),
        (rules.no_one_with_a_conflict_acts, (REGISTERED, CONFLICT, (CASE, BEN, "officer", "ScreeningPassed", {}))),
        (
            rules.no_one_with_a_conflict_acts,
            (REGISTERED, CONFLICT, (CASE, CASE, "process", "AssessorAssigned", {"assessor": BEN})),
        ),
        (
            rules.whoever_took_part_never_hears,
            (
                REGISTERED,
                JUDGED,
                LODGED,
                (APPEAL, EVA, "appeals-officer", "PanelNamed", {"chair": EVA, "panel": (ADA, EVA)}),
            ),
        ),
        (
            rules.whoever_took_part_never_hears,
            (REGISTERED, JUDGED, LODGED, (APPEAL, ADA, "officer", "AppealAdmitted", {})),
        ),
        (
            rules.some_of_each_panel_are_from_outside,
            (
                *(
                    (one, "installer", "installer", "RoleGiven", {"role": "board", "scheme": None})
                    for one in (ADA, BEN, EVA)
                ),
                (
                    APPEAL,
                    ADA,
                    "appeals-panel",
                    "AppealDecided",
                    {"chair": ADA, "panel": (ADA, BEN, EVA), "outcome": "dismissed"},
                ),
            ),
        ),
        (
            rules.nobody_excluded_acts,
            (REGISTERED, (CASE, EVA, "appeals-panel", "AssessmentSetAside", {"excluded": (ADA,)}), JUDGED),
        ),
        (
            rules.whoever_raised_it_never_decides,
            (COMPLAINED, (COMPLAINT, BEN, "complaints-handler", "ComplaintAnswered", {"level": 1, "handler": BEN})),
        ),
        (
            rules.nobody_handles_a_complaint_twice,
            (
                COMPLAINED,
                (COMPLAINT, EVA, "complaints-handler", "ComplaintAnswered", {"level": 1, "handler": EVA}),
                (COMPLAINT, EVA, "complaints-handler", "ComplaintAnswered", {"level": 2, "handler": EVA}),
            ),
        ),
        (rules.nobody_does_it_for_themselves, ((ADA, ADA, "officer", "RoleGiven", {"role": "chair", "scheme": None}),)),
        (
            rules.nobody_does_it_for_themselves,
            (
                (ADA, EVA, "officer", "RoleGiven", {"role": "officer", "scheme": None}),
                (APPEAL, ADA, "officer", "TaskMoved", {"sets": (SimpleNamespace(who="officer"),)}),
            ),
        ),
        (rules.nobody_approves_their_own, (PROPOSED, (LIST, EVA, "board", "LettingGoApproved", {"by": EVA}))),
        (
            rules.two_humans_approve,
            (
                PROPOSED,
                (LIST, ADA, "officer", "LettingGoApproved", {"by": ADA}),
                (LIST, BEN, "officer", "LettingGoApproved", {"by": BEN}),
                LINKED,
                CLOSED,
                (LIST, EVA, "board", "RecordsLetGo", {"by": EVA}),
            ),
        ),
        (rules.a_closed_account_never_acts, (REGISTERED, CLOSED, JUDGED)),
        (
            rules.each_outcome_is_what_the_rule_makes_of_the_judgements,
            (
                REGISTERED,
                JUDGED,
                (CASE, EVA, "chair", "DecisionRecorded", {"outcome": "not_awarded", "unmet": ("1.1",)}),
            ),
        ),
        (
            rules.what_is_told_is_what_was_decided,
            (
                REGISTERED,
                JUDGED,
                (CASE, EVA, "chair", "DecisionRecorded", {"outcome": "awarded", "unmet": ()}),
                (CASE, CASE, "process", "ResultReleased", {"outcome": "not_awarded"}),
            ),
        ),
        (rules.linked_accounts_keep_every_conflict, ((ADA, ADA, "assessor", *CONFLICT[3:]), LINKED)),
    ],
)
def test_each_rule_finds_what_breaks_it(rule: Any, steps: tuple[Step, ...]):
    assert rule.__name__ in found(*steps)


def test_what_is_in_order_is_found_to_be():
    decided: Step = (CASE, EVA, "chair", "DecisionRecorded", {"outcome": "awarded", "unmet": ()})
    assert found(REGISTERED, JUDGED, ITEM) == []
    assert found(REGISTERED, JUDGED, ITEM, decided) == []
    assert found(REGISTERED, (CASE, BEN, "officer", "ScreeningPassed", {})) == []
    assert (
        found(
            CONFLICT,
            REGISTERED,
            (BEN, EVA, "officer", "ConflictLifted", CONFLICT[4]),
            (CASE, BEN, "officer", "ScreeningPassed", {}),
        )
        == []
    )


def test_every_rule_is_among_them():
    known = {one.__name__ for one in (*rules.ALWAYS, *rules.EACH)}
    [mark] = test_each_rule_finds_what_breaks_it.pytestmark
    assert known == {rule.__name__ for rule, _ in mark.args[1]}
