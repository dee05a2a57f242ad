"""What a scheme asks of its people is asked when work is given and done; what was seen of each is kept with the work."""

from dataclasses import replace
from typing import Any

import pytest

from domain import calibration
from domain import person as people
from domain.assignment import choose_assessor
from domain.competence import AbsencePlanned, CapacityLimited
from domain.person import Person, RoleEnded, RoleGiven, WorkTaken
from domain.qualification import (
    Qualified,
    Seated,
    Trained,
    capacity_of,
    kinds_asked,
    lacks,
    qualified,
    require_experience,
    require_qualified,
    require_trained,
)
from domain.submission import assessment, items, moderation
from tests.domain import given
from tests.domain.competent import STRICT, TRAINED, asking, competent, standardised, stating, trained
from tests.domain.given import (
    ADA,
    BEN,
    CASE,
    CHAIR,
    DAY,
    MIA,
    NIK,
    NOON,
    PROVIDER,
    SCHEME,
    SECOND,
    WINDOW,
    conflicted,
    fold,
    member,
    refused,
)

READY = competent("ada", "assessor")


def choose(*pool: Person, scheme: Any = STRICT, at: Any = NOON) -> Any:
    said = {"submission": CASE, "provider": PROVIDER, "subject": "science", "phase": "primary", "window": WINDOW}
    return choose_assessor(pool, scheme=scheme, **said, excluded=frozenset(), at=at)  # type: ignore[arg-type]


def after(person: Person, *events: Any) -> Person:
    return fold(people.evolve, person, events)


def test_who_has_all_that_is_asked_is_chosen():
    assert choose(READY)[0] is READY
    assert lacks(READY, "assessor", STRICT, at=NOON) == ""


@pytest.mark.parametrize(
    ("person", "why_not"),
    [
        (
            standardised(stating(ADA, "experience", "led", "delivered")),
            "no valid training for this scheme: criteria, bias",
        ),
        (competent("ada", "assessor", "criteria"), "no valid training for this scheme: bias"),
        (trained(READY, "bias", expires_in=0 * DAY), "no valid training for this scheme: bias"),
        (stating(trained(ADA, "criteria", "bias"), "experience", "led"), "no standardisation attended in time"),
        (standardised(trained(ADA, "criteria", "bias")), "too few kinds of verified experience"),
        (
            stating(standardised(trained(ADA, "criteria", "bias")), "experience", "led"),
            "too few kinds of verified experience",
        ),
        (
            stating(standardised(trained(ADA, "criteria", "bias")), "experience", "led", "delivered", verified=False),
            "too few kinds of verified experience",
        ),
    ],
)
def test_the_verdict_says_what_somebody_lacks(person: Person, why_not: str):
    chosen, [seen] = choose(person)

    assert chosen is None
    assert seen.verdict == why_not


def test_training_for_another_scheme_is_none_for_this_one():
    other = after(
        ADA,
        *(
            people.TrainingCompleted(kind=kind, scheme="other-mark", expires_at=NOON + DAY)
            for kind in ("criteria", "bias")
        ),
    )

    assert choose(other)[1][0].verdict == "no valid training for this scheme: criteria, bias"


def test_a_complaints_handler_has_the_training_that_the_scheme_names_while_it_is_valid():
    strict, hal = asking('[people.training]\ncomplaints-handler = ["bias"]\n'), member("hal", "complaints-handler")
    handler = trained(hal, "bias", expires_in=5 * DAY)

    require_trained(hal, "complaints-handler", SCHEME, at=NOON)
    require_trained(handler, "complaints-handler", strict, at=NOON)
    for who, at in ((hal, NOON), (handler, NOON + 5 * DAY)):
        with refused("trained-complaints-handler", field="actor", match="bias"):
            require_trained(who, "complaints-handler", strict, at=at)


def test_a_standardisation_counts_for_as_long_as_the_scheme_says_to_the_second():
    held = standardised(trained(stating(ADA, "experience", "led", "delivered"), "criteria", "bias"), ago=30 * DAY)
    ends_at = STRICT.calendar.after(NOON - 30 * DAY, STRICT.assurance.people.standardised_within)  # type: ignore[arg-type]

    assert lacks(held, "assessor", STRICT, at=ends_at - SECOND) == ""
    assert lacks(held, "assessor", STRICT, at=ends_at) == "no standardisation attended in time"
    elsewhere = standardised(
        trained(stating(ADA, "experience", "led", "delivered"), "criteria", "bias"), scheme="other"
    )
    assert lacks(elsewhere, "assessor", STRICT, at=NOON) == "no standardisation attended in time"


