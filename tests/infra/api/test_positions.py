"""Every answer says up to where in the log it stands, whatever it is read from."""

from pathlib import Path

from fastapi import FastAPI

from domain import permissions
from infra.api.app import ROOT
from infra.api.described import ACTION
from infra.bootstrap import App
from infra.seals.sealing import seal
from infra.settings import Settings
from tests import factories
from tests.factories import Body
from tests.infra.api.conftest import Asking

ENDLESS = "/events/stream"


def test_every_answer_says_up_to_where_in_the_log_it_stands(
    made: FastAPI, asks: Asking, app: App, body: Body, tmp_path: Path
):
    case = factories.register(body)
    sealed = seal(Settings(data=tmp_path), app.records.datastore.url).seal
    assert sealed
    asked = {"/proofs/consistency": {"before": sealed.size, "after": sealed.size}}  # what a route has to be asked with
    callers = {
        role: body.officer if role == "officer" else factories.appoint(body, role, scheme=None)
        for role in ("officer", "quality-manager", "board")
    }
    asks.caught_up()
    answered, silent = 0, []

    for path, methods in made.openapi()["paths"].items():
        below = path.removeprefix(ROOT).replace("/cases/{id}", f"/cases/{case}")
        if "get" not in methods or "{" in below or below == ENDLESS:
            continue
        may = permissions.roles(methods["get"][ACTION])
        role = next((one for one in callers if one in may), None)
        answer = asks.get(below, callers[role] if role else None, role, **asked.get(below, {}))
        if answer.status_code == 200:
            answered += 1
            silent += [below] if int(answer.headers.get("Assay-Position", "0")) < 1 else []

    assert silent == []
    assert answered > 60
