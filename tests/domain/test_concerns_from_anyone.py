"""A concern is raised by anyone, of a stated kind, anonymous too; who left an address is told what came of it."""

from typing import Any

import pytest

from domain.accreditation import Accreditation, ConcernAnswered, concerns, due_next
from domain.accreditation.remedy import replace_review
from domain.clocks import Due, Duration
from domain.person import Person
from tests.domain.awards import EVE, RAY, after, awarded, concerned
from tests.domain.competent import asking, trained
from tests.domain.given import DAY, NOON, SCHEME, SECOND, conflicted, member, refused, text

CONCERN, TOLD = "concern-a", text("It was looked into")
NAME = f"answer-concern-within:{CONCERN}"
TEN_DAYS = Duration.parse("10 working days")
OFFICER = member("olga", "officer")


def public(award: Accreditation | None = None, **said: Any) -> Accreditation:
    award = award or awarded()
    whole = {"id": CONCERN, "raised_by": None, "text": text("A fake badge"), "from_public": True}
    return after(award, concerns.raise_concern(award, **whole | {"scheme": SCHEME, "at": NOON} | said))


def concluded(award: Accreditation, finding: str = "no_action") -> Accreditation:
    """Reviewed by Ray, who comes to this finding."""
    opening: dict[str, Any] = {"reviewer": RAY, "took_part": (), "scheme": SCHEME, "at": NOON}
    award = after(award, concerns.open_review(award, concern=CONCERN, **opening))
    said: dict[str, Any] = {"by": RAY, "finding": finding, "reason": text("So"), "scheme": SCHEME, "at": NOON}
    return after(award, concerns.conclude_review(award, concern=CONCERN, **said))


def answering(award: Accreditation, by: Person = RAY) -> list[Any]:
    return concerns.answer_concern(award, at=NOON, concern=CONCERN, by=by, text=TOLD)


@pytest.mark.parametrize("kind", concerns.KINDS)
def test_a_concern_is_of_a_stated_kind(kind: str):
    assert public(kind=kind).concerns[CONCERN].kind == kind


def test_a_kind_that_there_is_not_is_refused():
    with refused("concern-kinds", field="kind"):
        public(kind="envy")


def test_who_raised_or_entered_a_concern_is_a_party_to_it_and_nobody_where_it_came_from_outside():
    assert public(raised_by=EVE.id).parties == {EVE.id}
    assert public(entered_by=OFFICER.id).parties == {OFFICER.id}
    assert public().parties == frozenset()


def test_what_the_public_said_counts_as_said_for_a_day():
    award = public()

    assert concerns.said_lately(award, at=NOON + DAY - SECOND) == [text("A fake badge")]
    assert concerns.said_lately(award, at=NOON + DAY) == []
    assert concerns.said_lately(public(from_public=False), at=NOON) == []


def test_who_left_an_address_is_told_once_a_conclusion_by_the_reviewer_or_an_officer():
    award = concluded(public(reachable=True))

    for by in (RAY, OFFICER):
        assert answering(award, by) == [ConcernAnswered(concern=CONCERN, text=TOLD, ends=(NAME,))]
    told = after(award, answering(award))
    assert answering(told) == []
    with refused("concern-answered", field="concern"):
        concerns.answer_concern(told, at=NOON, concern=CONCERN, by=OFFICER, text=text("Another"))
    with refused("concern-answer-by", field="actor"):
        answering(award, member("mia", "moderator"))


def test_whoever_can_be_reached_is_to_be_told_in_time_and_nobody_else():
    for award in (concluded(public(reachable=True)), concluded(concerned(by=EVE.id))):
        task = award.tasks.running[NAME]
        assert (task.who, task.told, task.due_at) == ("officer", "quality-manager", SCHEME.calendar.due(NOON, TEN_DAYS))
        assert due_next(award, at=NOON) == Due(step="remind_task", at=task.remind_at[0])
        assert after(award, answering(award)).tasks.running == {}
    silent = concluded(public(reachable=False))
    assert silent.tasks.running == {}


def test_what_is_reviewed_again_is_to_be_told_once_that_is_concluded():
    award = concluded(public(reachable=True), "suspend")
    opening: dict[str, Any] = {"reviewer": RAY, "took_part": (), "scheme": SCHEME, "at": NOON}
    again = after(award, concerns.open_review(award, concern=CONCERN, **opening))

    assert again.tasks.running == {}
    assert NAME in concluded(award, "reinstate").tasks.running


