"""Checkpoints are everybody's; the proof of a case is for who may see the case, and convinces a checker of its own."""

import base64
from pathlib import Path

import pytest

from infra.bootstrap import App
from infra.seals.sealing import Sealed, seal
from infra.settings import Settings
from tests import factories
from tests.factories import Body
from tests.independent.checking import consistent, hashed, included, leaf_of, opened
from tests.infra.api.conftest import Asking
from tests.services.test_conflicts import declare


def sealing(app: App, folder: Path) -> Sealed:
    return seal(Settings(data=folder), app.records.datastore.url)


def test_before_anything_is_sealed_that_is_what_is_said(asks: Asking, body: Body):
    case = factories.register(body)

    assert asks.get("/checkpoints").json() == {"items": [], "next": None}
    assert asks.get("/checkpoints/latest").status_code == 404
    said = asks.get(f"/cases/{case}/proof", body.officer, "officer").json()
    assert (said["checkpoint"], said["proven"]) == (None, [])
    assert said["unsealed"] > 0


def test_anybody_is_told_the_latest_checkpoint_and_each_before_it_page_by_page(
    asks: Asking, app: App, body: Body, tmp_path: Path
):
    made = []
    for _ in range(3):
        factories.register(body)
        made.append(sealing(app, tmp_path).seal)

    answer = asks.get("/checkpoints/latest")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    page = asks.get("/checkpoints", limit=2).json()
    rest = asks.get("/checkpoints", limit=2, cursor=page["next"]).json()

    assert [one["note"] for one in (*page["items"], *rest["items"])] == [one.note for one in reversed(made) if one]
    assert rest["next"] is None
    assert answer.text == page["items"][0]["note"]
    opened(answer.text, page["items"][0]["signer"])


def test_the_proof_of_a_case_leads_from_each_of_its_events_to_the_checkpoint(
    asks: Asking, app: App, body: Body, tmp_path: Path
):
    case = factories.register(body)
    sealing(app, tmp_path)
    factories.pay_fees(body, case)
    asks.caught_up()

    said = asks.get(f"/cases/{case}/proof", body.officer, "officer").json()

    _, size, root, _ = opened(said["checkpoint"]["note"], said["checkpoint"]["signer"])
    rows = app.records.datastore.rows(
        "SELECT notification_id, originator_id, originator_version, topic, recorded_at, state FROM record.events"
        " WHERE originator_id = %s ORDER BY originator_version",
        [case],
    )
    assert said["unsealed"] == len(rows) - len(said["proven"]) > 0
    for one, row in zip(said["proven"], rows, strict=False):
        assert (one["position"], one["version"]) == (row[0], row[2])
        path = [base64.b64decode(step) for step in one["path"]]
        assert base64.b64decode(one["leaf_hash"]) == hashed(leaf_of(*row))
        assert included(hashed(leaf_of(*row)), one["index"], size, path) == root


def test_two_checkpoints_are_proven_to_be_of_one_record(asks: Asking, app: App, body: Body, tmp_path: Path):
    first = sealing(app, tmp_path).seal
    factories.register(body)
    last = sealing(app, tmp_path).seal
    assert first is not None
    assert last is not None

    for tree, before, after in (("events", first.size, last.size), ("kept", first.kept, last.kept)):
        said = asks.get("/proofs/consistency", before=before, after=after, tree=tree)
        assert said.status_code == 200, said.text
        path = [base64.b64decode(step) for step in said.json()["path"]]
        if tree == "events":
            consistent(before, after, first.checkpoint.root, last.checkpoint.root, path)
    for wrong, before, after in (("before", 1, last.size), ("after", first.size, last.size + 1)):
        refused = asks.get("/proofs/consistency", before=before, after=after)
        assert (refused.status_code, refused.json()["field"]) == (422, wrong)
        assert refused.json()["type"].endswith("known-checkpoint")


@pytest.mark.parametrize("role", ["officer", "public"])
def test_to_whom_a_conflict_hides_a_case_and_to_the_public_there_is_no_proof(
    asks: Asking, app: App, body: Body, role: str, tmp_path: Path
):
    case = factories.register(body)
    sealing(app, tmp_path)
    asks.caught_up()
    if role == "officer":
        declare(body, body.officer, case, "officer")

    who = (body.officer, "officer") if role == "officer" else (None, None)

    assert asks.get(f"/cases/{case}/proof", *who).status_code == 404