def test_a_scheme_that_asks_for_nothing_more_asks_for_what_every_scheme_does():
    assert lacks(ADA, "assessor", SCHEME, at=NOON) == ""
    assert lacks(CHAIR, "moderator", SCHEME, at=NOON) == ""
    assert lacks(MIA, "chair", SCHEME, at=NOON) == "no valid training for this scheme: chairing"
    assert lacks(ADA, "moderator", SCHEME, at=NOON) == "no valid training for this scheme: moderating"
    assert lacks(ADA, "appeals-panel", SCHEME, at=NOON) == "no valid training for this scheme: appeals"
    assert kinds_asked("assessor", SCHEME) == ()


def test_who_is_away_or_has_as_much_as_they_take_is_passed_over():
    away = after(ADA, AbsencePlanned(starts_at=NOON, ends_at=NOON + DAY))
    few = after(ADA, CapacityLimited(scheme=SCHEME.id, most=1), WorkTaken(submission="submission-b", window=WINDOW))

    assert choose(away, scheme=SCHEME)[1][0].verdict == "not available"
    assert choose(away, scheme=SCHEME, at=NOON + DAY)[0] is away
    assert choose(few, scheme=SCHEME)[1][0].verdict == "no capacity left in this round"
    assert capacity_of(few, SCHEME) == 1
    assert capacity_of(ADA, SCHEME) == SCHEME.assessor_capacity
    elsewhere = after(ADA, CapacityLimited(scheme="other-mark", most=1))
    assert capacity_of(elsewhere, SCHEME) == SCHEME.assessor_capacity
    shrunk = replace(STRICT, assessor_capacity=1)
    more = after(ADA, CapacityLimited(scheme=SCHEME.id, most=2))
    assert capacity_of(more, shrunk) == 1  # whatever they said under an earlier version


def test_an_appointment_that_ended_is_none_when_work_is_given():
    ends = RoleGiven(role="assessor", scheme=SCHEME.id, ends_at=NOON + DAY)

    assert choose(after(ADA, ends), scheme=SCHEME)[0] is not None
    assert choose(after(ADA, ends), scheme=SCHEME, at=NOON + DAY)[1][0].verdict == "not authorised for this scheme"


def test_what_the_rule_saw_is_kept_of_everyone_it_looked_at():
    busy = after(
        READY,
        RoleGiven(role="assessor", scheme=SCHEME.id, ends_at=NOON + 90 * DAY),
        CapacityLimited(scheme=SCHEME.id, most=1),
    )
    busy = stating(busy, "background", "teacher")
    untrained = standardised(stating(BEN, "experience", "led"))

    _, considered = choose(busy, untrained)
    seen = {one.person: one for one in considered}

    assert seen[ADA.id].verdict == "chosen"
    assert seen[ADA.id].qualified == Qualified(
        training=(
            Trained(kind="assessing", expires_at=NOON + 3650 * DAY),
            Trained(kind="criteria", expires_at=NOON + 900 * DAY),
            Trained(kind="bias", expires_at=NOON + 900 * DAY),
        ),
        standardised_at=NOON - 30 * DAY,
        experience=("led", "delivered"),
        background=("teacher",),
        term_ends_at=NOON + 90 * DAY,
        used=0,
        allowed=1,
    )
    assert seen[BEN.id].qualified == Qualified(
        training=(Trained(kind="assessing", expires_at=NOON + 3650 * DAY),),
        standardised_at=NOON - 30 * DAY,
        experience=("led",),
        used=0,
        allowed=SCHEME.assessor_capacity,
    )


def test_the_assignment_and_the_blind_marking_keep_it():
    case = given.in_assessment()
    [assigned], _ = assessment.assign(case, scheme=STRICT, assessors=[READY, BEN], at=NOON)
    everything = given.after(case, [assigned])
    sample = replace(STRICT, calibration_percent=100)
    second = competent("cleo", "assessor")
    blind, _ = calibration.assign(
        calibration.Calibration(),
        id="calibration-a",
        case=everything,
        scheme=sample,
        assessors=[READY, second],
        at=NOON,
    )

    kept = assigned.considered + blind[0].considered  # type: ignore[union-attr]
    assert [one.qualified is not None for one in kept] == [True] * 4
    assert [one.person for one in kept if one.verdict == "chosen"] == [READY.id, second.id]


def test_what_expired_since_work_was_given_stops_the_work():
    soon = trained(READY, "bias", expires_in=DAY)

    require_qualified(soon, "assessor", STRICT, at=NOON + DAY - SECOND)
    with refused("qualified-assessor", field="actor", match="bias"):
        require_qualified(soon, "assessor", STRICT, at=NOON + DAY)
    with refused("qualified-appeals-panel", field="members", match="appeals"):
        require_qualified(soon, "appeals-panel", STRICT, at=NOON, field="members")


def test_who_is_appointed_has_the_experience_that_the_scheme_selects_on():
    assert STRICT.assurance.people.experience == {"assessor": 2, "chair": 1}
    require_experience(READY, "assessor", STRICT)
    require_experience(BEN, "moderator", STRICT)
    require_experience(stating(BEN, "experience", "led"), "chair", STRICT)
    for person in (
        BEN,
        stating(BEN, "experience", "led"),
        stating(BEN, "experience", "led", "delivered", verified=False),
    ):
        with refused("selection-on-experience", field="role", match="2 kinds of experience"):
            require_experience(person, "assessor", STRICT)


