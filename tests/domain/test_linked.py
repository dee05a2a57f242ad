"""Two accounts of one human: all history counts for the one that goes on, and the other is given nothing more."""

from dataclasses import replace

import pytest

from domain import conflicts, linking
from domain import person as people
from domain.accreditation import concerns
from domain.assignment import choose_assessor
from domain.conflicts import NOTED
from domain.linked import AccountClosed, AccountsLinked, Counted, Declared, Linked, require_open
from domain.person import Person, evolve
from domain.submission import items, moderation
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
    assessed,
    conflicted,
    fold,
    refused,
    text,
)

WHY = text("the same human")


def linked(keeper: Person, other: Person) -> Person:
    """The account that goes on, once it is linked with the other."""
    return fold(evolve, keeper, linking.link(keeper, other, reason=WHY))


def closed(other: Person, goes_on: Person) -> Person:
    return fold(evolve, other, linking.close(other, goes_on=goes_on.id))


def test_the_account_that_goes_on_has_what_the_other_declared_what_is_known_of_it_and_what_it_did():
    keeper = conflicted(MIA, "provider-own")
    keeper = replace(keeper, round_work={"window-a": 1})
    other = conflicted(NIK)
    fact = conflicts.record_fact(
        other.ties, kind="family", provider="provider-x", from_at=NOON, until_at=None, source=NOTED, at=NOON
    )
    other = replace(fold(evolve, other, fact), round_work={"window-a": 2, "window-b": 1, "window-c": 0})

    [event] = linking.link(keeper, other, reason=WHY)
    after = evolve(keeper, event)

    assert event == AccountsLinked(
        aliases=(NIK.id,),
        reason=WHY,
        declared=(Declared(provider=PROVIDER, kind="advised"),),
        facts=tuple(fact),  # type: ignore[arg-type] - the one event is the fact
        counted=(Counted(window="window-a", work=2), Counted(window="window-b", work=1)),
    )
    assert after.conflicts == {PROVIDER, "provider-own", "provider-x"}
    assert after.round_work == {"window-a": 3, "window-b": 1}
    assert after.ids == {MIA.id, NIK.id}
    assert after.roles == MIA.roles


def test_facts_are_numbered_anew_behind_those_there_are():
    said = {"kind": "family", "from_at": NOON, "until_at": None, "source": NOTED, "at": NOON}
    keeper = fold(evolve, MIA, conflicts.record_fact(MIA.ties, provider="provider-k", **said))
    other = fold(evolve, NIK, conflicts.record_fact(NIK.ties, provider="provider-o", **said))

    after = linked(keeper, other)

    assert {number: one.provider for number, one in after.ties.facts.items()} == {1: "provider-k", 2: "provider-o"}
    assert after.ties.last == 2


def test_aliases_of_the_other_account_come_with_it():
    assert linked(MIA, linked(NIK, BEN)).ids == {MIA.id, NIK.id, BEN.id}


def test_an_account_is_linked_once_and_not_with_itself_nor_with_nobody():
    other = closed(NIK, MIA)

    assert linking.link(MIA, other, reason=WHY) == []
    assert linking.close(other, goes_on=MIA.id) == []
    assert linking.close(NIK, goes_on=MIA.id) == [AccountClosed(goes_on=MIA.id)]
    with refused("account-closed", field="other", match=MIA.id):
        linking.link(BEN, other, reason=WHY)
    with refused("account-closed", field="goes_on"):
        linking.link(other, BEN, reason=WHY)
    with refused("two-accounts", field="other"):
        linking.link(MIA, MIA, reason=WHY)
    for pair in ((MIA, Person()), (Person(), MIA)):
        with refused("known-person", field="id"):
            linking.link(*pair, reason=WHY)


def test_a_closed_account_is_given_neither_role_nor_training():
    other = closed(NIK, MIA)

    with refused("account-closed", field="id"):
        people.give_role(other, role="chair", scheme=SCHEME.id, at=NOON)
    with refused("account-closed", field="id"):
        people.complete_training(other, kind="chairing", scheme=SCHEME.id, expires_at=NOON + DAY, at=NOON)
    require_open(Linked())


# Every comparison of a person with the people in a case is by all their accounts


def test_who_assessed_under_another_account_is_on_no_panel_and_leads_none():
    case, both = assessed(by=ADA), linked(CHAIR, ADA)

    assert moderation.may_moderate(case, CHAIR, SCHEME, NOON)
    assert not moderation.may_moderate(case, both, SCHEME, NOON)
    with refused("assessor-never-moderates", field="actor"):
        moderation.require_chair(case, both, both.id, SCHEME, NOON)


@pytest.mark.parametrize("field", ["former_assessors", "calibrators"])
def test_so_do_those_who_had_it_before_or_marked_it_blind(field: str):
    case = replace(assessed(by=ADA), **{field: frozenset({BEN.id})})

    assert not moderation.may_moderate(case, linked(CHAIR, BEN), SCHEME, NOON)
    with refused("assessor-never-moderates"):
        moderation.require_no_part(case, linked(CHAIR, BEN), "chair")


def test_who_had_a_part_under_another_account_moderates_nothing_alone():
    case = replace(assessed(by=ADA), advisers=frozenset({BEN.id}))
    said = {"scheme": SCHEME, "at": NOON}

    items.require_independent(case, MIA, had_part=(), **said)
    for had_part, both in (((), linked(MIA, BEN)), ((NIK.id,), linked(MIA, NIK))):
        with refused("independent-person", field="actor"):
            items.require_independent(case, both, had_part=had_part, **said)


def test_who_had_the_case_or_assessed_it_last_time_under_another_account_is_not_chosen():
    both = linked(ADA, NIK)
    said = {
        "scheme": SCHEME,
        "submission": CASE,
        "provider": PROVIDER,
        "subject": "science",
        "phase": "primary",
        "window": "window-a",
        "at": NOON,
    }

    for excluded, before in ((frozenset({NIK.id}), frozenset()), (frozenset(), frozenset({NIK.id}))):
        chosen, considered = choose_assessor([both], **said, excluded=excluded, before=before)
        assert chosen is None
        assert considered[0].verdict != "eligible"
    assert choose_assessor([both], **said, excluded=frozenset({BEN.id}))[0] is both


def test_who_raised_or_entered_a_concern_under_another_account_does_not_review_it():
    from tests.domain.awards import awarded

    for raised_by, entered_by in ((NIK.id, None), (None, NIK.id)):
        award = awarded()
        raised = concerns.raise_concern(
            award,
            id="concern-a",
            raised_by=raised_by,
            entered_by=entered_by,
            text=text("they say more"),
            scheme=SCHEME,
            at=NOON,
        )
        from domain.accreditation.state import evolve as turn

        award = fold(turn, award, raised)
        said = {"concern": "concern-a", "took_part": (), "scheme": SCHEME, "at": NOON}
        with refused("raiser-never-decides", field="reviewer"):
            concerns.open_review(award, reviewer=linked(MIA, NIK), **said)
        with refused("assessor-never-reviews", field="reviewer"):
            concerns.open_review(award, reviewer=linked(MIA, BEN), **{**said, "took_part": (BEN.id,)})
        assert concerns.open_review(award, reviewer=MIA, **said)
