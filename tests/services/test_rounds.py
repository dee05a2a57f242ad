"""The body's rounds: everybody is asked about their conflicts at intervals, and a scheme's year that lacks something is told."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.authority import ConflictsAsked, ConflictsConfirmed
from domain.clocks import DeadlineMissed, ReminderSent
from domain.policy import PolicyPublished, PolicyRecord, evolve, read_policy, review
from domain.rounds import ConflictsAskedAbout, Missing, YearLookedAt, YearMadeUpFor
from domain.tasks import Task
from services import people, policies, rounds, sampling, standardisation
from services.authority import authority_id
from services.office import Office
from tests import factories
from tests.domain.given import NOON, refused, text
from tests.factories import Body
from tests.services.appealing import catch_up
from tests.services.boards import GOVERNANCE, publish_governance
from tests.services.conftest import Clock

POLICY = policies.policy_id("governance")
ASKED = "confirm-conflicts-within"


def asked(body: Body, person: str) -> Task | None:
    task: Task | None = body.state(authority_id(person)).tasks.running.get(ASKED)
    return task


def missing(body: Body) -> set[str]:
    """The tasks to make up for what the year lacks."""
    return {name for name in body.state(POLICY).tasks.running if name.startswith(("schedule-", "plan-"))}


def schedule(body: Body, manager: str, starts_at: datetime) -> str:
    command = body.command(manager, "quality-manager")
    said: dict[str, Any] = {"scheme": body.scheme.id, "starts_at": starts_at, "leader": body.chair}
    standardisation.schedule_session(body.office, command, **said, invited=body.moderators[:1], note="A file.")
    return standardisation.session_id(command.id)


def test_everybody_is_asked_about_their_conflicts_at_the_policys_intervals_and_confirms_them(body: Body, clock: Clock):
    ada, ben = body.assessors[:2]
    contact = factories.register_provider(body).contact
    gone = factories.appoint(body, "moderator")
    body.by_officer(people.end_role, id=gone, role="moderator", scheme=body.scheme.id)
    publish_governance(body)

    catch_up(body, POLICY)
    first, task = body.events(POLICY, ConflictsAskedAbout)[-1], asked(body, ada)
    assert task
    assert (task.who, task.told, task.remind_at[0]) == (ada, "quality-manager", clock.at)
    assert {ada, ben, body.officer, body.chair} <= set(first.people)
    assert not {contact, gone} & set(first.people)
    assert catch_up(body, authority_id(ada)) == ["remind_task"]  # by which they learn of it
    with refused("acting-role"):
        body.by(rounds.confirm_conflicts, ada, "officer")
    body.by(rounds.confirm_conflicts, ada, "assessor")
    [confirmed] = body.events(authority_id(ada), ConflictsConfirmed)
    assert (confirmed.person, asked(body, ada)) == (ada, None)

    clock.comes_to(task.due_at)
    assert catch_up(body, authority_id(ben))[-1] == "miss_task"
    assert [one.rule for one in body.events(authority_id(ben), DeadlineMissed)] == [ASKED]
    assert ASKED not in {one.rule for one in body.events(authority_id(ada), DeadlineMissed)}
    clock.comes_to(first.sets[-1].due_at)
    catch_up(body, POLICY)
    assert asked(body, ada)
    assert asked(body, ben) == body.events(authority_id(ben), ConflictsAsked)[0].sets[0]  # who is late stays so
    body.by_officer(people.end_role, id=ben, role="assessor", scheme=body.scheme.id)
    assert asked(body, ben) is None


def test_what_a_schemes_year_lacks_is_told_at_once_and_to_the_board_where_it_is_not_made_up_for(
    body: Body, clock: Clock
):
    publish_governance(body)
    manager = factories.appoint(body, "quality-manager", scheme=None)
    year, scheme = clock.at.year, body.scheme.id
    session, plan = f"schedule-standardisation-within:{scheme}:{year}", f"plan-sampling-within:{scheme}:{year}"

    catch_up(body, POLICY)
    [looked] = body.events(POLICY, YearLookedAt)
    lacks = (Missing(scheme=scheme, what="sampling"), Missing(scheme=scheme, what="standardisation"))
    assert (looked.year, looked.lacks, missing(body)) == (year, lacks, {session, plan})
    told = {one.rule for one in body.events(POLICY, ReminderSent)}
    assert told == {"schedule-standardisation-within", "plan-sampling-within"}
    assert {one.who for one in looked.sets} == {"quality-manager"}

    body.by(sampling.plan_sampling, manager, "quality-manager", scheme=scheme, year=year, seed=7)
    schedule(body, manager, clock.at + timedelta(days=400))  # which is none of this year
    assert missing(body) == {session}
    late = body.state(POLICY).tasks.running[session]
    clock.comes_to(late.due_at)
    catch_up(body, POLICY)
    assert [one.about for one in body.events(POLICY, DeadlineMissed)] == [f"{scheme}:{year}"]
    assert late.told == "board"
    held = schedule(body, manager, clock.at + timedelta(days=20))
    assert missing(body) == set()
    assert [one.what for one in body.events(POLICY, YearMadeUpFor)] == ["sampling", "standardisation"]

    body.by(standardisation.cancel_session, manager, "quality-manager", session=held, reason="Nobody can come.")
    clock.comes_to(looked.sets[-1].due_at)
    catch_up(body, POLICY)
    assert missing(body) == {session}
    clock.comes_to(datetime(year + 1, 1, 2, tzinfo=clock.at.tzinfo) + timedelta(days=100))
    catch_up(body, POLICY)
    assert missing(body) == {f"plan-sampling-within:{scheme}:{year + 1}"}  # what is past is asked for no longer


@pytest.mark.parametrize(("yearly", "lacks"), [("[]", []), ('["sampling"]', ["sampling"])])
def test_a_scheme_says_what_its_years_need(office: Office, clock: Clock, yearly: str, lacks: list[str]):
    source = factories.scheme_source().replace("[people.training]", f"[people]\nyearly = {yearly}\n\n[people.training]")
    body = factories.open_body(office, source=source, now=clock)
    publish_governance(body)

    catch_up(body, POLICY)

    assert [one.what for one in body.events(POLICY, YearLookedAt)[-1].lacks] == lacks


def test_under_a_policy_from_before_there_were_rounds_they_begin_with_its_review():
    source = GOVERNANCE.read_text(encoding="utf-8")
    policy = read_policy(source)
    old = PolicyPublished(policy=POLICY, kind="governance", version=1, digest=policy.digest, source=source, sets=())
    record = evolve(PolicyRecord(), old)

    said: dict[str, Any] = {"by": "person-a", "result": "stands", "note": text("It is well"), "at": NOON}
    [reviewed] = review(record, policy=policy, **said)
    [again] = review(evolve(record, reviewed), policy=policy, **{**said, "note": text("It still is")})

    begun = {one.rule for one in reviewed.sets} - {one.rule for one in again.sets}
    assert begun == {"ask-about-conflicts-on", "look-at-year-on"}
