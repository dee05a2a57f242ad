"""Agreement and changes counted: of which moderations and blind markings, in which period, and beside whom."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.calibration import BlindJudgementRecorded, Calibration
from domain.figures.agreeing import CALIBRATION, MODERATION, agreements, changes
from domain.figures.asked import Asked
from domain.figures.facts import Case, Facts, Marked, Moderated
from tests.domain import given
from tests.domain.counting import ADA, ALL, BEN, LATER, OTHER, case, facts
from tests.domain.given import NOON, SCHEME, text

Levels = Mapping[str, tuple[str, str]]


def moderated(pairs: Levels, id: str = "submission-a", *, by: str = ADA, at: datetime = NOON, **known: Any) -> Case:
    return case(id, moderated=Moderated(assessor=by, at=at, pairs=dict(pairs)), **known)


def agreeing(known: Facts, between: str = MODERATION, asked: Asked = ALL) -> list[tuple[str, str, int, int, int, int]]:
    return [
        (one.scheme, one.criterion, one.cases, one.judgements, one.alike, one.one_apart)
        for one in agreements(known, asked, lambda _: SCHEME.scale)
        if one.between == between
    ]


def test_agreement_is_over_all_criteria_and_of_each_that_was_judged():
    known = facts(
        moderated({"1.1": ("low", "middle"), "1.2": ("high", "high")}),
        moderated({"1.2": ("low", "high")}, "submission-b"),
        moderated({}, "submission-c"),
    )

    assert agreeing(known) == [
        (SCHEME.ref, "", 2, 3, 1, 1),
        (SCHEME.ref, "1.1", 1, 1, 0, 1),
        (SCHEME.ref, "1.2", 2, 2, 1, 0),
    ]
    assert agreeing(facts(moderated({}))) == []


def test_a_moderation_counts_in_the_period_of_its_decision_and_of_the_scheme_asked_about():
    known = facts(moderated({"1.1": ("low", "low")}, at=LATER), case("submission-b"))

    for asked, found in (({}, 1), ({"ends": LATER}, 0), ({"begins": LATER}, 1), ({"scheme": "other-mark"}, 0)):
        assert len(list(changes(known, Asked(**asked)))) == found
        assert len(agreeing(known, asked=Asked(**asked))) == 2 * found


def test_what_was_changed_is_a_share_of_what_was_judged_beside_that_of_all_others():
    known = facts(
        moderated({"1.1": ("low", "middle"), "1.2": ("high", "high")}),
        moderated({"1.1": ("low", "low"), "1.2": ("high", "low"), "2.1": ("low", "middle")}, "submission-b", by=BEN),
        moderated({"1.1": ("low", "high")}, "submission-c", scheme=OTHER),
        moderated({}, "submission-d", by="person-cy"),
    )

    other, ada, ben = changes(known, ALL)

    assert (ada.assessor, ada.cases, ada.judgements, ada.changed, ada.share, ada.rest) == (ADA, 1, 2, 1, 0.5, 2 / 3)
    assert (ben.assessor, ben.judgements, ben.changed, ben.rest) == (BEN, 3, 2, 0.5)
    assert (other.scheme, other.assessor, other.changed, other.rest) == ("other-mark", ADA, 1, None)


def blind(level: str = "low", *, completed_at: datetime | None = NOON, scale: tuple[str, ...] = SCHEME.scale) -> Marked:
    """A blind marking of one criterion."""
    judged = BlindJudgementRecorded(criterion="1.1", level=level, rationale=text("so"), cites=())
    held = Calibration(submission="submission-a", scale=scale, judgements={"1.1": judged}, completed=True)
    return Marked(held=held, completed_at=completed_at)


def twice(marked: Marked, asked: Asked = ALL, **known: Any) -> list[int]:
    """How many judgements were compared, over all and of each criterion."""
    first = case("submission-a", **{"held": given.assessed(), "assessed_at": NOON, **known})
    found = agreeing(facts(first, markings={"submission-a": marked, "submission-gone": marked}), CALIBRATION, asked)
    return [judgements for _, _, _, judgements, _, _ in found]


def test_what_was_marked_twice_is_compared_once_both_are_done():
    assert twice(blind()) == [1, 1]
    assert twice(blind(completed_at=None)) == []
    assert twice(blind(), assessed_at=None) == []
    assert twice(blind(), held=replace(given.assessed(), assessed=False)) == []
    assert twice(blind(), Asked(scheme="other-mark")) == []


def test_it_counts_from_the_later_of_the_two():
    for asked, found in ((Asked(ends=LATER), []), (Asked(begins=LATER), [1, 1])):
        assert twice(blind(completed_at=LATER), asked) == found
        assert twice(blind(), asked, assessed_at=LATER) == found
