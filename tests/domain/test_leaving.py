"""Who has a conflict leaves an item at once: it goes on with the others, goes to another chair, or is adjourned."""

from dataclasses import replace

import pytest

from domain.accreditation import concerns
from domain.accreditation.events import ReviewerRelieved
from domain.clocks import Deadline
from domain.submission import items, moderation
from domain.submission.events import ItemAdjourned, ItemHandedOver
from domain.submission.leaving import leave_agenda, leave_item
from domain.submission.side_events import MemberRelieved
from domain.submission.state import Stage, Submission
from tests.domain import given
from tests.domain.awards import in_review
from tests.domain.given import (
    ADA,
    CHAIR,
    DAY,
    MEETING,
    MIA,
    NIK,
    NOON,
    PANEL,
    SCHEME,
    after,
    conflicted,
    member,
    refused,
    scheduled,
)

AT = NOON + 46 * DAY
SECOND, THIRD = member("second", "chair"), member("third", "moderator")
FOUR = (*PANEL, THIRD)
WITH_CHAIR = (*PANEL, SECOND)


def before(panel: tuple[given.Person, ...], case: Submission | None = None) -> Submission:
    """A case before this panel."""
    meeting = given.opened(scheduled(panel=panel))
    case = case or given.assessed()
    said = {"by": CHAIR, "panel": panel, "scheme": SCHEME, "at": NOON + 45 * DAY}
    return after(case, moderation.start(case, meeting=meeting, **said))


def leave(case: Submission, person: given.Person, panel: tuple[given.Person, ...], **said: object) -> list[object]:
    now = tuple(conflicted(one) if one is person else one for one in panel)
    return list(leave_item(case, person=person.id, panel=now, **{"scheme": SCHEME, "at": AT, **said}))  # type: ignore[arg-type]


def test_a_member_leaves_and_the_item_goes_on_with_a_quorum():
    case = before(FOUR)

    left = leave(case, MIA, FOUR)
    held = after(case, left)

    assert left == [MemberRelieved(member=MIA.id, because="conflict")]
    assert held.moderation
    assert MIA.id not in held.moderation.panel
    assert held.moderation.chair == CHAIR.id
    assert leave(held, MIA, FOUR) == []


@pytest.mark.parametrize("person", [MIA, CHAIR], ids=["member", "chair"])
def test_without_a_quorum_or_a_chair_it_is_adjourned_for_the_time_that_moderation_has(person: given.Person):
    case = before(PANEL)

    [adjourned] = leave(case, person, PANEL)

    clock = SCHEME.deadline("moderate_within", AT)
    assert adjourned == ItemAdjourned(meeting=MEETING, reason=None, clock=clock, because="conflict")
    assert after(case, [adjourned]).stage is Stage.AWAITING_MODERATION


def test_others_who_may_not_take_part_any_more_are_no_quorum():
    case = before(FOUR)
    ill = replace(THIRD, roles=frozenset())

    [adjourned] = leave(case, MIA, (*PANEL, ill))

    assert isinstance(adjourned, ItemAdjourned)


def test_a_chairs_item_goes_to_the_first_of_its_panel_who_may_chair():
    case = before((*WITH_CHAIR, THIRD))

    left = leave(case, CHAIR, (*WITH_CHAIR, THIRD))

    assert left == [
        MemberRelieved(member=CHAIR.id, because="conflict"),
        ItemHandedOver(chair=SECOND.id, reason=None, because="conflict"),
    ]
    held = after(case, left).moderation
    assert held
    assert (held.chair, CHAIR.id in held.panel) == (SECOND.id, False)


@pytest.mark.parametrize(
    "other",
    [
        replace(SECOND, training={("moderating", SCHEME.id): NOON + 999 * DAY}),
        replace(SECOND, roles=frozenset({("moderator", SCHEME.id)})),
        conflicted(SECOND),
    ],
    ids=["not trained to chair", "no chair", "with a conflict"],
)
def test_nobody_leads_an_item_who_may_not(other: given.Person):
    case = before((*WITH_CHAIR, THIRD))

    [adjourned] = leave(case, CHAIR, (*PANEL, other, THIRD))

    assert isinstance(adjourned, ItemAdjourned)


