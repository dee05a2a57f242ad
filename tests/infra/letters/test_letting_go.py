"""The words of letters go with the records that they are about, and looks after a time of their own; who is erased is in no letter."""

import psycopg
import pytest

from domain.retention import RecordsLetGo
from infra.api.caller import Api, Caller
from infra.api.looks import look
from infra.calendars import addresses
from services import retention
from services.ports import Batch, Change, Erasure
from services.survey import survey
from tests.conftest import Database
from tests.infra.letters.conftest import Posting
from tests.services.appealing import hearing, refused_case
from tests.services.conftest import Clock
from tests.services.retaining import YEAR, Keeping, facts, open_keeping, withdrawn


@pytest.fixture
def keeping(post: Posting, database: Database) -> Keeping:
    return open_keeping(post.body, database)


def written(post: Posting) -> str:
    """A case that was withdrawn, with letters about it that were sent."""
    case = withdrawn(post.body)
    post.compose()
    post.send()
    return case


def looked(post: Posting, case: str) -> None:
    """An officer is shown the portfolio of a case."""
    body = post.body
    caller = Caller(actor=body.officer, role="officer", at=body.now(), request="0123456789abcdef")
    look(Api(app=post.app, identify=lambda *_: None), caller, case, "see-portfolio")


def with_words(keeping: Keeping) -> dict[str, int]:
    """How many letters about each case or matter still have their words."""
    rows = keeping.rows(
        "SELECT stream, count(*) FROM letters.letters JOIN letters.texts AS words ON words.letter = id GROUP BY stream"
    )
    return dict(rows)


def looks(keeping: Keeping) -> list[str]:
    return [case for (case,) in keeping.rows("SELECT case_id FROM access.looks ORDER BY id")]


def of_kind(keeping: Keeping, case: str, kind: str) -> list[tuple[str, int]]:
    """What of a kind is to go: whose, and how much."""
    return [(one.holder, one.texts) for one in keeping.state(case).items if one.kind == kind]


def test_the_words_of_letters_go_with_their_case_by_two_approvals_and_that_they_went_out_stays(
    post: Posting, clock: Clock, keeping: Keeping
):
    case = written(post)
    many = with_words(keeping)[case]
    letters = post.letters(case)
    assert many > 0
    clock.passes(days=2 * YEAR)
    assert case not in {one.holder for one in keeping.state(keeping.listed()).items}
    clock.passes(days=YEAR)

    going = keeping.approved(keeping.listed())
    assert of_kind(keeping, going, "letters") == [(case, many)]
    assert with_words(keeping)[case] == many
    keeping.gone(going)

    assert case not in with_words(keeping)
    assert post.letters(case) == letters
    [done] = post.body.events(going, RecordsLetGo)
    assert (done.texts, done.digest) == (1 + many, keeping.state(going).digest)


def test_holds_of_a_case_and_of_whom_its_letters_name_keep_letters_and_looks(
    post: Posting, clock: Clock, keeping: Keeping
):
    case = written(post)
    named = post.body.submission(case).registration.lead_contact
    looked(post, case)
    many = with_words(keeping)[case]
    clock.passes(days=3 * YEAR)
    going = keeping.approved(keeping.listed())
    for subject in (case, named):
        keeping.manager(retention.hold, subject=subject, ground="legal-claim", reason="A claim was made")
    keeping.gone(going)

    assert with_words(keeping)[case] == many
    assert looks(keeping) == [case]
    [done] = post.body.events(going, RecordsLetGo)
    kept = {(one.kind, one.ground, one.texts) for one in done.kept}
    assert {("letters", "legal-hold", many), ("looks", "legal-hold", 1)} <= kept


def test_letters_about_an_appeal_stay_while_it_is_open_and_go_after_it_was_closed(
    post: Posting, clock: Clock, keeping: Keeping
):
    hear, case = hearing(post.body), refused_case(post.body)
    appeal = hear.heard(case)
    post.compose()
    post.send()
    assert {one.until.ground for one in facts(post.body, keeping).beside(appeal)} == {"open-matter"}
    hear.decide(appeal)
    post.compose()
    post.send()
    closed_at, many = clock(), with_words(keeping)[appeal]

    for passes, goes in ((2, 0), (1, many)):
        clock.passes(days=passes * YEAR)
        kept = facts(post.body, keeping).beside(appeal)
        assert sum(one.until.past(clock()) for one in kept) == goes
    assert {one.until.at.year for one in kept if one.until.at} == {closed_at.year + 3}


