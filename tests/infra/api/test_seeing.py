"""What somebody sees: the list and the look-up of one case agree for everybody, a conflict hides at once, and nothing else is told."""

from typing import Any

import pytest
from psycopg.sql import SQL

from domain import permissions
from domain.refusals import Refused
from infra.api.caller import Api, Caller
from infra.api.seeing import Sight
from infra.bootstrap import App
from infra.projector import catch_up
from services import people, schemes
from tests import factories
from tests.factories import Body
from tests.services import appealing, boards, complaining, test_calibration
from tests.services.conftest import Clock
from tests.services.test_audits import cases
from tests.services.test_conflicts import another_officer, declare, owner, reviewed
from tests.services.test_one_human_twice import link
from tests.services.test_scrutiny import arranged

READS = [action for action in permissions.actions() if action.startswith("see-")]


def sight(api: Api, actor: str, role: str, **said: Any) -> Sight:
    """What somebody sees who asks now in a role."""
    return Sight(api, Caller(actor=actor, role=role, at=api.now(), request="request", **said))


def listed(app: App, seen: Sight, action: str, *, by_provider: bool = False) -> set[str]:
    """The cases that a list of everything keeps, by their ids alone, or by their providers too."""
    condition, values = seen.condition(action, case="one.case_id", provider="one.provider" if by_provider else None)
    query = SQL("SELECT case_id FROM read.parts_cases AS one WHERE {}").format(condition)
    with app.records.datastore.get_connection() as connection:
        return {row["case_id"] for row in connection.execute(query, values)}


def everything(app: App) -> list[str]:
    """All streams that there are."""
    return sorted({one.stream for one in app.records.read_log(0, 100_000)})


def busy(body: Body, clock: Clock) -> None:
    """Cases at all stages, of several providers, with conflicts, two accounts of one human, and every kind of matter."""
    made = appealing.hearing(body)
    made.upheld(appealing.refused_case(body))
    made.heard(appealing.refused_case(body))
    handler = complaining.handlers(body, 1)[0]
    provider = factories.register_provider(body)
    complaint = complaining.by_contact(body, provider, about="people", people=body.assessors[:1])
    complaining.acknowledge(body, complaint, handler)
    arranged(body)
    reviewed(body)
    members = boards.board_of(body)
    cases(body, clock, 3)
    boards.opened(body, members)
    case = factories.brought(body, "completed")
    factories.take_up(body, case)
    factories.settle(body, factories.brought(body, "screened"))
    declare(body, made.hearers[0], case, "appeals-panel")
    declare(body, members[0], case, "board")
    link(body, factories.appoint(body, "chair", training="chairing"), body.assessors[1])
    body.by_officer(people.give_role, id=provider.contact, role="quality-manager")


def everybody(body: Body, app: App) -> list[tuple[str, str]]:
    """Everyone in each of their roles, the public, and a service."""
    known = [one for one in everything(app) if one.startswith("person-")]
    held = {(one, role) for one in known for role, _ in body.state(one).roles_at(body.now())}
    return [*sorted(held), ("public-1", "public"), ("service-1", "officer")]


def test_lists_and_the_look_up_of_one_case_agree_for_everybody(api: Api, app: App, body: Body, clock: Clock):
    busy(body, clock)
    catch_up(app.records)
    streams = everything(app)

    differing = []
    for actor, role in everybody(body, app):
        seen = sight(api, actor, role)
        for action in READS:
            one_by_one = {case for case in streams if seen.sees(case, action)}
            for by_provider in (False, True):
                found = listed(app, seen, action, by_provider=by_provider)
                if found != one_by_one:
                    differing.append((role, action, by_provider, sorted(found ^ one_by_one)[:3]))
    assert differing == [], differing[:20]


def test_a_conflict_hides_a_case_at_once_from_lists_too(api: Api, app: App, body: Body):
    case, other, officer = factories.register(body), factories.register(body), another_officer(body)
    catch_up(app.records)
    assert {case, other} <= listed(app, sight(api, officer, "officer"), "see-board")

    declare(body, officer, case, "officer")  # and no read model has seen it

    seen = sight(api, officer, "officer")
    assert not seen.there(case)
    assert not seen.sees(case, "see-case")
    assert seen.there(other)
    for by_provider in (False, True):
        found = listed(app, seen, "see-board", by_provider=by_provider)
        assert case not in found
        assert owner(body, case) not in found
        assert other in found


def test_a_list_by_provider_alone_leaves_out_whom_a_conflict_hides(api: Api, app: App, body: Body):
    case, officer = factories.register(body), another_officer(body)
    declare(body, officer, case, "officer")
    condition, values = sight(api, officer, "officer").condition("see-ledger", provider="owing.provider")

    query = SQL("SELECT provider FROM (VALUES (%(one)s), ('provider-x'), (NULL)) AS owing (provider) WHERE {}")
    with app.records.datastore.get_connection() as connection:
        rows = connection.execute(query.format(condition), values | {"one": owner(body, case)}).fetchall()
    assert [row["provider"] for row in rows] == ["provider-x", None]


def test_a_row_without_a_case_is_shown_only_where_a_list_has_such_rows(api: Api, app: App, body: Body):
    seen = sight(api, another_officer(body), "officer")
    with app.records.datastore.get_connection() as connection:
        catch_up(app.records)
        for optional, rows in ((False, 0), (True, 1)):
            condition, values = seen.condition("see-board", case="one.case_id", optional=optional)
            query = SQL("SELECT FROM (VALUES (NULL)) AS one (case_id) WHERE {}").format(condition)
            assert len(connection.execute(query, values).fetchall()) == rows


