"""What is told of an award as it stands: in the domain's own words, from its events alone."""

from datetime import datetime
from functools import reduce

from domain.accreditation import (
    AccreditationLapsed,
    AccreditationReduced,
    AccreditationReinstated,
    AccreditationSuspended,
    AccreditationWithdrawn,
)
from domain.scheme_record import SchemeRecord, SchemeVersionPublished, evolve
from infra.export.standing import standing
from tests.domain.award_remedies import END, LATER, of_levels
from tests.domain.awards import after
from tests.domain.given import DAY

SUSPENDED = AccreditationSuspended(concern="concern-a", suspended_from=LATER)
REINSTATED = AccreditationReinstated(concern="concern-a", reinstated_from=LATER + DAY)
REDUCED = AccreditationReduced(concern="concern-b", level="bronze", scope=None, reduced_from=LATER, lowers=("gold",))
WITHDRAWN = AccreditationWithdrawn(concern="concern-c", withdrawn_from=LATER)


def told(award: object, name: str, at: datetime = LATER) -> object:
    return standing("accreditation", award, at)[name]


def test_a_scheme_is_told_in_its_latest_version():
    published = [SchemeVersionPublished(scheme="cpd-qa", version=one, digest="", source="") for one in (1, 2)]
    states = [reduce(evolve, published[:count], SchemeRecord()) for count in (1, 2)]

    assert [standing("scheme", one, LATER) for one in states] == [{"version": 1}, {"version": 2}]


def test_an_award_is_told_to_be_suspended_and_reinstated():
    suspended = after(of_levels("gold"), [SUSPENDED])

    assert told(of_levels("gold"), "standing") == "accredited"
    assert told(suspended, "standing") == "suspended"
    assert told(after(suspended, [REINSTATED]), "standing", LATER + DAY) == "accredited"


def test_an_award_is_told_at_its_level_and_until_when_it_holds():
    award = of_levels("gold")
    reduced = after(award, [REDUCED])

    assert (told(award, "level"), told(award, "ends_at")) == ("gold", END)
    assert (told(reduced, "level"), told(reduced, "ends_at")) == ("bronze", END)


def test_an_award_that_is_over_is_told_to_be_withdrawn_or_lapsed_and_when_it_ended():
    withdrawn = after(of_levels(), [WITHDRAWN])

    assert (told(withdrawn, "standing"), told(withdrawn, "ends_at")) == ("withdrawn", LATER)
    assert told(after(of_levels(), [AccreditationLapsed(ended_at=END)]), "standing", END) == "lapsed"
