"""A client generated from the API's description does the whole lifecycle, on real servers, with nothing but HTTP and tokens."""

from collections.abc import Iterator

import pytest

from tests.e2e.generated import NotDone, Place, Someone, installed
from tests.e2e.staffed import OFFICER, Course, Staff, begin, staffed

BELOW = "partially_met"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with installed(tmp_path_factory.mktemp("generated"), officer=OFFICER) as found:
        yield found


@pytest.fixture(scope="module")
def staff(place: Place) -> Staff:
    return staffed(place)


def history(who: Someone, case: str, kind: str = "cases") -> list[str]:
    """The names of what happened to a case, as somebody sees it, the earliest first."""
    page = who.sees(f"{kind}.get_case" if kind == "cases" else f"{kind}.get_{kind[:-1]}", case)
    listed = who.sees(f"{kind}.list_{kind}_history", case, after=page.position, limit=200)
    assert all(one.sentence for one in listed.items)
    return [one.name for one in listed.items]


def test_the_generator_understands_every_operation(place: Place):
    assert [f"{one.header}: {one.detail}" for one in place.warnings] == []


def test_a_programme_is_registered_judged_moderated_accredited_and_in_the_public_register(staff: Staff):
    course = begin(staff, "Larkfield Trust")
    course.register("Teaching that lasts")
    course.submit()
    course.assess({"1.1": BELOW})
    meeting = course.take_up()
    course.confirm({code: BELOW if code == "1.1" else "met" for code in staff.scheme.criteria})
    course.ask_for_evidence("1.1")
    raised = {"1.1": {"level": "met", "reason": "Now it is shown.", "cites": [course.file("1.1", "further evidence")["sha256"]]}}
    staff.chair.does("submissions.moderate", course.case, judgements=raised)
    staff.chair.does("submissions.conclude_review", course.case)

    told = course.decide({})

    assert (told.stage, told.outcome, told.level) == ("decided", "awarded", "accredited")
    staff.chair.does("meetings.sign_minutes", meeting, minutes_spent=55)
    award = in_register(course)
    held = course.contact.sees("cases.get_case", award)
    assert (held.kind, held.stage, held.level) == ("accreditation", "accredited", "accredited")
    happened = history(course.contact, course.case)
    for name in ("ProgrammeRegistered", "PortfolioSubmitted", "AssessmentCompleted", "EvidenceProvided", "ResultReleased"):
        assert happened.count(name) == 1, name
    assert history(staff.officer, award)[0] == "AccreditationAwarded"


def in_register(course: Course) -> str:
    """The award of a submission, as somebody who is not signed in finds it in the public register; returns its id."""
    public = course.staff.place.anybody()
    listed = public.waits(lambda page: page.items, "register.list_register", submission=course.case)
    [row] = listed.items
    assert (row.provider, row.level, row.suspended, row.withdrawn) == (course.provider, "accredited", False, False)
    return str(row.accreditation)
