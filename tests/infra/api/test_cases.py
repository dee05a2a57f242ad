"""Pages of cases and matters: where each stands, who sees which part, what comes next, and what has not changed."""

from typing import Any

import pytest

from domain import permissions
from domain.submission.next_steps import FEES, STAGES, possible
from infra.api.lists import LISTS
from infra.api.positions import HEADER
from services import awards, people, risks
from services.office import Receipt
from tests import factories
from tests.factories import Body
from tests.infra.api.conftest import Asking
from tests.services import complaining
from tests.services.appealing import hearing, refused_case
from tests.services.boards import board_of, opened, provider_of
from tests.services.conftest import Clock
from tests.services.workplace import open_workplace

PARTS = ("", "/portfolio", "/judgements", "/money", "/letters", "/history")
UNKNOWN = "submission-aaaaaaaaaaaaaaaa"


def contact_of(body: Body, case: str) -> str:
    return body.submission(case).registration.lead_contact


def test_a_page_says_where_a_submission_stands_its_clocks_people_and_what_comes_next(
    body: Body, asks: Asking, clock: Clock
) -> None:
    case = factories.brought(body, "accepted")
    state = body.submission(case)
    clock.passes(days=3650)

    page = asks.get(f"/cases/{case}", body.officer, "officer")

    said = page.json()
    assert page.status_code == 200
    assert (said["stage"], said["title"], said["scheme"]) == ("in_assessment", "A programme", "cpd-qa@1")
    assert said["provider_name"]
    [running] = said["clocks"]
    assert running["what"] == "the assessment"
    assert running["overdue"] is True
    assert {one["part"]: one["person"] for one in said["people"]} == {
        "lead contact": state.registration.lead_contact,
        "assessor": state.assessor,
    }
    assert all(one["name"] for one in said["people"])
    assert {"action": "reassign", "path": f"/submissions/{case}/reassign"} in said["next"]
    assert said["version"] == len(body.recorded(case))
    assert page.headers[HEADER] == str(said["position"])


def test_each_command_of_the_course_is_offered_when_its_turn_comes(body: Body, monkeypatch: pytest.MonkeyPatch) -> None:
    given: set[str] = set()
    by = Body.by

    def watched(self: Body, service: Any, actor: str, role: str, /, **said: Any) -> Receipt:
        action = permissions.named(service.__module__, service.__name__)
        if "case" in said and action in {*STAGES, *FEES}:
            assert action in possible(self.submission(said["case"]))
            given.add(action)
        return by(self, service, actor, role, **said)

    monkeypatch.setattr(Body, "by", watched)

    factories.brought(body, "released")
    appeal = hearing(body)
    appeal.upheld(refused_case(body))

    assert {
        "pay_fee", "submit_portfolio", "pass_screening", "accept_assignment", "judge", "complete_assessment", "take_up",
        "moderate", "decide", "approve_report",
    } <= given  # fmt: skip


def test_what_comes_next_is_what_the_caller_may_do_themselves(body: Body, asks: Asking) -> None:
    case = factories.brought(body, "screened")
    factories.settle(body, case)
    assessor = body.submission(case).assessor
    assert assessor

    def offered(who: str, role: str) -> set[str]:
        return {one["action"] for one in asks.get(f"/cases/{case}", who, role).json()["next"]}

    assert "accept_assignment" in offered(assessor, "assessor")
    assert "accept_assignment" not in offered(body.officer, "officer")
    assert offered(contact_of(body, case), "provider") >= {"withdraw", "name_lead_contact"}


def test_who_has_the_version_already_is_told_so_and_only_who_may_see_it(body: Body, asks: Asking) -> None:
    case = factories.register(body)
    asks.caught_up()

    def get(who: str, role: str, known: str) -> Any:
        headers = {"Authorization": f"Bearer {who}", "Assay-Role": role, "If-None-Match": known}
        return asks.client.get(f"/api/v1/cases/{case}", headers=headers)

    first = get(body.officer, "officer", '"0"')
    again = get(body.officer, "officer", first.headers["ETag"])
    stranger = get(body.chair, "chair", first.headers["ETag"])
    factories.pay_fees(body, case)
    changed = get(body.officer, "officer", first.headers["ETag"])

    assert first.headers["ETag"] == f'"{first.json()["version"]}"'
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert stranger.status_code == 404
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]