def test_scrutiny_that_was_arranged_shows_its_case_alone(api: Api, app: App, body: Body):
    id, case, _ = arranged(body)
    person, contact = body.state(id).person, body.submission(case).registration.lead_contact
    other = factories.register(body, factories.Provider(id=owner(body, case), contact=contact))
    catch_up(app.records)

    for role, cases_seen in (("officer", {case}), ("chair", set())):
        seen = sight(api, person, role)
        assert {one for one in (case, other) if seen.there(one)} == cases_seen
    assert listed(app, sight(api, person, "officer"), "see-board") & {case, other} == {case}


def test_who_marks_it_blind_sees_nothing_of_the_first_marking(api: Api, app: App, clock: Clock):
    source = factories.scheme_source().replace("[assessment]\n", "[assessment]\ncalibration_percent = 100\n")
    body = factories.open_body(app.office, source=source, now=clock)
    case, first, second = test_calibration.assigned(body)
    catch_up(app.records)

    assert sight(api, first, "assessor").sees(case, "see-judgements")
    marker = sight(api, second, "assessor")
    assert marker.sees(case, "see-portfolio")
    assert not marker.sees(case, "see-judgements")
    assert case not in listed(app, marker, "see-judgements")


def test_a_provider_sees_judgements_once_its_result_is_told(api: Api, app: App, body: Body):
    case = factories.brought(body, "approved")
    contact = sight(api, body.submission(case).registration.lead_contact, "provider")
    assert contact.sees(case, "see-case")
    assert not contact.sees(case, "see-judgements")

    factories.settle(body, case)

    contact = sight(api, body.submission(case).registration.lead_contact, "provider")
    assert contact.sees(case, "see-judgements")


def test_an_appointment_for_one_scheme_shows_nothing_of_another(api: Api, app: App, body: Body):
    case = factories.register(body)
    other = (factories.MAIN_SCHEME.parent / "pd-mark.toml").read_text(encoding="utf-8")
    body.by(schemes.publish_scheme, "installer", schemes.INSTALLER_ROLE, source=other, file="pd-mark.toml")
    elsewhere = factories.appoint(body, "officer", scheme="pd-mark")
    catch_up(app.records)

    assert not sight(api, elsewhere, "officer").sees(case, "see-case")
    assert case not in listed(app, sight(api, elsewhere, "officer"), "see-board")
    assert sight(api, factories.appoint(body, "officer"), "officer").sees(case, "see-case")


def test_a_token_narrowed_to_something_else_shows_nothing(api: Api, body: Body):
    case = factories.register(body)
    seen = sight(api, body.officer, "officer", scopes=frozenset({"see-board"}))

    assert not seen.sees(case, "see-case")
    with pytest.raises(Refused) as refusal:
        seen.require("see-case")
    assert refusal.value.rule == "token-scope"


def test_who_may_see_something_in_no_relation_is_told_who_may(api: Api, body: Body):
    with pytest.raises(Refused) as refusal:
        sight(api, body.assessors[0], "assessor").require("see-looks")

    assert (refusal.value.rule, refusal.value.field) == ("acting-role", "role")
    assert "quality-manager" in (refusal.value.allowed or "")


def test_the_first_page_of_a_long_board_is_read_by_its_index_also_with_a_conflict(api: Api, app: App, body: Body):
    """Given 20,000 cases, in all of which the officer took part, nothing is read whole for fifty of them."""
    case = factories.register(body)
    catch_up(app.records)
    with app.records.datastore.get_connection() as connection:
        for statement in MANY:
            connection.execute(statement, {"officer": body.officer})
    declare(body, body.officer, case, "officer")

    condition, values = sight(api, body.officer, "officer").condition("see-board", case="board.submission")
    query = SQL(
        "EXPLAIN SELECT * FROM read.board WHERE {} ORDER BY coalesce(due_at, 'infinity'), submission LIMIT 50"
    ).format(condition)
    with app.records.datastore.get_connection() as connection:
        plan = "\n".join(row["QUERY PLAN"] for row in connection.execute(query, values))
    assert "Index Scan using board" in plan
    assert "Seq Scan on board" not in plan


MANY = (
    """
    INSERT INTO read.board
        (submission, title, scheme, provider, origin, category, subject, stage, since, due_at, remind_at, provisional, released)
    SELECT 'submission-' || number, 'many', 'cpd-qa@1', 'provider-' || mod(number, 300), 'new', 'c', 's', 'screening',
        now(), now() + make_interval(mins => number), '{}', false, false
    FROM generate_series(1, 20000) AS number
    """,
    """
    INSERT INTO read.parts_cases SELECT submission, 'submission', provider, provider, scheme, NULL, false, 1
    FROM read.board WHERE title = 'many'
    """,
    """
    INSERT INTO read.parts SELECT submission, %(officer)s, 'took-part', %(officer)s, 1, NULL
    FROM read.board WHERE title = 'many'
    """,
    "ANALYZE read.board",
    "ANALYZE read.parts",
    "ANALYZE read.parts_cases",
)


def test_a_column_is_named_with_its_table_since_nothing_would_be_hidden_by_one_that_is_not(api: Api, body: Body):
    with pytest.raises(ValueError, match="without its table"):
        sight(api, body.officer, "officer").condition("see-board", case="case_id")
