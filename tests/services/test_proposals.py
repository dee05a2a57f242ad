"""Proposals on a real record: by anyone with a role, on what is on record, considered by others, linked to a published version."""

from typing import Any

import pytest

from domain.clocks import DeadlineMissed, ReminderSent
from domain.ids import derived_id
from domain.person import AttemptRefused
from domain.proposal import ProposalMade, ProposalTakenUp
from domain.refusals import Refused
from domain.scheme_file import read_scheme
from services import matters, people, proposals, schemes
from services.learning import learning_id
from tests import factories
from tests.conftest import Database
from tests.domain.given import refused
from tests.factories import Body
from tests.services.complaining import board, passing
from tests.services.conftest import Clock
from tests.services.test_commands import BAD_IDS, counts

WHY = {"reason": "It is right."}


def proposed(body: Body, by: str = "", role: str = "assessor", **said: Any) -> str:
    command = body.command(by or body.assessors[0], role)
    whole = {"scheme": body.scheme.id, "criteria": ["1.1"], "text": "Ask for less.", "grounds": "We saw it often."}
    proposals.propose_change(body.office, command, **whole | said)
    return proposals.proposal_id(command.id)


def consider(body: Body, case: str, by: str, result: str = "accepted") -> None:
    body.by(proposals.consider_proposal, by, "board", case=case, result=result, **WHY)


def published(body: Body, version: int, *changed: str) -> None:
    """A later version, in which the titles of these criteria are others."""
    source = factories.scheme_source().replace("version = 1\n", f"version = {version}\n", 1)
    for code in changed:
        title = read_scheme(source).criteria[code].title
        assert source.count(f'title = "{title}"') == 1
        source = source.replace(f'title = "{title}"', f'title = "{title} (changed)"')
    body.by(schemes.publish_scheme, "installer", schemes.INSTALLER_ROLE, source=source, file="scheme.toml")


def test_a_proposal_is_made_considered_and_taken_up_by_a_version(body: Body):
    bea, *_ = board(body)
    case = factories.brought(body, "released")
    id = proposed(body, criteria=["1.1", "2.1"], evidence=[case, learning_id(case)])

    consider(body, id, bea, "deferred")
    consider(body, id, bea)
    published(body, 2, "1.1", "2.1")
    body.by(proposals.take_up_proposal, bea, "board", case=id, version=2)

    held = body.state(id)
    assert (held.stage, held.taken_up, held.over) == ("taken-up", "cpd-qa@2", True)
    [event] = body.events(id, ProposalMade)
    assert (event.scheme, event.evidence) == ("cpd-qa@1", (case, learning_id(case)))
    assert "Ask for less" not in str(body.recorded(id))


def test_anyone_with_a_role_proposes_and_a_provider_too(body: Body):
    provider = factories.register_provider(body)

    assert body.state(proposed(body, provider.contact, "provider")).proposer == provider.contact
    with refused("acting-role", field="role"):
        proposed(body, provider.contact, "assessor")
    with refused("known-person", field="actor"):
        proposed(body, derived_id("person", "nobody"))


def test_what_it_names_is_on_record(body: Body, database: Database):
    before = counts(database)

    for bad in (derived_id("submission", "none"), derived_id("appeal", "none"), body.officer, *BAD_IDS):
        with refused("proposal-evidence", field="evidence"):
            proposed(body, evidence=[bad])
    with refused("published-scheme", field="scheme"):
        proposed(body, scheme="no-such")
    with refused("proposal-criteria", field="criteria"):
        proposed(body, criteria=["9.9"])
    for text, rule in (("", "text-given"), ("x" * 1_000_000, "text-length")):
        with refused(rule, field="text"):
            proposed(body, text=text)
    for bad in (*BAD_IDS, derived_id("proposal", "none")):
        with pytest.raises(Refused, match="known-proposal"):
            body.by_officer(proposals.take_up_proposal, case=bad, version=2)
        with pytest.raises(Refused, match="known-proposal"):
            body.by_officer(proposals.withdraw_proposal, case=bad)
    assert counts(database) == before


