"""Before a version is published: its faults, what it changes, what it would make of decided cases; and figures of reports."""

from infra.api.problems import TYPES
from tests import factories
from tests.factories import Body
from tests.infra.api.conftest import Asking
from tests.services.conftest import Clock


def post(asks: Asking, body: Body, path: str, **said: str) -> dict:
    answer = asks.post(path, body.officer, "officer", **said)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_file_without_faults_says_what_it_would_be_published_as(asks: Asking, body: Body):
    said = post(asks, body, "/schemes/check", source=factories.scheme_source())

    assert (said["faults"], said["ref"], said["digest"]) == ([], body.scheme.ref, body.scheme.digest)


def test_every_fault_of_a_file_is_said_at_once_with_what_is_allowed(asks: Asking, body: Body):
    faulty = factories.scheme_source().replace("quorum = ", "quorums = ") + "\n[colours]\nred = 1\n"

    said = post(asks, body, "/schemes/check", source=faulty)

    assert said["ref"] is None
    assert {"quorums", "red"} <= {one["key"].rpartition(".")[2] for one in said["faults"]}
    assert all(one["allowed"] for one in said["faults"])


def test_what_a_version_changes_is_said_in_words_and_for_whom(asks: Asking, body: Body):
    later = (
        factories.scheme_source().replace("version = 1", "version = 2") + "\n[preparation]\nguidance_on_drafts = true\n"
    )

    changes = post(asks, body, "/schemes/differences", before=body.scheme.ref, after=later)

    assert [one for one in changes if "guidance" in one["what"]]
    assert all(one["for_whom"] for one in changes)


def test_a_dry_run_counts_the_decided_cases_and_writes_nothing(asks: Asking, body: Body):
    case = factories.brought(body, "released")
    events = len(body.recorded(case))

    said = post(asks, body, "/schemes/dry-run", source=factories.scheme_source())

    assert (said["cases"], said["same"], said["differ"]) == (1, 1, [])
    assert len(body.recorded(case)) == events


def test_a_dry_run_does_not_count_what_a_conflict_hides(asks: Asking, body: Body):
    case = factories.brought(body, "released")
    provider = body.submission(case).registration.provider
    asks.post(f"/people/{body.officer}/declare-conflict", body.officer, "officer", provider=provider)

    assert post(asks, body, "/schemes/dry-run", source=factories.scheme_source())["cases"] == 0


def test_a_version_that_is_not_published_is_refused_with_those_that_are(asks: Asking, body: Body):
    answer = asks.post("/schemes/differences", body.officer, "officer", before="cpd-qa@7", after=body.scheme.ref)

    assert (answer.status_code, answer.json()["type"]) == (422, f"{TYPES}published-scheme")
    assert answer.json()["allowed"] == body.scheme.ref


def test_only_who_may_publish_tries_out(asks: Asking, body: Body):
    for path in ("/schemes/check", "/schemes/dry-run"):
        assert asks.post(path, body.chair, "chair", source="x").status_code == 403
        assert asks.post(path, source="x").status_code == 401


def test_how_far_assessors_agree_is_empty_before_anything_was_marked_twice(asks: Asking, body: Body):
    manager = factories.appoint(body, "quality-manager", scheme=None)

    assert asks.get("/consistency", manager, "quality-manager").json() == []
    assert asks.get("/consistency", body.chair, "chair").status_code == 403


def test_a_departments_figures_are_for_who_leads_it_or_sees_all_reports(asks: Asking, body: Body, clock: Clock):
    manager = factories.appoint(body, "quality-manager", scheme=None)

    figures = asks.get("/departments/board/figures", manager, "quality-manager")

    assert figures.status_code == 200, figures.text
    assert (figures.json()["scope"], figures.json()["with_plan"]) == ("board", 0)
    refused = asks.get("/departments/board/figures", body.assessors[0], "assessor")
    assert (refused.status_code, refused.json()["field"]) == (403, "department")
