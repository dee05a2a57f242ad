"""What was before whoever took a contested decision is told to who hears the appeal and sees to it, and to nobody else."""

from tests.factories import Body
from tests.infra.api.conftest import Asking
from tests.services.appealing import hearing, refused_case


def test_material_ends_with_the_contested_decision_for_who_hears_the_appeal_and_who_sees_to_it(
    asks: Asking, body: Body
):
    made = hearing(body)
    appeal = made.heard(refused_case(body))
    asks.caught_up()

    for who, role in ((made.panel[1], "appeals-panel"), (made.officer, "appeals-officer")):
        told = asks.get(f"/appeals/{appeal}/material", who, role)
        assert told.status_code == 200, told.text
        names = [one["name"] for one in told.json()["items"]]
        assert (names[0], names[-1]) == ("ProgrammeRegistered", "DecisionRecorded")


def test_nobody_else_is_told_the_material(asks: Asking, body: Body):
    made = hearing(body)
    case = refused_case(body)
    appeal = made.heard(case)
    asks.caught_up()

    for who, role, status in (
        (made.hearers[4], "appeals-panel", 404),
        (body.officer, "officer", 403),
        (made.contact(case), "provider", 403),
        (None, None, 401),
    ):
        assert asks.get(f"/appeals/{appeal}/material", who, role).status_code == status, role
    none = asks.get("/appeals/appeal-aaaaaaaaaaaaaaaa/material", made.officer, "appeals-officer")
    assert (none.status_code, none.json()["type"]) == (404, "/problems/not-found")