def test_nobody_considers_their_own_whatever_they_become(body: Body):
    id = proposed(body)
    body.by_officer(people.give_role, id=body.assessors[0], role="board")

    with refused("proposer-never-considers", field="actor"):
        consider(body, id, body.assessors[0])
    with refused("acting-role", field="role"):
        body.by_officer(proposals.consider_proposal, case=id, result="accepted", **WHY)

    assert "proposer-never-considers" in [one.rule for one in body.events(body.assessors[0], AttemptRefused)]


def test_who_proposed_it_gives_nobody_more_time_for_it(body: Body, clock: Clock):
    id = proposed(body, body.officer, "officer")
    until = clock().replace(year=2027)

    with refused("parties-never-administer", field="actor"):
        body.by_officer(matters.move_task, case=id, rule="consider-proposal-within", until=until, reason="Later.")
    said = {"rule": "consider-proposal-within", "until": until, "reason": "Later."}
    considers = factories.appoint(body, "quality-manager", scheme=None)
    with refused("not-for-oneself", field="actor"):
        body.by(matters.move_task, considers, "quality-manager", case=id, **said)
    other = factories.appoint(body, "officer", scheme=None)
    body.by(matters.move_task, other, "officer", case=id, **said)
    assert body.state(id).deadline == until


def test_only_a_published_version_that_changed_its_criteria_takes_it_up(body: Body):
    bea, *_ = board(body)
    id = proposed(body, criteria=["1.1", "2.1"])
    with refused("proposal-stage", field="proposal"):
        body.by_officer(proposals.take_up_proposal, case=id, version=1)
    consider(body, id, bea)

    for version in (2, 0, -1, 10**9):
        with refused("published-scheme", field="version"):
            body.by_officer(proposals.take_up_proposal, case=id, version=version)
    with refused("proposal-version", field="version"):
        body.by_officer(proposals.take_up_proposal, case=id, version=1)
    published(body, 2, "1.1")
    with refused("proposal-changed", field="criteria"):
        body.by_officer(proposals.take_up_proposal, case=id, version=2)
    with refused("acting-role", field="role"):
        body.by(proposals.take_up_proposal, body.assessors[0], "assessor", case=id, version=2)
    body.by_officer(proposals.take_up_proposal, case=id, version=2, criteria=["1.1"])

    [event] = body.events(id, ProposalTakenUp)
    assert (event.scheme, event.criteria) == ("cpd-qa@2", ("1.1",))


def test_a_version_is_compared_with_the_one_published_before_it(body: Body):
    bea, *_ = board(body)
    id = proposed(body)
    consider(body, id, bea)
    published(body, 3, "1.1")
    published(body, 5, "1.1", "2.1")

    with refused("proposal-changed", field="criteria"):
        body.by_officer(proposals.take_up_proposal, case=id, version=5)
    body.by_officer(proposals.take_up_proposal, case=id, version=3)


def test_it_is_considered_in_time_or_the_board_is_told(body: Body, clock: Clock):
    id = proposed(body)
    [task] = body.state(id).tasks.running.values()
    clock.comes_to(task.remind_at[0])
    assert passing(body, id) == ["remind_task"]
    clock.comes_to(task.due_at)

    assert passing(body, id) == ["miss_task"]
    assert (len(body.events(id, ReminderSent)), len(body.events(id, DeadlineMissed))) == (1, 1)
    assert task.told == "board"


def test_it_is_withdrawn_by_who_made_it(body: Body):
    id = proposed(body)

    with refused("own-proposal", field="actor"):
        body.by_officer(proposals.withdraw_proposal, case=id)
    body.by(proposals.withdraw_proposal, body.assessors[0], "assessor", case=id)

    assert body.state(id).over


def test_given_twice_each_command_counts_once(body: Body):
    [bea, *_] = board(body)
    making, considering = body.command(body.assessors[0], "assessor"), body.command(bea, "board")
    id = proposals.proposal_id(making.id)
    said = {"scheme": body.scheme.id, "criteria": ["1.1"], "text": "Less.", "grounds": "So."}

    for _ in range(2):
        proposals.propose_change(body.office, making, **said)
        proposals.consider_proposal(body.office, considering, case=id, result="accepted", **WHY)

    assert len(body.recorded(id)) == 2