def test_looks_go_after_their_time_and_later_ones_stay(post: Posting, clock: Clock, keeping: Keeping):
    case = withdrawn(post.body)
    looked(post, case)
    clock.passes(days=YEAR)
    looked(post, case)
    clock.passes(days=2 * YEAR)

    counted = survey(facts(post.body, keeping))["looks"]
    provider = post.body.submission(case).registration.provider
    assert "looks" not in survey(facts(post.body, keeping), without={provider})
    assert (counted.goes, sum(counted.stays.values())) == (1, 1)
    going = keeping.approved(keeping.listed())
    assert of_kind(keeping, going, "looks") == [(case, 1)]
    assert looks(keeping) == [case, case]
    keeping.gone(going)

    assert looks(keeping) == [case]
    assert survey(facts(post.body, keeping))["looks"].goes == 0


def test_looks_go_by_nothing_but_the_event_that_lets_records_go(post: Posting, keeping: Keeping, database: Database):
    case = withdrawn(post.body)
    looked(post, case)
    body, [(number,)] = post.body, keeping.rows("SELECT id FROM access.looks")
    other = body.recorded(body.officer)[-1].event
    batch = Batch(
        command=body.command(body.officer, "officer"),
        changes=[Change(stream=body.officer, expected=len(body.recorded(body.officer)), events=[other])],
        erase=Erasure(texts=[f"look-{number}"], seen=post.app.records.max_position()),
    )

    with pytest.raises(Exception, match="looks go only with the event"):
        post.app.records.append(batch)
    refused = (psycopg.errors.InsufficientPrivilege, psycopg.errors.RestrictViolation)
    by_function = f"SELECT access.let_go_of_looks('{{{number}}}')"
    for url, asked in (
        (database.app_url, by_function),
        (database.app_url, "DELETE FROM access.looks"),
        (database.admin_url, by_function),
        (database.admin_url, "DELETE FROM access.looks"),
    ):
        with psycopg.connect(url, options="-c access.letting_go=on") as anybody, pytest.raises(refused):
            anybody.execute(asked)

    assert looks(keeping) == [case]


def test_who_is_erased_is_in_no_letter_and_has_no_calendar_and_that_they_looked_stays(
    post: Posting, clock: Clock, keeping: Keeping
):
    case = written(post)
    looked(post, case)
    contact = post.body.submission(case).registration.lead_contact
    datastore = post.app.records.datastore
    addresses.make(datastore, person=contact, role="provider", at=clock())
    clock.passes(days=YEAR)
    looked_at = keeping.rows("SELECT * FROM access.looks")
    assert contact in {one.recipient for one in post.letters(case)}

    keeping.gone(keeping.approved(keeping.proposed(keeping.asked(contact))))

    named = keeping.rows(f"SELECT letter FROM letters.texts WHERE '{contact}' = ANY(names)")
    assert named == []
    assert not any(subject == contact for subject, _ in keeping.vault())
    assert addresses.of_person(datastore, contact, "provider") is None
    assert keeping.rows("SELECT * FROM access.looks") == looked_at


@pytest.mark.parametrize("taker", ["a person", "a program"])
def test_that_the_record_was_taken_away_is_kept_as_long_as_other_looks(
    post: Posting, clock: Clock, keeping: Keeping, taker: str
):
    """Given that it stands by who took it, as it is of no case, it goes after the same time."""
    body = post.body
    who = body.officer if taker == "a person" else "service-abc"
    caller = Caller(actor=who, role="quality-manager", at=body.now(), request="0123456789abcdef")
    look(Api(app=post.app, identify=lambda *_: None), caller, who, "see-export")

    counted = survey(facts(body, keeping))["looks"]
    assert (counted.goes, sum(counted.stays.values())) == (0, 1)
    clock.passes(days=20 * YEAR)
    keeping.gone(keeping.approved(keeping.listed()))

    assert looks(keeping) == []
