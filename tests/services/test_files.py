"""Files of cases: evidence names only those that are there, whoever is faster, and they go as records do."""

from pathlib import Path
from typing import Any

import pytest

from domain.retention import RecordsLetGo
from infra.files.kept import KeptFiles
from infra.store.records import PostgresRecords
from services import moderation, preparation, retention
from services.files import limits_of, remove_file, upload_file
from services.going import facts_of
from services.keeping import HOLDS
from services.office import Office, Work
from services.ports import NoFiles
from services.survey import survey
from tests import factories, storing
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock
from tests.services.retaining import YEAR, Keeping, open_keeping
from tests.services.test_at_once import Interrupted


@pytest.fixture
def office(records: PostgresRecords, tmp_path: Path) -> Office:
    """Files in a folder of the test's own, since some go here."""
    (tmp_path / "files").mkdir()
    return storing.office_on(records, tmp_path / "files")


def kept(body: Body) -> KeptFiles:
    assert isinstance(body.office.files, KeptFiles)
    return body.office.files


def upload(body: Body, case: str, code: str = "1.1", **said: Any) -> str:
    """The contact uploads the file for a criterion; returns its SHA-256."""
    with kept(body).spool.open() as part:
        part.write(storing.content(code))
        incoming = part.finish()
        body.by_contact(upload_file, case, incoming=incoming, **said)
    return incoming.sha256


def portfolio(body: Body, case: str, **said: Any) -> dict[str, Any]:
    criteria = body.submission(case).registration.criteria
    window = factories.schedule_window(body)
    given = {"window_id": window, "answers": dict.fromkeys(criteria, "So."), "evidence": storing.evidence_of(["1.1"])}
    return given | said


def test_a_portfolio_names_files_that_were_uploaded_for_its_case(body: Body):
    case, other = factories.brought(body, "registered"), factories.brought(body, "registered")
    upload(body, other)
    said = portfolio(body, case)

    with refused("evidence-stored", field="evidence[0].sha256"):
        body.by_contact(preparation.submit_portfolio, case, **said)
    assert len(body.recorded(case)) == 3
    upload(body, case)
    assert body.by_contact(preparation.submit_portfolio, case, **said).events


def test_a_file_removed_while_its_portfolio_is_handed_in_is_missed_in_that_very_moment(body: Body, records: Any):
    case = factories.brought(body, "registered")
    sha256, said = upload(body, case), portfolio(body, case)
    before = len(body.recorded(case))

    def remove() -> None:
        body.by_contact(remove_file, case, sha256=sha256)

    office = Office(Interrupted(records, remove), schemes=body.office.schemes, files=body.office.files)
    contact = body.submission(case).registration.lead_contact
    with refused("evidence-stored", field="evidence[0].sha256"):
        preparation.submit_portfolio(office, body.command(contact, "provider"), case=case, **said)
    assert len(body.recorded(case)) == before


def test_a_file_handed_in_while_it_is_removed_stays(body: Body):
    case = factories.brought(body, "registered")
    sha256, said = upload(body, case), portfolio(body, case)
    real, files = kept(body).remove, kept(body)

    def first_hand_in(*given: Any, **more: Any) -> bool:
        files.remove = real  # type: ignore[method-assign]
        body.by_contact(preparation.submit_portfolio, case, **said)
        return real(*given, **more)

    files.remove = first_hand_in  # type: ignore[method-assign]
    with refused("portfolio-frozen", field="sha256"):
        body.by_contact(remove_file, case, sha256=sha256)
    assert [one.sha256 for one in files.of_case(case)] == [sha256]


def test_further_evidence_names_files_that_were_uploaded(body: Body):
    case = factories.brought(body, "taken up")
    factories.confirm(body, case)
    body.by_chair(moderation.request_evidence, case=case, criteria=["1.1"], wanted="More.")
    new = storing.evidence_of(["9.9"])
    missing = [
        type(new[0])(criterion="1.1", sha256=one.sha256, media_type=one.media_type, size=one.size) for one in new
    ]

    with refused("evidence-stored", field="evidence[0].sha256"):
        body.by_contact(moderation.provide_evidence, case, answers={}, evidence=missing)
    upload(body, case, "9.9")
    assert body.by_contact(moderation.provide_evidence, case, answers={}, evidence=missing).events