def test_a_provider_sees_judgements_and_outcome_once_the_result_is_released(body: Body, asks: Asking) -> None:
    case = factories.brought(body, "decided")
    contact = contact_of(body, case)

    def seen() -> tuple[Any, int, set[str]]:
        asks.caught_up()
        page = asks.get(f"/cases/{case}", contact, "provider").json()
        judged = asks.get(f"/cases/{case}/judgements", contact, "provider")
        told = asks.get(f"/cases/{case}/history", contact, "provider", limit=200).json()["items"]
        return page["outcome"], judged.status_code, {one["name"] for one in told}

    outcome, status, told = seen()
    assert (outcome, status) == (None, 404)
    assert told.isdisjoint({"JudgementRecorded", "DecisionRecorded", "AssessmentCompleted"})
    factories.approve(body, case)
    factories.settle(body, case)
    outcome, status, told = seen()
    assert (outcome, status) == ("awarded", 200)
    assert {"JudgementRecorded", "DecisionRecorded"} <= told
    judged = asks.get(f"/cases/{case}/judgements", contact, "provider").json()["judgements"]
    assert judged
    assert all(one["reason"] is None and one["first"] is None for one in judged)


def test_who_works_on_a_case_reads_what_was_handed_in_and_why_it_was_judged_so(body: Body, asks: Asking) -> None:
    case = factories.brought(body, "judged")
    assessor = body.submission(case).assessor
    assert assessor

    portfolio = asks.get(f"/cases/{case}/portfolio", assessor, "assessor").json()
    judged = asks.get(f"/cases/{case}/judgements", assessor, "assessor").json()["judgements"]

    assert {one["text"] for one in portfolio["answers"]} == {f"What we do about {one['criterion']}." for one in judged}
    assert len(portfolio["evidence"]) == len(judged)
    assert [one["reason"] for one in judged] == [f"Why {one['criterion']} is so." for one in judged]


def test_looking_at_a_confidential_part_is_written_down(body: Body, asks: Asking, app: Any) -> None:
    case = factories.brought(body, "judged")

    asks.get(f"/cases/{case}", body.officer, "officer")
    asks.get(f"/cases/{case}/portfolio", body.officer, "officer")
    asks.get(f"/cases/{case}/judgements", body.chair, "chair")

    looks = app.records.datastore.rows("SELECT person, case_id, part FROM access.looks", [])
    assert looks == [(body.officer, case, "see-portfolio")]


def test_money_and_letters_of_a_case(body: Body, asks: Asking) -> None:
    case = factories.brought(body, "submitted")
    factories.settle(body, case)
    asks.caught_up()

    money = asks.get(f"/cases/{case}/money", body.officer, "officer").json()
    letters = asks.get(f"/cases/{case}/letters", body.officer, "officer").json()

    assert {one["kind"]: (one["charged"], one["paid"]) for one in money["fees"]} == {
        "registration": (20_000, 20_000),
        "submission": (150_000, 0),
    }
    assert money["balance"] == 150_000
    assert [one["rule"] for one in letters["planned"]] == ["screen-within"]
    assert letters["written"] == []


def test_history_is_told_in_sentences_as_known_at_a_version_or_an_instant(body: Body, asks: Asking) -> None:
    case = factories.brought(body, "accepted")
    asks.caught_up()

    def told(**asked: Any) -> list[dict[str, Any]]:
        return asks.get(f"/cases/{case}/history", body.officer, "officer", **asked).json()["items"]  # type: ignore[no-any-return]

    whole = told()
    assert "registered the programme “A programme”" in whole[0]["sentence"]
    assert whole[0]["sentence"].startswith("Provider of")
    assert [one["version"] for one in told(version=3)] == [1, 2, 3]
    known = told(at=whole[2]["recorded_at"])
    assert known == [one for one in whole if one["recorded_at"] <= whole[2]["recorded_at"]]
    assert len(known) < len(whole)
    assert told(at="2001-01-01T00:00:00Z") == []


