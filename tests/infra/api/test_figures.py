"""Figures over the API: of a scheme, a period and an instant, of what their reader may see, as pages and as files."""

from typing import Any

from services import calibration, people, preparation
from tests import factories
from tests.factories import Body
from tests.infra.api.conftest import Asking
from tests.services import complaining
from tests.services.appealing import hearing, refused_case
from tests.services.conftest import Clock
from tests.services.test_figures import moderated

KINDS = ("agreement", "changes", "outcomes", "stages", "minutes", "clocks", "appeals")


def rows(asks: Asking, path: str, who: str | None, role: str | None, **asked: Any) -> list[dict[str, Any]]:
    answer = asks.get(path, who, role, **asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def test_the_board_the_quality_manager_and_an_officer_see_every_figure_and_others_none(asks: Asking, body: Body):
    moderated(body, c11="partially_met")
    member, manager = (factories.appoint(body, role, scheme=None) for role in ("board", "quality-manager"))
    asks.caught_up()

    for kind in KINDS:
        seen = [
            rows(asks, f"/figures/{kind}", who, role, limit=200)
            for who, role in ((member, "board"), (manager, "quality-manager"), (body.officer, "officer"))
        ]
        assert [len(one) for one in seen] == [len(seen[0])] * 3, kind
        assert asks.get(f"/figures/{kind}", body.chair, "chair").status_code == 403
        assert asks.get(f"/figures/{kind}").status_code == 401
    [change] = rows(asks, "/figures/changes", manager, "quality-manager")
    assert (change["changed"], change["few"]) == (1, True)
    assert change["assessor_name"].startswith("Assessor of")


def test_figures_are_of_a_scheme_a_period_and_an_instant(asks: Asking, body: Body, clock: Clock):
    case = moderated(body)
    known = body.recorded(case)[-1].recorded_at.isoformat()
    told = clock().isoformat()
    clock.passes(days=30)
    moderated(body)
    asks.caught_up()

    def decided(**asked: Any) -> list[int]:
        found = rows(asks, "/figures/outcomes", body.officer, "officer", by="all", **asked)
        return [one["decided"] for one in found]

    assert decided() == [2]
    assert decided(scheme=body.scheme.ref) == decided(scheme=body.scheme.id) == [2]
    for unknown in ("another", f"{body.scheme.id}@99"):
        for path in ("/figures/outcomes", "/figures/published", "/conformance"):
            answer = asks.get(path, body.officer, "officer", scheme=unknown)
            assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "published-scheme")
            assert answer.json()["field"] == "scheme"
            assert body.scheme.ref in answer.json()["allowed"]
    assert decided(known=known) == [1]
    assert decided(period_from=clock().isoformat()) == [1]
    assert decided(period_until=told) == []
    answer = asks.get("/figures/outcomes", body.officer, "officer", period_from=told, period_until=told)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (422, "figures-period")
    assert answer.json()["field"] == "period_until"


def test_a_conflict_takes_a_providers_cases_out_of_every_count_at_once(asks: Asking, body: Body):
    heard, hidden = hearing(body), refused_case(body)
    heard.lodge(hidden)
    moderated(body)
    member = factories.appoint(body, "board", scheme=None)
    asks.caught_up()
    before = rows(asks, "/figures/outcomes", member, "board", by="all")
    provider = body.submission(hidden).registration.provider

    body.by(
        people.declare_conflict, member, "board", id=member, provider=provider
    )  # the read models don't know of it yet

    [after] = rows(asks, "/figures/outcomes", member, "board", by="all")
    assert (before[0]["decided"], after["decided"], after["not_awarded"]) == (2, 1, 0)
    [appeals] = rows(asks, "/figures/appeals", member, "board", by="all")
    assert (appeals["lodged"], appeals["told"]) == (0, 1)
    assert rows(asks, "/conformance", member, "board", case_id=hidden) == []
    for path in (f"/conformance/{hidden}", f"/conformance/{hidden}/path", f"/cases/{hidden}/comparison"):
        assert asks.get(path, member, "board").status_code == 404


