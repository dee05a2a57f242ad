"""One sealed record with a contested case, and its packs, made once: the tests look at them, and change copies of their bytes."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from infra.bootstrap import App, open_app
from infra.embedded import EmbeddedPostgres
from infra.projector import catch_up
from infra.replay.looks import Eyes
from infra.seals.sealing import seal
from infra.settings import Settings
from tests import factories
from tests.conftest import Database, copied
from tests.factories import Body, open_body
from tests.infra.pack.packs import packed
from tests.services.appealing import hearing, refused_case
from tests.storing import store


@dataclass(frozen=True, slots=True)
class Made:
    """A case that was contested, on a sealed record, and its packs: whole, and as its provider may see it."""

    app: App
    body: Body
    database: Database
    folder: Path
    case: str
    appeal: str
    eyes: Eyes
    key: str
    checkpoint: str
    whole: bytes
    redacted: bytes


@pytest.fixture(scope="session")
def made(server: EmbeddedPostgres, template: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("packed")
    with copied(server, template) as database, open_app(database.app_url, pool_size=4, store=store()) as app:
        body = open_body(app.office)
        hear = hearing(body)
        case = refused_case(body)
        appeal = hear.heard(case)
        hear.decide(appeal)
        factories.register(body)
        catch_up(app.records)
        sealed = seal(Settings(data=folder), database.app_url).seal
        assert sealed is not None
        eyes = Eyes(person=body.submission(case).registration.lead_contact, role="provider")
        yield Made(
            app, body, database, folder, case, appeal, eyes, sealed.signer, sealed.note,
            packed(app, case), packed(app, case, eyes),
        )  # fmt: skip
