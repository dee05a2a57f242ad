"""What a whole body has beside its record, so that odd requests meet it too: files, letters, checkpoints, badges, webhooks, calendars."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from domain.ids import kind_of
from domain.submission.state import Stage
from infra.api.app import ROOT
from infra.identity import service_accounts
from infra.seals.sealing import seal
from infra.settings import Settings
from tests.infra.api.conftest import Whole, headers
from tests.storing import content

EXAMPLES = Path(__file__).parents[3] / "examples" / "import"
ACCOUNT = "told-by-webhook"


@dataclass(slots=True)
class Beside:
    """What a request may name, by the route's path: parameters of the address, of the query, and the body that somebody means."""

    places: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    queries: dict[str, dict[str, Any]] = field(default_factory=dict)
    bodies: dict[str, Any] = field(default_factory=dict)

    def place(self, path: str) -> list[dict[str, Any]]:
        """Addresses of this route that there are, by the names of their parameters; the longest beginning that is known holds."""
        known = [one for one in self.places if path.startswith(one)]
        return self.places[max(known, key=len)] if known else []


def bring(whole: Whole, folder: Path) -> Beside:
    """Seal the record, upload a file, subscribe a calendar and a webhook; returns what there is now."""
    made, asks, officer = Beside(), whole.asks, whole.here.body.officer
    whole.asks.caught_up()
    sealed = seal(Settings(data=folder), whole.app.records.datastore.url).seal
    assert sealed
    made.queries[f"{ROOT}/proofs/consistency"] = {"before": sealed.size, "after": sealed.size}

    account = whole.app.records.datastore
    service_accounts.add(
        account, name=ACCOUNT, role="officer", scopes=["see-events"], known=["see-events"], at=whole.here.clock()
    )
    said = {"name": "told", "url": "https://hooks.example/assay", "account": ACCOUNT}
    _done(asks.post("/webhooks/add-webhook", officer, "officer", **said))
    made.places[f"{ROOT}/webhooks/{{name}}"] = [{"name": "told"}]
    made.bodies[f"{ROOT}/webhooks/add-webhook"] = said | {"name": "another"}

    calendar = _done(asks.post("/calendars/make-address", officer, "officer"))["id"]
    made.places[f"{ROOT}/calendars/{{id}}"] = [{"id": calendar}]

    letters = _done(asks.get("/letters/coming", officer, "officer"))["items"]
    made.places[f"{ROOT}/letters/{{case}}/{{id}}"] = [{"case": one["case_id"], "id": one["id"]} for one in letters]

    streams = sorted({one.stream for one in whole.app.records.read_log(0, 100_000)})
    awards = [one for one in streams if kind_of(one) == "accreditation"]
    made.places[f"{ROOT}/badges/{{id}}"] = [{"id": one, "number": 1} for one in awards]
    made.places[f"{ROOT}/badge-status/"] = [{"number": 0}]

    case = next(one for one in streams if kind_of(one) == "submission" and _prepares(whole, one))
    bytes = made.bodies[f"{ROOT}/cases/{{id}}/files"] = content(case)
    contact = whole.here.body.submission(case).registration.lead_contact
    sent = headers(contact, "provider") | {"Idempotency-Key": "a-file-of-the-body", "Content-Type": "application/pdf"}
    kept = _done(asks.client.post(f"{ROOT}/cases/{case}/files", content=bytes, headers=sent))
    handed_in = whole.app.records.datastore.rows("SELECT case_id, sha256 FROM record.files ORDER BY 1, 2 LIMIT 50", [])
    made.places[f"{ROOT}/cases/{{id}}/files"] = [
        {"id": case, "sha256": kept["sha256"]},
        *({"id": one, "sha256": sha256} for one, sha256 in handed_in),
    ]

    until = whole.here.clock().isoformat()
    manager = whole.here.people["quality-manager"][0]
    said = made.bodies[f"{ROOT}/reports/make-report"] = {"scope": "board", "until_at": until}
    report = _done(asks.post("/reports/make-report", manager, "quality-manager", **said))["created"]["report"]
    made.places[f"{ROOT}/reports/{{report}}"] = [{"report": report}]

    tied, watches = whole.here.people["assessor"][-1], whole.here.people["moderator"][-1]
    provider = whole.here.body.submission(case).registration.provider
    _done(asks.post(f"/people/{tied}/declare-conflict", tied, "assessor", provider=provider))
    said = {"person": tied, "case": case, "role": "assessor", "scrutineer": watches, "reason": "Nobody else can."}
    _done(asks.post("/scrutiny/propose-scrutiny", officer, "officer", **said))

    made.places[f"{ROOT}/imports/"] = [{"kind": "providers"}]
    file = base64.b64encode((EXAMPLES / "providers.csv").read_bytes()).decode()
    made.bodies[f"{ROOT}/imports/{{kind}}"] = {"file": file}
    return made


def _prepares(whole: Whole, case: str) -> bool:
    return whole.here.body.submission(case).stage is Stage.PREPARING


def _done(answer: Any) -> Mapping[str, Any]:
    assert answer.status_code < 300, answer.text
    found: Mapping[str, Any] = answer.json()
    return found