def test_figures_come_as_files_too(asks: Asking, body: Body):
    moderated(body)
    asks.caught_up()

    for kind in KINDS:
        csv = asks.get(f"/figures/{kind}", body.officer, "officer", format="csv")
        sheet = asks.get(f"/figures/{kind}", body.officer, "officer", format="xlsx")
        assert csv.text.startswith('"')
        assert sheet.content.startswith(b"PK")


def test_anybody_is_told_of_settled_years_and_nothing_of_small_numbers(asks: Asking, body: Body, clock: Clock):
    moderated(body)
    year = body.recorded(body.officer)[0].recorded_at.year
    assert rows(asks, "/figures/published", None, None) == []

    clock.comes_to(clock().replace(year=year + 1, month=4, day=2))

    told = rows(asks, "/figures/published", None, None, limit=200)
    assert {(one["year"], one["shown"], one["awarded"], one["share"]) for one in told} == {(year, False, None, None)}


def test_reasons_are_shown_beside_one_case_to_who_works_on_it_which_is_noted(asks: Asking, body: Body):
    case = factories.brought(body, "registered")
    body.by_officer(preparation.waive_fee, case=case, kind="registration", reason="A small charity.")
    member, manager = (factories.appoint(body, role, scheme=None) for role in ("board", "quality-manager"))
    asks.caught_up()

    [listed] = rows(asks, "/conformance", member, "board", scheme=body.scheme.ref)
    assert rows(asks, "/conformance", member, "board", scheme=body.scheme.id) == [listed]
    assert (listed["case_id"], listed["kind"], listed["actor"]) == (case, "fee-waived", body.officer)
    assert "reason" not in listed
    [seen] = rows(asks, f"/conformance/{case}", body.officer, "officer")
    assert (seen["reason"], seen["position"]) == ("A small charity.", listed["position"])
    assert rows(asks, f"/conformance/{case}", member, "board")[0]["reason"] is None
    looks = asks.get("/looks", manager, "quality-manager", case=case).json()["items"]
    assert [(one["person"], one["part"]) for one in looks] == [(body.officer, "see-confidential")]
    way = rows(asks, f"/conformance/{case}/path", member, "board")
    assert [(one["from_stage"], one["to_stage"], one["allowed"]) for one in way] == [
        ("", "registered", True),
        ("registered", "preparing", True),
    ]


def test_a_complaint_s_way_is_for_who_may_see_the_complaint(asks: Asking, body: Body):
    member = factories.appoint(body, "board", scheme=None)
    [hal, _] = complaining.handlers(body)
    about = complaining.entered(body, hal, about="people", people=[member])
    other = factories.appoint(body, "board", scheme=None)
    asks.caught_up()

    assert asks.get(f"/conformance/{about}/path", other, "board").status_code == 200
    for who, role in ((member, "board"), (body.officer, "officer")):
        assert asks.get(f"/conformance/{about}/path", who, role).status_code == 404


def test_markings_are_compared_with_rationales_for_who_may_read_them(asks: Asking, body: Body):
    case = moderated(body, c11="partially_met")
    member = factories.appoint(body, "board", scheme=None)
    asks.caught_up()

    for who, role, text in ((body.officer, "officer", "It is not shown."), (member, "board", None)):
        found = rows(asks, f"/cases/{case}/comparison", who, role, criterion="1.1", marking=2, limit=200)
        assert {(one["level"], one["apart"], one["text"]) for one in found if not one["indicator"]} == {
            ("partially_met", 1, text)
        }
    [pair] = rows(asks, f"/cases/{case}/comparison/pairs", member, "board")
    assert (pair["compared"], pair["one_apart"]) == (len(body.scheme.criteria), 1)
    assert calibration.compare(body.office, case=case) == ()
    assert asks.get(f"/cases/{case}/comparison", body.chair, "chair").status_code == 404