def test_a_submission_has_room_for_so_many_files_and_a_removed_one_makes_room(body: Body):
    case = factories.brought(body, "registered")
    most = 2 * body.scheme.files_per_criterion * len(body.submission(case).registration.criteria)
    first = upload(body, case, "0")
    storing.given_files(body.office, case, storing.evidence_of([str(number) for number in range(1, most)]))

    with refused("files-per-submission", field="case"):
        upload(body, case, "one too many")
    upload(body, case, "0")  # the same again is no other
    body.by_contact(remove_file, case, sha256=first)
    upload(body, case, "one more")


def test_how_much_may_be_uploaded_is_said_before_anything_comes(body: Body):
    case = factories.brought(body, "registered")

    assert limits_of(body.office, case, at=body.now()) == (body.scheme.file_bytes, body.scheme.media_types)
    with refused("stage-order"):
        limits_of(body.office, factories.brought(body, "submitted"), at=body.now())


def test_where_no_files_are_kept_no_evidence_is_taken(body: Body, records: Any):
    case = factories.brought(body, "registered")
    office = Office(records, schemes=body.office.schemes)
    contact = body.submission(case).registration.lead_contact

    assert isinstance(office.files, NoFiles)
    with refused("evidence-stored"):
        preparation.submit_portfolio(office, body.command(contact, "provider"), case=case, **portfolio(body, case))


@pytest.fixture
def keeping(body: Body, database: Database) -> Keeping:
    return open_keeping(body, database)


def ended(body: Body) -> str:
    """A case with a file, that was withdrawn."""
    case = factories.brought(body, "registered")
    upload(body, case)
    body.by_contact(preparation.withdraw, case, reason="We have no time.")
    return case


def files_kept(keeping: Keeping) -> list[str]:
    return [case for (case,) in keeping.rows("SELECT case_id FROM record.files ORDER BY case_id")]


def test_files_go_as_the_portfolio_does_with_the_event_that_says_how_many(body: Body, clock: Clock, keeping: Keeping):
    case = ended(body)
    clock.passes(days=2 * YEAR)
    assert not any(one.files for one in keeping.state(keeping.listed()).items)
    clock.passes(days=YEAR)

    going = keeping.approved(keeping.listed())
    assert [(one.kind, one.files) for one in keeping.state(going).items if one.files] == [("portfolio", 1)]
    assert files_kept(keeping) == [case]
    keeping.gone(going)

    assert files_kept(keeping) == []
    [done] = body.events(going, RecordsLetGo)
    assert (done.files, done.digest) == (1, keeping.state(going).digest)
    assert keeping.state(going).files == 1
    assert kept(body).clear() == 1
    assert list(kept(body).objects.all()) == []


def test_bytes_that_another_case_has_stay(body: Body, clock: Clock, keeping: Keeping):
    ended(body)
    clock.passes(days=3 * YEAR)
    going = keeping.approved(keeping.listed())
    running = factories.brought(body, "registered")
    sha256 = upload(body, running)
    keeping.gone(going)

    assert files_kept(keeping) == [running]
    assert kept(body).clear() == 0
    assert kept(body).objects.size(sha256)


def test_a_hold_keeps_the_files_and_the_event_says_on_which_ground(body: Body, clock: Clock, keeping: Keeping):
    case = ended(body)
    clock.passes(days=3 * YEAR)
    going = keeping.approved(keeping.listed())
    keeping.manager(retention.hold, subject=case, ground="legal-claim", reason="A claim was made")
    keeping.gone(going)

    assert files_kept(keeping) == [case]
    [done] = body.events(going, RecordsLetGo)
    assert [(one.holder, one.kind, one.ground, one.files) for one in done.kept if one.files] == [
        (case, "portfolio", "legal-hold", 1)
    ]


def test_a_running_case_keeps_its_files_and_what_is_kept_counts_them(body: Body, clock: Clock, keeping: Keeping):
    case = factories.brought(body, "registered")
    upload(body, case)
    work = Work(body.office, body.command(body.officer, "officer"), HOLDS)

    counted = survey(facts_of(work, keeping.seen, at=body.now()))

    assert counted["portfolio"].stays == {"running-case": 1}
