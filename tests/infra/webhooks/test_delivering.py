"""What the feed would tell is carried in its order, at least once, again until it arrives, and one receiver holds up no other."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from infra.api.caller import Api, Caller
from infra.api.feed import read
from infra.api.seeing import Sight
from infra.bootstrap import App
from infra.identity import service_accounts
from infra.webhooks import delivering, failures, subscriptions
from infra.webhooks.readable import nobody
from services import people
from tests import factories
from tests.conftest import Database
from tests.factories import Body
from tests.infra.polling import until
from tests.infra.webhooks.conftest import Clock, Hooks, account
from tests.infra.webhooks.receiver import Got, receiving
from tests.services.test_conflicts import another_officer, declare


def feed(app: App, clock: Clock, actor: str, role: str) -> list[int]:
    """The positions of what the feed tells somebody now."""
    api = Api(app=app, identify=nobody, now=clock)
    scopes = None
    if actor.startswith("service-"):
        found = service_accounts.find(app.records.datastore, actor)
        scopes = frozenset(found.scopes) if found else frozenset()
    caller = Caller(actor=actor, role=role, at=clock(), request="request", scopes=scopes)
    return [
        one.position for one in read(api, caller, Sight(api, caller), after=0, limit=10_000, kind=None, case=None).items
    ]


def test_what_the_feed_would_tell_is_carried_once_in_its_order(app: App, body: Body, clock: Clock, hooks: Hooks):
    factories.brought(body, "screened")
    hooks.caught_up()
    expected = feed(app, clock, hooks.account, "officer")
    with receiving() as receiver:
        hooks.add("all", receiver.url)
        with hooks.at_work():
            until(lambda: len(receiver.got) >= len(expected))
            until(lambda: hooks.now("all").position == app.records.max_position())

    assert receiver.positions == expected
    assert len(expected) > 20


def test_a_message_is_a_signed_cloud_event_with_nothing_personal_in_it(app: App, body: Body, hooks: Hooks):
    case = factories.register(body)
    with receiving() as receiver:
        made = hooks.add("registered", receiver.url, ["ProgrammeRegistered"])
        with hooks.at_work():
            until(lambda: receiver.got)

    [got] = receiver.got
    got.verify(hooks.secrets["registered"])
    event, [recorded] = got.event, [one for one in body.recorded(case) if one.name.startswith("ProgrammeRegistered")]
    assert got.id == f"{made.id}-{recorded.position}"
    assert (event.get_id(), event.get_type()) == (str(recorded.position), "assay.ProgrammeRegistered")
    assert (event.get_subject(), event.get_time()) == (case, recorded.recorded_at)
    assert event.get_source().endswith("/api/v1/events")
    assert event.get_extension("sequence") == f"{recorded.position:020d}"
    assert event.get_data()["data"]["provider"] == recorded.event.provider
    for typed in (b"A programme", b"Provider of", b"Contact of", b"@provider.example"):
        assert typed not in got.body


def test_only_the_events_that_were_named_are_carried_and_the_rest_passed_over(app: App, body: Body, hooks: Hooks):
    factories.brought(body, "screened")
    with receiving() as receiver:
        hooks.add("two", receiver.url, ["ScreeningPassed", "FeePaid"])
        with hooks.at_work():
            until(lambda: hooks.now("two").position == app.records.max_position())

    assert {one.event.get_type() for one in receiver.got} == {"assay.ScreeningPassed", "assay.FeePaid"}


def test_what_fails_is_set_aside_and_tried_again_until_it_arrives(body: Body, clock: Clock, hooks: Hooks):
    factories.brought(body, "submitted")
    failing = True

    def answers(got: Got) -> int:
        return 500 if failing and got.event.get_type() == "assay.PortfolioSubmitted" else 204

    with receiving(answers) as receiver:
        hooks.add("some", receiver.url, ["ProgrammeRegistered", "PortfolioSubmitted", "FeePaid"])
        with hooks.at_work():
            [failure] = until(lambda: hooks.failed("some"))
            until(lambda: hooks.now("some").position >= failure.position)
            assert (failure.name, failure.attempts, failure.error) == ("PortfolioSubmitted", 1, "answered 500")
            assert hooks.now("some").failing_since is not None

            failing = False
            clock.passes(seconds=6)
            until(lambda: not hooks.failed("some"))
            until(lambda: hooks.now("some").failing_since is None)

    tries = [one for one in receiver.got if one.position == failure.position]
    assert [one.status for one in tries] == [500, 204]
    assert len({one.id for one in tries}) == 1
    assert len({one.headers["webhook-timestamp"] for one in tries}) == 2
    for one in tries:
        assert one.headers["webhook-signature"].startswith("v1,")


def test_attempts_go_on_for_a_day_then_it_is_a_dead_letter_and_the_subscription_is_paused(
    body: Body, clock: Clock, hooks: Hooks
):
    factories.register(body)
    with receiving(lambda _: 503) as receiver:
        hooks.add("down", receiver.url, ["ProgrammeRegistered"])
        with hooks.at_work():
            for attempt, pause in enumerate(failures.PAUSES, start=1):
                until(lambda attempt=attempt: [one.attempts for one in hooks.failed("down")] == [attempt])
                assert hooks.failed("down")[0].dead_at is None
                clock.passes(seconds=pause.total_seconds() + 1)
            until(lambda: hooks.failed("down")[0].dead_at)
            until(lambda: hooks.now("down").paused_because == subscriptions.FAILING)

    assert sum(one.total_seconds() for one in failures.PAUSES) >= 86_400
    assert len(receiver.got) == len(failures.PAUSES) + 1


def test_a_dead_letter_is_tried_again_when_somebody_asks_or_dropped(body: Body, clock: Clock, hooks: Hooks):
    factories.register(body)
    with receiving() as receiver:
        held = hooks.add("hook", receiver.url, ["FeePaid"])
        [registered] = [
            one.position for one in hooks.app.records.read_log(0, 10_000) if one.name.startswith("ProgrammeRegistered")
        ]
        for position in (registered, 1, 2):
            dead = len(failures.PAUSES) + 1
            failures.keep(
                hooks.store, held, position=position, name="X", attempts=dead, error="down", wait=0, at=clock()
            )
        with hooks.at_work():
            assert failures.retry(hooks.store, held, position=registered, at=clock()) == 1
            until(lambda: [one.position for one in hooks.failed("hook")] == [1, 2])
        assert receiver.positions == [registered]

    assert failures.drop(hooks.store, held, position=1) == 1
    assert failures.drop(hooks.store, held, position=None) == 1
    assert hooks.failed("hook") == []


def test_who_asks_to_be_left_alone_for_a_while_is(body: Body, clock: Clock, hooks: Hooks):
    factories.register(body)
    with receiving(lambda _: (429, {"Retry-After": "1800"})) as receiver:
        hooks.add("busy", receiver.url, ["ProgrammeRegistered"])
        with hooks.at_work():
            [failure] = until(lambda: hooks.failed("busy"))
    assert (failure.next_at - failure.first_at).total_seconds() == 1_800


def test_who_answers_that_it_is_gone_is_told_nothing_more_until_somebody_says_so(body: Body, hooks: Hooks):
    case = factories.brought(body, "submitted")
    gone = True
    with receiving(lambda _: 410 if gone else 204) as receiver:
        hooks.add("gone", receiver.url)
        with hooks.at_work():
            until(lambda: hooks.now("gone").paused_because == subscriptions.GONE)
        assert len(receiver.got) == 1

        gone = False
        subscriptions.resume(hooks.store, "gone", by=None, at=hooks.clock())
        with hooks.at_work():
            until(lambda: hooks.now("gone").position == hooks.app.records.max_position())
    assert receiver.positions[0] == receiver.got[0].position
    assert case in {one.event.get_subject() for one in receiver.got}


def test_one_slow_receiver_holds_up_no_other_and_has_one_message_at_a_time(app: App, body: Body, hooks: Hooks):
    factories.brought(body, "screened")
    with ExitStack() as stack:
        slow = stack.enter_context(receiving())
        others = [stack.enter_context(receiving()) for _ in range(5)]
        slow.held.clear()
        hooks.add("slow", slow.url)
        for number, one in enumerate(others):
            hooks.add(f"other-{number}", one.url)
        with hooks.at_work():
            end = app.records.max_position()
            until(lambda: all(hooks.now(f"other-{number}").position == end for number in range(5)), limit=60)
            assert (slow.got, slow.at_once) == ([], 1)
            slow.held.set()
            until(lambda: hooks.now("slow").position == end, limit=60)
    assert slow.most_at_once == 1
    assert slow.positions == others[0].positions


def test_no_more_are_sent_at_once_than_that(app: App, body: Body, hooks: Hooks, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(delivering, "AT_ONCE", 3)
    factories.register(body)
    with receiving() as receiver:
        receiver.held.clear()
        for number in range(6):
            hooks.add(f"hook-{number}", receiver.url, ["ProgrammeRegistered"])
        with hooks.at_work():
            until(lambda: receiver.at_once == 3)
            receiver.held.set()
            until(lambda: len(receiver.got) == 6)
    assert receiver.most_at_once == 3


def test_who_does_not_answer_counts_as_a_failure_after_a_time(body: Body, hooks: Hooks):
    factories.register(body)
    with receiving() as receiver:
        receiver.held.clear()
        hooks.add("silent", receiver.url, ["ProgrammeRegistered"])
        with hooks.at_work(limit=0.3):
            [failure] = until(lambda: hooks.failed("silent"))
        receiver.held.set()
    assert failure.error.startswith("no answer within")


def test_when_too_much_waits_to_be_tried_again_nothing_more_is_read(
    app: App, body: Body, hooks: Hooks, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(delivering, "HELD", 4)
    factories.brought(body, "screened")
    with receiving(lambda _: 500) as receiver:
        hooks.add("down", receiver.url)
        with hooks.at_work():
            until(lambda: len(hooks.failed("down")) == 4)
    assert len(receiver.got) == 4
    assert hooks.now("down").position < app.records.max_position()


def test_a_conflict_of_who_made_a_subscription_hides_here_too_at_once(app: App, body: Body, clock: Clock, hooks: Hooks):
    officer = another_officer(body)
    hidden, shown = factories.register(body), factories.register(body)
    with receiving() as receiver:
        hooks.add("theirs", receiver.url, made_by=officer)
        hooks.add("ours", receiver.url.replace("/hook", "/ours"))
        hooks.caught_up()
        declare(body, officer, hidden, "officer")
        with hooks.at_work():
            end = app.records.max_position()
            until(lambda: {hooks.now("theirs").position, hooks.now("ours").position} == {end})

    theirs = [one for one in receiver.got if one.path == "/hook"]
    told = {one.event.get_subject() for one in theirs}
    assert shown in told
    assert hidden not in told
    assert [one for one in theirs if hidden.encode() in one.body] == []
    assert hidden in {one.event.get_subject() for one in receiver.got}


def test_nobody_has_more_carried_to_them_than_their_own_role_sees(app: App, body: Body, clock: Clock, hooks: Hooks):
    wider = account(hooks.store, "wider", "quality-manager", clock())
    factories.brought(body, "released")
    hooks.caught_up()
    with receiving() as receiver:
        hooks.add("wide", receiver.url, account=wider, made_by=body.officer)
        with hooks.at_work():
            until(lambda: hooks.now("wide").position == app.records.max_position())
    officer, manager = feed(app, clock, body.officer, "officer"), feed(app, clock, wider, "quality-manager")
    assert receiver.positions == [one for one in manager if one in officer]


def test_what_may_not_be_seen_any_more_is_not_tried_again(body: Body, clock: Clock, hooks: Hooks):
    officer = another_officer(body)
    case = factories.register(body)
    with receiving(lambda _: 500) as receiver:
        hooks.add("theirs", receiver.url, ["ProgrammeRegistered"], made_by=officer)
        with hooks.at_work():
            until(lambda: hooks.failed("theirs"))
        declare(body, officer, case, "officer")
        clock.passes(seconds=6)
        with hooks.at_work():
            until(lambda: not hooks.failed("theirs"))
    assert len(receiver.got) == 1


def test_a_subscription_ends_its_work_with_its_service_account(body: Body, hooks: Hooks):
    factories.register(body)
    with receiving() as receiver:
        hooks.add("hook", receiver.url)
        service_accounts.end(hooks.store, "statistics", at=hooks.clock())
        with hooks.at_work():
            until(lambda: hooks.now("hook").paused_because == subscriptions.ACCOUNT)
    assert receiver.got == []


def test_a_subscription_stops_with_its_officer_and_goes_on_for_who_resumes_it(app: App, body: Body, hooks: Hooks):
    leaving, other = another_officer(body), another_officer(body)
    with receiving() as receiver:
        hooks.add("theirs", receiver.url, ["ProgrammeRegistered"], made_by=leaving)
        people.end_role(body.office, body.command(body.officer, "officer"), id=leaving, role="officer")
        factories.register(body)
        with hooks.at_work():
            until(lambda: hooks.now("theirs").paused_because == subscriptions.OFFICER)
            assert receiver.got == []
            subscriptions.resume(hooks.store, "theirs", by=other, at=hooks.clock())
            until(lambda: hooks.now("theirs").position == app.records.max_position())
    assert (hooks.now("theirs").made_by, len(receiver.got)) == (other, 1)


def test_a_new_secret_and_the_former_one_are_both_good_for_a_day(body: Body, clock: Clock, hooks: Hooks):
    for _ in range(2):
        factories.register(body)
    with receiving() as receiver:
        hooks.add("hook", receiver.url, ["ProgrammeRegistered"])
        former, new = hooks.secrets["hook"], subscriptions.rotate(hooks.store, "hook", at=clock())
        with hooks.at_work():
            until(lambda: len(receiver.got) == 2)
        for one in receiver.got:
            one.verify(new)
            one.verify(former)

        clock.passes(hours=25)
        assert hooks.now("hook").secrets(clock()) == [new]


def test_a_replay_carries_the_same_messages_again_from_a_position_on(app: App, body: Body, hooks: Hooks):
    factories.brought(body, "submitted")
    with receiving() as receiver:
        hooks.add("hook", receiver.url)
        with hooks.at_work():
            until(lambda: hooks.now("hook").position == app.records.max_position())
            first, half = list(receiver.got), receiver.positions[len(receiver.positions) // 2]
            subscriptions.replay(hooks.store, "hook", after=half)
            until(lambda: hooks.now("hook").position == app.records.max_position())
        again = receiver.got[len(first) :]

    assert [(one.id, one.body) for one in again] == [(one.id, one.body) for one in first if one.position > half]


def test_a_subscription_that_is_paused_goes_on_where_it_was(app: App, body: Body, hooks: Hooks):
    factories.brought(body, "submitted")
    with receiving() as receiver:
        held = hooks.add("hook", receiver.url)
        subscriptions.pause(hooks.store, held.id, because=subscriptions.ASKED, at=hooks.clock())
        with hooks.at_work():
            hooks.add("other", receiver.url.replace("/hook", "/other"))
            until(lambda: hooks.now("other").position == app.records.max_position())
            assert {one.path for one in receiver.got} == {"/other"}
            subscriptions.resume(hooks.store, "hook", by=None, at=hooks.clock())
            until(lambda: hooks.now("hook").position == app.records.max_position())
    assert len([one for one in receiver.got if one.path == "/hook"]) == len(receiver.got) / 2


def courier(database: Database, folder: Path) -> subprocess.Popen[bytes]:
    """The courier as a process of its own."""
    environment = os.environ | {
        "DATABASE_URL": database.app_url,
        "ASSAY_DATA": str(folder),
        "ASSAY_WEBHOOKS_ALLOW": "127.0.0.1",
        "ASSAY_LOG_LEVEL": "error",
    }
    return subprocess.Popen([sys.executable, "-P", "-m", "infra.cli.main", "courier"], env=environment)


def test_what_was_under_way_when_the_courier_was_killed_is_sent_again_and_nothing_is_lost(
    app: App, body: Body, hooks: Hooks, database: Database, tmp_path: Path
):
    factories.brought(body, "screened")
    hooks.caught_up()
    with receiving() as receiver:
        hooks.add("hook", receiver.url)
        expected = feed(app, hooks.clock, hooks.account, "officer")
        process = courier(database, tmp_path)
        try:
            until(lambda: len(receiver.got) >= 5, limit=40)
            receiver.held.clear()
            until(lambda: receiver.at_once == 1)
            process.send_signal(signal.SIGKILL)
            process.wait(10)
            receiver.held.set()
            until(lambda: receiver.at_once == 0)
            process = courier(database, tmp_path)
            until(lambda: hooks.now("hook").position == app.records.max_position(), limit=40)
        finally:
            process.terminate()
            process.wait(20)

    assert list(dict.fromkeys(receiver.positions)) == expected
    twice = [one for one in expected if receiver.positions.count(one) > 1]
    assert len(twice) <= 1
    assert len({one.id for one in receiver.got}) == len(expected)