def test_a_withdrawal_ends_the_reviews_of_other_concerns_and_they_are_to_be_answered_until_it_is_lifted():
    award = public(public(reachable=True), id="concern-b", reachable=True, text=text("Another"))
    award = public(award, id="concern-c", text=text("A third"))
    gone = concluded(award, "withdraw")
    late = public(gone, id="concern-late", reachable=True)

    assert set(gone.tasks.running) == {NAME, "answer-concern-within:concern-b"}
    assert set(late.tasks.running) == {*gone.tasks.running, "answer-concern-within:concern-late"}
    assert not late.over
    said = {"appeal": "appeal-a", "reason": text("It was not so"), "scheme": SCHEME, "at": NOON + DAY}
    lifted = after(gone, replace_review(gone, concern=CONCERN, **said))
    assert set(lifted.tasks.running) == {NAME}


def test_a_reviewer_has_the_training_that_the_scheme_names_for_it_or_else_that_of_their_role():
    strict, bare = asking('[people.training]\nreviewer = ["bias"]\n'), asking("")
    untrained = Person(id=EVE.id, roles=frozenset({("moderator", None)}), non_disclosure=True)
    opening: dict[str, Any] = {"concern": CONCERN, "took_part": (), "at": NOON}
    award = public()

    with refused("qualified-reviewer", field="reviewer", match="moderating"):
        concerns.open_review(award, reviewer=untrained, scheme=bare, **opening)
    for who in (RAY, EVE):  # an officer, of whom nothing is asked, and a trained moderator
        assert concerns.open_review(award, reviewer=who, scheme=bare, **opening)
        with refused("qualified-reviewer", field="reviewer", match="bias"):
            concerns.open_review(award, reviewer=who, scheme=strict, **opening)
    trained_for = trained(RAY, "bias", expires_in=5 * DAY)
    opened = after(award, concerns.open_review(award, reviewer=trained_for, scheme=strict, **opening))
    said: dict[str, Any] = {"finding": "no_action", "reason": text("So"), "scheme": strict}
    with refused("qualified-reviewer", field="actor"):
        concerns.conclude_review(opened, concern=CONCERN, by=trained_for, at=NOON + 5 * DAY, **said)
    assert concerns.conclude_review(opened, concern=CONCERN, by=trained_for, at=NOON + 5 * DAY - SECOND, **said)


def test_another_conclusion_is_told_again():
    award = concluded(public(reachable=True), "suspend")
    told = after(award, answering(award))
    again = concluded(told, "reinstate")

    assert concerns.answer_concern(again, at=NOON, concern=CONCERN, by=RAY, text=text("Lifted"))


def test_nobody_is_told_where_no_address_was_left():
    with refused("concern-answerable", field="concern"):
        answering(concluded(public(reachable=False)))


def test_who_is_known_is_told_without_leaving_an_address():
    assert answering(concluded(concerned(by=EVE.id)))


def test_nobody_is_told_before_it_is_concluded():
    for award in (public(reachable=True), concerned(by=EVE.id)):
        with refused("concern-concluded-first", field="concern"):
            answering(award, OFFICER)


def test_while_it_is_reviewed_again_nobody_is_told():
    award = concluded(public(reachable=True), "suspend")
    opening: dict[str, Any] = {"reviewer": RAY, "took_part": (), "scheme": SCHEME, "at": NOON}
    with refused("concern-concluded-first"):
        answering(after(award, concerns.open_review(award, concern=CONCERN, **opening)))


def test_what_is_not_reviewed_any_more_is_answered():
    other = concluded(public(reachable=True), "withdraw")
    late = public(other, id="concern-late", reachable=True)

    assert concerns.answer_concern(late, at=NOON, concern="concern-late", by=OFFICER, text=TOLD)


def test_who_raised_it_or_has_a_conflict_tells_nobody():
    award = concluded(concerned(by=EVE.id))
    raiser = award.concerns[CONCERN].raised_by

    with refused("raiser-never-decides"):
        answering(award, Person(id=raiser or "", roles=frozenset({("officer", None)})))
    with refused("conflict-of-interest"):
        answering(award, conflicted(OFFICER))
    assert concerned(by=EVE.id).concerns[CONCERN].raised_by == EVE.id
    with refused("known-concern", field="concern"):
        concerns.answer_concern(award, at=NOON, concern="concern-none", by=RAY, text=TOLD)
