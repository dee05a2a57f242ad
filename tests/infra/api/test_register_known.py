"""The public register says of any date what it said of it at any earlier time."""

from datetime import timedelta

from tests import factories
from tests.factories import Body
from tests.infra.api.conftest import Asking


def test_the_register_says_what_it_said_before_and_after_an_award_came_on_record(body: Body, asks: Asking):
    case = factories.brought(body, "released")
    factories.settle(body, case)
    asks.caught_up()
    now = asks.get("/register").json()["items"]
    assert now
    award = now[0]["accreditation"]
    known = asks.app.records.load(award)[award][0].recorded_at
    on = now[0]["starts_at"]

    before = asks.get("/register/as-known", on=on, known=(known - timedelta(microseconds=1)).isoformat()).json()
    after = asks.get("/register/as-known", on=on, known=known.isoformat()).json()

    assert before["items"] == []
    assert [one["accreditation"] for one in after["items"]] == [award]
    assert after["items"][0]["title"] == "A programme"
    assert asks.get("/register/as-known", known="yesterday").status_code == 422