def test_who_is_not_on_the_item_leaves_nothing():
    assert leave(before(PANEL), ADA, PANEL) == []
    assert leave(given.assessed(), CHAIR, PANEL) == []
    stopped = replace(before(PANEL), stage=Stage.INELIGIBLE)
    assert leave(stopped, CHAIR, PANEL) == []


@pytest.mark.parametrize("stage", ["asked", "decided"])
def test_where_there_is_no_quorum_to_keep_the_chair_leaves_and_an_officer_hands_it_over(stage: str):
    case = given.STAGES[stage]()
    here = given.PANEL

    left = leave(case, CHAIR, here)
    held = after(case, left)

    assert left == [MemberRelieved(member=CHAIR.id, because="conflict")]
    assert held.moderation
    assert held.moderation.chair == ""
    assert held.stage is case.stage
    with refused("meeting-chair", field="actor"):
        moderation.require_chair(held, SECOND, held.moderation.chair, SCHEME, AT)
    why = given.text("a conflict")
    assert items.hand_over(held, to=SECOND, had_part=(), reason=why, scheme=SCHEME, at=AT)


def test_what_was_released_stays_as_it_was():
    released = given.STAGES["released"]()

    assert leave(released, CHAIR, PANEL) == []
    assert released.over


def test_who_moderates_alone_lets_it_go():
    alone = given.scheme(moderation_form=moderation.ALONE, quorum=1)
    case = given.assessed()
    case = after(case, items.take_up_alone(case, by=MIA, had_part=(), scheme=alone, at=AT))

    [adjourned] = leave(case, MIA, (MIA,), scheme=alone)

    assert isinstance(adjourned, ItemAdjourned)
    assert (adjourned.meeting, adjourned.because) == ("", "conflict")


def listed(panel: tuple[given.Person, ...]) -> Submission:
    case = given.assessed()
    return after(case, items.list_for(case, meeting=MEETING, scheme=SCHEME))


def leave_listed(case: Submission, person: given.Person, panel: tuple[given.Person, ...]) -> list[object]:
    now = tuple(conflicted(one) if one is person else one for one in panel)
    meeting = scheduled(panel=panel)
    return list(leave_agenda(case, meeting=meeting, person=person.id, panel=now, scheme=SCHEME, at=AT))


def test_an_item_is_only_freed_from_an_agenda_without_its_chair_or_its_quorum():
    case = listed(FOUR)

    assert leave_listed(case, MIA, FOUR) == []
    assert leave_listed(case, ADA, FOUR) == []
    for person, panel in ((CHAIR, FOUR), (NIK, PANEL)):
        [adjourned] = leave_listed(case, person, panel)
        assert isinstance(adjourned, ItemAdjourned)
        assert (adjourned.clock, adjourned.because) == (case.clock, "conflict")
        assert after(case, [adjourned]).listed is None
    assert leave_listed(given.assessed(), CHAIR, FOUR) == []
    assert leave_listed(replace(case, listed="meeting-other"), CHAIR, FOUR) == []
    assert leave_listed(replace(case, stage=Stage.WITHDRAWN), CHAIR, FOUR) == []


def test_whoever_may_not_take_part_any_more_is_no_quorum_of_an_agenda_either():
    no_moderator = replace(THIRD, roles=frozenset())

    [adjourned] = leave_listed(listed(FOUR), MIA, (*PANEL, no_moderator))

    assert isinstance(adjourned, ItemAdjourned)


def test_a_reviewer_hands_each_of_their_concerns_back_to_be_taken_up_in_time():
    award = in_review()
    [concern] = award.concerns.values()
    assert concern.reviewer

    [relieved] = concerns.hand_back(award, person=concern.reviewer, scheme=SCHEME, at=AT)

    due_at = SCHEME.calendar.due(AT, SCHEME.concern_taken_up)
    clock = Deadline(rule=concerns.TAKE_UP, due_at=due_at)
    assert relieved == ReviewerRelieved(concern=concern.id, reviewer=concern.reviewer, because="conflict", clock=clock)
    assert concerns.hand_back(award, person=ADA.id, scheme=SCHEME, at=AT) == []
