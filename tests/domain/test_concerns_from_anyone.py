"""A concern is raised by anyone, of a stated kind, anonymous too; who left an address is told what came of it."""

from typing import Any

import pytest

from domain.accreditation import Accreditation, ConcernAnswered, concerns
from domain.person import Person
from tests.domain.awards import EVE, RAY, after, awarded, concerned
from tests.domain.given import DAY, NOON, SCHEME, SECOND, conflicted, member, refused, text

CONCERN, TOLD = "concern-a", text("It was looked into")
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


def test_what_the_public_said_counts_as_said_for_a_day():
    award = public()

    assert concerns.said_lately(award, at=NOON + DAY - SECOND) == [text("A fake badge")]
    assert concerns.said_lately(award, at=NOON + DAY) == []
    assert concerns.said_lately(public(from_public=False), at=NOON) == []


def test_who_left_an_address_is_told_once_a_conclusion_by_the_reviewer_or_an_officer():
    award = concluded(public(reachable=True))

    for by in (RAY, OFFICER):
        assert answering(award, by) == [ConcernAnswered(concern=CONCERN, text=TOLD)]
    told = after(award, answering(award))
    assert answering(told) == []
    with refused("concern-answered", field="concern"):
        concerns.answer_concern(told, at=NOON, concern=CONCERN, by=OFFICER, text=text("Another"))
    with refused("concern-answer-by", field="actor"):
        answering(award, member("mia", "moderator"))


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