def test_a_chair_is_seen_in_the_role_that_they_have_on_the_item():
    chair = trained(CHAIR, "bias", "exemplars")

    assert [one.kind for one in qualified(chair, "chair", TRAINED, at=NOON).training] == ["chairing", "exemplars"]
    assert [one.kind for one in qualified(chair, "moderator", TRAINED, at=NOON).training] == ["chairing", "bias"]


LEADS = trained(CHAIR, "bias", "exemplars")
MEMBERS = tuple(trained(one, "bias") for one in (MIA, NIK))
OLD = NOON + 45 * DAY


def start(*panel: Person, by: Person = LEADS, present: Any = None, scheme: Any = TRAINED, at: Any = OLD) -> Any:
    meeting = given.opened(given.scheduled(chair=by, panel=panel), present=present)
    return moderation.start(given.assessed(), meeting=meeting, by=by, panel=panel, scheme=scheme, at=at)


def test_an_item_keeps_what_made_each_eligible_and_who_was_left_out_and_why():
    untrained, foe = member("una", "moderator"), conflicted(trained(member("fay", "moderator"), "bias"))
    away, artist = trained(member("abe", "moderator"), "bias"), trained(member("art", "moderator", subjects=()), "bias")
    panel = (LEADS, *MEMBERS, untrained, foe, away, artist, trained(ADA, "bias"))

    [started] = start(*panel, present=[one.id for one in panel if one is not away])

    seen = {one.person: one for one in started.seen}
    assert started.panel == (LEADS.id, *(one.id for one in MEMBERS), artist.id)
    assert {one: seat.verdict for one, seat in seen.items()} == {
        **dict.fromkeys(started.panel, "seated"),
        untrained.id: "no valid training for this scheme: bias",
        foe.id: "conflict with the provider",
        away.id: "not present",
        ADA.id: "not authorised for this scheme",
    }
    assert seen[artist.id].expert is False
    assert seen[LEADS.id] == Seated(
        person=LEADS.id, verdict="seated", expert=True, qualified=qualified(LEADS, "chair", TRAINED, at=OLD)
    )
    assert [one.kind for one in seen[MIA.id].qualified.training] == ["moderating", "bias"]


def test_an_assessor_of_the_case_is_left_out_of_its_item_and_that_is_kept():
    both = after(trained(ADA, "bias", "moderating"), RoleGiven(role="moderator", scheme=SCHEME.id))

    [started] = start(LEADS, *MEMBERS, both)

    [seen] = [one for one in started.seen if one.person == ADA.id]
    assert seen.verdict == "assessed this case"
    assert ADA.id not in started.panel


def test_who_leads_alone_is_kept_as_the_moderator_they_are():
    alone = asking('[people.training]\nmoderator = ["bias"]\n')
    alone = replace(alone, moderation_form="independent", quorum=1)

    with refused("trained-moderator", field="actor", match="bias"):
        items.take_up_alone(given.assessed(), by=MIA, had_part=(), scheme=alone, at=OLD)
    [started] = items.take_up_alone(given.assessed(), by=MEMBERS[0], had_part=(), scheme=alone, at=OLD)
    [seen] = started.seen  # type: ignore[union-attr]
    assert (seen.person, [one.kind for one in seen.qualified.training]) == (MIA.id, ["moderating", "bias"])


def test_a_chair_without_what_is_asked_of_chairs_leads_nothing():
    with refused("trained-chair", field="actor", match="exemplars"):
        start(trained(CHAIR, "bias"), *MEMBERS, by=trained(CHAIR, "bias"))


def test_too_few_with_what_is_asked_of_moderators_are_no_quorum():
    with refused("item-quorum", field="present"):
        start(LEADS, MEMBERS[0], NIK)


def test_a_term_that_ended_between_listing_and_taking_up_leaves_somebody_out():
    ends = after(MEMBERS[1], RoleGiven(role="moderator", scheme=SCHEME.id, ends_at=OLD))

    assert moderation.may_moderate(given.assessed(), ends, TRAINED, OLD - SECOND)
    with refused("item-quorum", field="present"):
        start(LEADS, MEMBERS[0], ends)
    more = trained(member("max", "moderator"), "bias")
    [started] = start(LEADS, MEMBERS[0], ends, more)
    [seen] = [one for one in started.seen if one.person == NIK.id]
    assert seen.verdict == "not authorised for this scheme"


def test_a_role_that_ended_early_leaves_somebody_out_too():
    ended = after(MEMBERS[1], RoleEnded(role="moderator", scheme=SCHEME.id))

    assert moderation.left_out(given.assessed(), ended, TRAINED, OLD) == "not authorised for this scheme"
