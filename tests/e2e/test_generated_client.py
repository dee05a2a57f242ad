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
    raised = {
        "1.1": {
            "level": "met",
            "reason": "Now it is shown.",
            "cites": [course.file("1.1", "further evidence")["sha256"]],
        }
    }
    staff.chair.does("submissions.moderate", course.case, judgements=raised)
    staff.chair.does("submissions.conclude_submission_review", course.case)

    told = course.decide({})

    assert (told.stage, told.outcome, told.level) == ("decided", "awarded", "accredited")
    staff.chair.does("meetings.sign_minutes", meeting, minutes_spent=55)
    award = in_register(course)
    held = course.contact.sees("cases.get_case", award)
    assert (held.kind, held.stage, held.level) == ("accreditation", "accredited", "accredited")
    happened = history(course.contact, course.case)
    for name in (
        "ProgrammeRegistered",
        "PortfolioSubmitted",
        "AssessmentCompleted",
        "EvidenceProvided",
        "ResultReleased",
    ):
        assert happened.count(name) == 1, name
    assert history(staff.officer, award)[0] == "AccreditationAwarded"


def in_register(course: Course) -> str:
    """The award of a submission, as somebody who is not signed in finds it in the public register; returns its id."""
    public = course.staff.place.anybody()
    listed = public.waits(lambda page: page.items, "register.list_register", submission=course.case)
    [row] = listed.items
    assert (row.provider, row.level, row.suspended, row.withdrawn) == (course.provider, "accredited", False, False)
    return str(row.accreditation)


def test_a_result_is_contested_heard_by_others_and_replaced(staff: Staff):
    course = begin(staff, "Oakmere Foundation")
    course.register("Questions worth asking")
    course.submit()
    course.assess({"2.1": BELOW})
    course.take_up()
    course.confirm({code: BELOW if code == "2.1" else "met" for code in staff.scheme.criteria})
    told = course.decide({"2.1": {"lacking": "evidence", "missing": "What the programme rests on."}})
    assert (told.outcome, told.level) == ("not_awarded", None)

    lodged = course.contact.does(
        "cases.lodge_appeal", course.case, contested="result", grounds={"evidence": "A file was not read."}
    )
    appeal = lodged.created.additional_properties["appeal"]
    officer, chair = staff.appeals_officer, staff.hearers[0]
    officer.does("appeals.acknowledge_appeal", appeal)
    officer.does("appeals.admit_appeal", appeal)
    members = [one.id for one in staff.hearers[1:]]
    officer.does("appeals.name_panel", appeal, chair=chair.id, members=members)
    assert officer.sees("appeals.get_appeal", appeal).stage == "before-panel"
    before = chair.sees("appeals.get_material", appeal).items
    assert (before[0].name, before[-1].name) == ("ProgrammeRegistered", "DecisionRecorded")
    decided = chair.does(
        "appeals.decide_appeal",
        appeal,
        rulings={"evidence": {"finding": "upheld", "reason": "The file is there, and it suffices."}},
        remedy="replace-decision",
        judgements={"2.1": course.judged("2.1", "met")},
    )

    listed = officer.sees("appeals.list_appeals", appeal=appeal, after=decided.position)
    [row] = listed.items
    assert (row.outcome, row.remedy, row.in_time) == ("upheld", "replace-decision", True)
    assert history(course.contact, appeal, "appeals")[:3] == ["AppealLodged", "AppealAcknowledged", "AppealAdmitted"]
    in_register(course)
    now = course.contact.sees("cases.get_case", course.case)
    assert (now.outcome, now.level) == ("awarded", "accredited")


def test_a_concern_of_the_public_is_reviewed_and_answered(staff: Staff, accredited: Course):
    award = in_register(accredited)
    said = {"text": "They show the badge on another programme.", "kind": "badge-misuse", "address": "z@quill.example"}
    raised = staff.place.anybody().does("accreditations.raise_concern", award, **said)
    concern = raised.created.additional_properties["concern"]
    assert staff.officer.sees("cases.get_case", award).concerns == 1

    reviewer = staff.moderators[0]
    staff.officer.does("accreditations.open_review", award, concern=concern, reviewer=reviewer.id)
    reviewer.does(
        "accreditations.conclude_accreditation_review",
        award,
        concern=concern,
        finding="no_action",
        reason="It was an old page.",
    )
    staff.officer.does("accreditations.answer_concern", award, concern=concern, text="We looked into it.")

    assert staff.officer.sees("cases.get_case", award).concerns == 0
    happened = history(staff.officer, award)
    assert [one for one in happened if "oncern" in one or "eview" in one] == [
        "ConcernRaised", "ReviewOpened", "ReviewConcluded", "ConcernAnswered",
    ]  # fmt: skip


def test_a_complaint_is_acknowledged_answered_and_seen_by_who_complained_and_who_handles_it(staff: Staff):
    course = begin(staff, "Wetherdale Partnership")
    said = {"about": "service", "text": "Nobody answers the phone.", "provider": course.provider}
    complaint = course.contact.does("complaints.raise_complaint", scheme=staff.scheme.id, **said).about

    staff.handler.does("complaints.acknowledge_complaint", complaint)
    staff.handler.does(
        "complaints.answer_complaint", complaint, outcome="upheld", reason="It rang in an empty room.", done="It moved."
    )

    for who in (course.contact, staff.handler):
        page = who.sees("complaints.get_complaint", complaint)
        assert (page.kind, page.stage) == ("complaint", "answered")
        assert history(who, complaint, "complaints")[:2] == ["ComplaintRaised", "ComplaintAcknowledged"]
    with pytest.raises(NotDone, match="404 /problems/not-found"):
        staff.chair.sees("complaints.get_complaint", complaint)


def test_a_refusal_is_a_typed_problem_with_the_rule_and_what_is_allowed(staff: Staff):
    course = begin(staff, "Hexley College")
    course.register("Marking less, saying more")

    with pytest.raises(NotDone) as refused:
        staff.officer.does("submissions.waive_fee", course.case, kind="tea", reason="No.")

    problem = refused.value.problem
    assert (problem.status, problem.type_, problem.field) == (422, "/problems/fee-charged", "kind")
    assert "registration" in problem.allowed


@pytest.fixture(scope="module")
def accredited(staff: Staff) -> Course:
    """A submission that was awarded in the straight way."""
    course = begin(staff, "Marlowe Cross Trust")
    course.register("Coaching in the classroom")
    course.submit()
    course.assess({})
    course.take_up()
    course.confirm(dict.fromkeys(staff.scheme.criteria, "met"))
    assert course.decide({}).outcome == "awarded"
    return course


def test_a_service_account_does_what_it_is_for_and_nothing_else(staff: Staff):
    course = begin(staff, "Thornbury Vale Foundation")
    course.register("Leading a department")
    bank = staff.place.program("bank", "officer", "pay_fee")

    with pytest.raises(NotDone, match="403 /problems/token-scope"):
        bank.does("submissions.waive_fee", course.case, kind="registration", reason="No.")
    paid = bank.does("submissions.pay_fee", course.case, kind="registration", amount=20000)

    assert [(one.name, one.stream) for one in paid.events] == [("FeePaid", course.case)]