def test_why_a_criterion_was_judged_so_is_in_the_history_of_who_works_on_the_case_only(
    body: Body, asks: Asking
) -> None:
    case = factories.brought(body, "released")
    asks.caught_up()

    def told(who: str, role: str) -> str:
        return asks.get(f"/cases/{case}/history", who, role, limit=200).text

    assert "Why 1.1 is so." in told(body.officer, "officer")
    by_contact = told(contact_of(body, case), "provider")
    assert "Why 1.1 is so." not in by_contact
    assert "[text not shown]" in by_contact


def test_an_award_has_a_page_too(body: Body, asks: Asking) -> None:
    case = factories.brought(body, "released")
    award = awards.accreditation_id(case)

    page = asks.get(f"/cases/{award}", contact_of(body, case), "provider").json()

    assert (page["kind"], page["stage"]) == ("accreditation", "accredited")
    assert page["periods"][0]["submission"] == case
    assert page["concerns"] is None


def test_a_matter_has_a_page_with_its_tasks_and_its_row(body: Body, asks: Asking) -> None:
    handling = hearing(body)
    case = refused_case(body)
    appeal = handling.heard(case)
    asks.caught_up()

    page = asks.get(f"/appeals/{appeal}", body.officer, "officer")

    said = page.json()
    assert (said["kind"], said["stage"], said["over"]) == ("appeal", "before-panel", False)
    assert [one["rule"] for one in said["tasks"]] == ["decide-appeal-within"]
    assert said["listed"]["case_id"] == case
    assert page.headers["ETag"] == f'"{said["version"]}"'
    assert asks.get(f"/risks/{appeal}", body.officer, "officer").status_code == 404


def test_a_complaint_is_there_for_who_may_see_it_and_for_nobody_else(body: Body, asks: Asking) -> None:
    [handler, _] = complaining.handlers(body)
    complaint = complaining.entered(body, handler, people=(body.officer,))
    asks.caught_up()

    mine = asks.get(f"/complaints/{complaint}", handler, "complaints-handler")
    theirs = asks.get(f"/complaints/{complaint}", body.officer, "officer")
    tasks = asks.get("/tasks", body.officer, "officer", case_id=complaint).json()["items"]
    listed = asks.get("/complaints", handler, "complaints-handler").json()["items"]

    assert mine.status_code == 200
    assert theirs.status_code == 404
    assert tasks == []
    assert [one["complaint"] for one in listed] == [complaint]


def test_a_conflict_hides_a_case_from_every_page_list_file_and_count(body: Body, asks: Asking, clock: Clock) -> None:
    handling = hearing(body)
    case = refused_case(body)
    provider = provider_of(body, case)
    appeal = handling.heard(case)
    other = factories.register(body)
    members = board_of(body)
    clock.passes(days=1)
    audit = opened(body, members)
    officer = factories.appoint(body, "officer", scheme=None)
    asks.caught_up()
    hidden = (case, appeal, provider)
    before = everything(asks, officer, "officer")
    assert all(any(id in text for text in before.values()) for id in hidden)
    counted = asks.get("/board/counts", officer, "officer").json()["items"]

    body.by(people.declare_conflict, officer, "officer", id=officer, provider=provider, kind="family")
    body.by(people.declare_conflict, members[1], "board", id=members[1], provider=provider, kind="family")

    after = everything(asks, officer, "officer")
    for path, text in after.items():
        own = path.startswith("conflicts ")
        assert own or not [id for id in hidden if id in text], (path, text)
    assert sum(one["cases"] for one in counted) == 1 + sum(
        one["cases"] for one in asks.get("/board/counts", officer, "officer").json()["items"]
    )
    assert other in after["board json"]
    for id, paths in ((case, [f"/cases/{{}}{one}" for one in PARTS]), (appeal, ["/appeals/{}", "/appeals/{}/others"])):
        unknown = id.partition("-")[0] + "-aaaaaaaaaaaaaaaa"
        for path in paths:
            gone, never = (asks.get(path.format(one), officer, "officer") for one in (id, unknown))
            assert (gone.status_code, without_request(gone.json())) == (404, without_request(never.json())), path
    seen = asks.get(f"/audits/{audit}/cases", members[1], "board").text
    assert case not in seen
    assert case in asks.get(f"/audits/{audit}/cases", members[0], "board").text


def everything(asks: Asking, who: str, role: str) -> dict[str, str]:
    """What every list says to somebody, as JSON and as a file."""
    return {
        f"{one.path} {form}": asks.get(f"/{one.path}", who, role, format=form).text
        for one in LISTS
        if "{id}" not in one.path
        for form in ("json", "csv")
    }


def without_request(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "request"}


def test_the_register_of_risks_is_read_as_of_a_date_with_its_texts(body: Body, asks: Asking) -> None:
    [ann, *_] = board_of(body)
    said = {"kind": "financial", "likelihood": "high", "impact": "high", "owner": body.officer}
    body.by(risks.register_risk, ann, "board", **said, description="Fees pay for awards", mitigation="Flat fees")
    asks.caught_up()

    [row] = asks.get("/risks", ann, "board").json()["items"]

    assert (row["description"], row["mitigation"]) == ("Fees pay for awards", "Flat fees")
    assert row["owner_name"]
    assert asks.get("/risks", ann, "board", on="2026-03-01T00:00:00Z").json()["items"] == []


def test_the_appeal_of_a_case_is_in_its_history_for_who_may_see_appeals(body: Body, asks: Asking) -> None:
    handling = hearing(body)
    case = refused_case(body)
    handling.heard(case)
    assessor = factories.appoint(body, "appeals-officer", scheme=None)
    asks.caught_up()

    def names(who: str, role: str) -> set[str]:
        told = asks.get(f"/cases/{case}/history", who, role, limit=200).json()["items"]
        return {one["name"] for one in told}

    assert "AppealLodged" in names(body.officer, "officer")
    assert "AppealLodged" in names(assessor, "appeals-officer")


def steps(asks: Asking, page: str, who: str, role: str) -> dict[str, str]:
    """The commands that a page offers somebody, with their addresses."""
    return {one["action"]: one["path"] for one in asks.get(page, who, role).json()["next"]}


def test_the_page_of_a_matter_offers_what_its_stage_allows_and_the_caller_may_do(body: Body, asks: Asking) -> None:
    case = refused_case(body)
    handling = hearing(body)
    appeal = handling.lodge(case)
    seeing = factories.appoint(body, "appeals-officer", scheme=None)
    asks.caught_up()

    lodged = steps(asks, f"/appeals/{appeal}", seeing, "appeals-officer")

    assert lodged["acknowledge_appeal"] == f"/appeals/{appeal}/acknowledge-appeal"
    assert "admit_appeal" not in lodged
    assert lodged["move_task"] == f"/cases/{appeal}/move-task"
    assert asks.post(lodged["acknowledge_appeal"], seeing, "appeals-officer").status_code == 200
    assert {"admit_appeal", "refuse_appeal"} <= steps(asks, f"/appeals/{appeal}", seeing, "appeals-officer").keys()
    assert "admit_appeal" not in steps(asks, f"/appeals/{appeal}", body.officer, "officer")
    assert steps(asks, f"/appeals/{appeal}", contact_of(body, case), "provider") == {
        "withdraw_appeal": f"/appeals/{appeal}/withdraw-appeal"
    }


def test_what_comes_next_in_somebodys_development_goes_by_the_person(body: Body, asks: Asking) -> None:
    there = open_workplace(body)
    there.find_need()
    plan = there.plan().id
    asks.caught_up()

    offered = steps(asks, f"/development/{plan}", there.manager, "quality-manager")

    assert offered["agree_plan"] == f"/development/{there.pat}/agree-plan"
    assert asks.post(offered["agree_plan"], there.lead, "assessor").status_code == 200


def test_who_may_see_a_complaint_reads_what_it_says_until_that_is_erased(body: Body, asks: Asking) -> None:
    [handler, _] = complaining.handlers(body)
    complaint = complaining.entered(body, handler, text="The badge means nothing.")

    assert (
        asks.get(f"/complaints/{complaint}", handler, "complaints-handler").json()["text"] == "The badge means nothing."
    )
    [raised, *_] = body.recorded(complaint)
    asks.app.vault.erase_text(raised.event.text.id)
    assert asks.get(f"/complaints/{complaint}", handler, "complaints-handler").json()["text"] is None
    assert asks.get(f"/complaints/{complaint}", body.chair, "chair").status_code == 404
