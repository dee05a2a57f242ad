"""Who decided hears no appeal about it: not by another role given later, by a seat elsewhere, by a meeting, nor by handing on."""

from collections.abc import Callable

import pytest

from domain.appeal import PanelNamed
from domain.person import AttemptRefused
from services import accreditations, appeals, assessment, moderation, people, preparation, support
from services.contested import parts_in
from services.office import Office, Work
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.appealing import Appealing, hearing, refused_case
from tests.services.conftest import Clock
from tests.services.holding import award_of, raised, review


@pytest.fixture
def hear(body: Body) -> Appealing:
    return hearing(body)


def made_a_hearer(body: Body, person: str) -> None:
    """They are given all that who hears appeals needs."""
    installer = ("installer", "installer")
    body.by(people.give_role, *installer, id=person, role="appeals-panel", scheme=body.scheme.id)
    expires_at = body.now() + factories.timedelta(days=900)
    said = {"id": person, "kind": "appeals", "scheme": body.scheme.id, "expires_at": expires_at}
    body.by(people.record_training, *installer, **said)
    body.by(people.sign_non_disclosure, person, "appeals-panel")


def reassigned(body: Body) -> tuple[str, str]:
    """A case from which its first assessor was relieved; and that one."""
    case = factories.brought(body, "accepted")
    first = body.submission(case).assessor
    assert first
    body.by_officer(assessment.reassign, case=case)
    factories.settle(body, case)
    finish(body, case)
    return case, first


def finish(body: Body, case: str) -> None:
    factories.assess(body, case, {"1.1": body.scheme.scale[0]})
    factories.take_up(body, case)
    factories.confirm(body, case)
    factories.decide(body, case)
    factories.settle(body, case)


def only_scheduled(body: Body) -> tuple[str, str]:
    """A case on the agenda of a meeting to which one of its panel did not come; and that one."""
    case = factories.brought(body, "completed", levels={"1.1": body.scheme.scale[0]})
    absent = factories.appoint(body, "moderator", training="moderating")
    command = body.command(body.officer, "officer")
    said = {"scheme": body.scheme.id, "starts_at": body.now(), "chair": body.chair}
    moderation.schedule_meeting(body.office, command, **said, panel=[*body.moderators, absent], items=[case])
    meeting = moderation.meeting_id(command.id)
    body.by_chair(moderation.open_meeting, id=meeting, present=(body.chair, *body.moderators))
    body.by_chair(moderation.take_up, case=case, id=meeting)
    factories.confirm(body, case)
    factories.decide(body, case)
    factories.settle(body, case)
    return case, absent


def waived(body: Body) -> tuple[str, str]:
    """A case for which another officer waived a fee; and that one."""
    other = factories.appoint(body, "officer", scheme=None)
    case = factories.register(body)
    body.by(preparation.waive_fee, other, "officer", case=case, kind="registration", reason="A charity.")
    factories.settle(body, case)
    factories.submit(body, case, factories.schedule_window(body))
    factories.settle(body, case)
    factories.pass_screening(body, case)
    factories.settle(body, case)
    finish(body, case)
    return case, other


def guided(body: Body) -> tuple[str, str]:
    """A case on whose drafts somebody advised; and that one."""
    adviser = body.assessors[2]
    case = factories.register(body)
    factories.settle(body, case)
    body.by(support.give_guidance, adviser, "assessor", case=case, criteria=["1.1"], text="Say more.")
    factories.submit(body, case, factories.schedule_window(body))
    factories.settle(body, case)
    factories.pass_screening(body, case)
    factories.settle(body, case)
    finish(body, case)
    return case, adviser


def role_of(attribute: str) -> Callable[[Body], tuple[str, str]]:
    def find(body: Body) -> tuple[str, str]:
        case = refused_case(body)
        who = {
            "assessor": body.submission(case).assessor or "",
            "chair": body.chair,
            "moderator": body.moderators[0],
            "officer": body.officer,
        }
        return case, who[attribute]

    return find


WAYS = {
    "who assessed it": role_of("assessor"),
    "who chaired it": role_of("chair"),
    "who moderated it": role_of("moderator"),
    "who screened it and named its meeting": role_of("officer"),
    "who handed it on to another assessor": reassigned,
    "who sat on its meeting's panel without coming": only_scheduled,
    "who waived a fee": waived,
}


@pytest.mark.parametrize("way", WAYS)
def test_who_had_a_part_never_hears_the_appeal_whatever_role_they_are_given_afterwards(
    hear: Appealing, body: Body, way: str
):
    case, who = WAYS[way](body)
    appeal = hear.admitted(case)
    for role in [role for role, _ in body.state(who).roles]:  # a role that ended is no way round it either
        scheme = body.scheme.id if role != "officer" else None
        body.by(people.end_role, "installer", "installer", id=who, role=role, scheme=scheme)
    made_a_hearer(body, who)

    for panel in ((who, *hear.panel[1:]), (*hear.panel[:2], who), (*hear.panel, who)):
        with refused("took-part-never-hears", field="members"):
            hear.name(appeal, panel)
    hear.name(appeal)
    [named] = body.events(appeal, PanelNamed)
    [seen] = [one for one in named.considered if one.person == who]
    assert seen.verdict not in ("eligible", "named")
    assert not seen.outsider


@pytest.mark.parametrize("way", WAYS)
def test_who_had_a_part_does_not_see_to_the_appeal_either(hear: Appealing, body: Body, way: str):
    case, who = WAYS[way](body)
    appeal = hear.lodge(case)
    body.by(people.give_role, "installer", "installer", id=who, role="appeals-officer")

    for service, said in (
        (appeals.acknowledge_appeal, {}),
        (appeals.admit_appeal, {}),
        (appeals.refuse_appeal, {"reason": "No."}),
        (appeals.name_panel, {"chair": hear.panel[0], "members": hear.panel[1:]}),
        (appeals.close_remedy, {}),
    ):
        with refused("took-part-never-hears", field="actor"):
            body.by(service, who, "appeals-officer", appeal=appeal, **said)
    assert {one.rule for one in body.events(who, AttemptRefused)} == {"took-part-never-hears"}
    assert len(body.events(appeal)) == 1


def test_who_guided_the_provider_has_a_conflict_and_had_a_part(office: Office, clock: Clock):
    source = factories.scheme_source() + "\n[preparation]\nguidance_on_drafts = true\n"
    body = factories.open_body(office, source=source, now=clock)
    hear = hearing(body)
    case, adviser = guided(body)
    made_a_hearer(body, adviser)
    appeal = hear.admitted(case)

    with refused("took-part-never-hears", field="members", match="conflict"):
        hear.name(appeal, (*hear.panel[:2], adviser))
    hear.name(appeal)
    [seen] = [one for one in body.events(appeal, PanelNamed)[0].considered if one.person == adviser]
    assert seen.verdict == "conflict with the provider"


def test_the_officer_of_an_appeal_does_not_name_themselves_nor_does_a_former_one(hear: Appealing, body: Body):
    appeal = hear.admitted(refused_case(body))
    made_a_hearer(body, hear.officer)
    other = factories.appoint(body, "appeals-officer", scheme=None)

    with refused("panel-eligible", field="members", match="sees to this appeal"):
        hear.name(appeal, (*hear.panel[:2], hear.officer))
    with refused("panel-eligible", field="members", match="sees to this appeal"):
        body.by(
            appeals.name_panel,
            other,
            "appeals-officer",
            appeal=appeal,
            chair=hear.panel[0],
            members=[hear.panel[1], hear.officer],
        )


def test_who_had_a_part_takes_nobody_off_the_panel(hear: Appealing, body: Body):
    case = refused_case(body)
    appeal = hear.heard(case)
    panel = hear.state(appeal).panel
    body.by(people.give_role, "installer", "installer", id=body.chair, role="appeals-officer")

    with refused("took-part-never-hears", field="actor"):
        said = {"appeal": appeal, "person": panel[1], "reason": "Too stern."}
        body.by(appeals.leave_panel, body.chair, "appeals-officer", **said)

    assert hear.state(appeal).panel == panel
    left = hear.by_officer(appeals.leave_panel, appeal=appeal, person=panel[1], reason="Taken ill.")
    assert [one.person for one in left.events[appeal]] == [panel[1]]


def test_who_hears_it_does_not_see_to_it_and_nobody_decides_in_another_role(hear: Appealing, body: Body):
    appeal = hear.heard(refused_case(body))
    chair = hear.panel[0]
    body.by_officer(people.give_role, id=chair, role="appeals-officer")

    with refused("took-part-never-hears", field="actor"):
        body.by(appeals.name_panel, chair, "appeals-officer", appeal=appeal, chair=chair, members=hear.panel[1:])
    for actor, role in ((body.chair, "chair"), (body.officer, "officer"), (chair, "appeals-officer")):
        with refused("acting-role", field="role"):
            body.by(appeals.decide_appeal, actor, role, appeal=appeal, rulings={})
    made_a_hearer(body, body.chair)
    with refused("panel-chair", field="actor"):
        body.by(appeals.decide_appeal, body.chair, "appeals-panel", appeal=appeal, rulings={})


def test_who_raised_or_reviewed_a_concern_hears_no_appeal_about_the_review_nor_does_who_earned_the_award(
    hear: Appealing, body: Body
):
    award, case, _ = award_of(body)
    raiser, reviewer = body.moderators[0], body.moderators[1]
    command = body.command(raiser, "moderator")
    accreditations.raise_concern(body.office, command, case=award, text="It is not taught.")
    concern = accreditations.concern_id(command.id)
    review(body, award, concern, reviewer)
    body.by(
        accreditations.conclude_review,
        reviewer,
        "moderator",
        case=award,
        concern=concern,
        finding="suspend",
        reason="It is not.",
    )

    appeal = hear.lodge(award, "review", concern=concern)
    hear.by_officer(appeals.acknowledge_appeal, appeal=appeal)
    hear.by_officer(appeals.admit_appeal, appeal=appeal)

    for who in (raiser, reviewer, body.submission(case).assessor, body.chair):
        assert who
        made_a_hearer(body, who)
        with refused("took-part-never-hears", field="members"):
            hear.name(appeal, (*hear.panel[:2], who))
    work = Work(body.office, body.command(hear.officer, "appeals-officer"), about=appeal)
    parts = parts_in(work, award)
    assert "reviewed a concern about it" in parts[reviewer]
    assert "raised a concern about it" in parts[raiser]


def test_who_decided_an_appeal_hears_no_other_about_that_case(hear: Appealing, body: Body):
    award, _, _ = award_of(body)
    decided: list[str] = []
    for reviewer in body.moderators[:2]:
        concern = raised(body, award)
        review(body, award, concern, reviewer)
        body.by(
            accreditations.conclude_review,
            reviewer,
            "moderator",
            case=award,
            concern=concern,
            finding="suspend",
            reason="It is so.",
        )
        appeal = hear.lodge(award, "review", concern=concern)
        hear.by_officer(appeals.acknowledge_appeal, appeal=appeal)
        hear.by_officer(appeals.admit_appeal, appeal=appeal)
        decided.append(appeal)
    first, second = decided
    hear.name(first)
    hear.decide(first)

    with refused("took-part-never-hears", field="members", match="heard an appeal"):
        hear.name(second)


def test_who_decided_an_appeal_about_the_result_hears_none_about_the_award_that_it_earned(hear: Appealing, body: Body):
    award, case, _ = award_of(body)
    about_result = hear.heard(case)
    hear.decide(about_result)
    concern, reviewer = raised(body, award), body.moderators[0]
    review(body, award, concern, reviewer)
    said = {"case": award, "concern": concern, "finding": "suspend", "reason": "It is so."}
    body.by(accreditations.conclude_review, reviewer, "moderator", **said)
    about_review = hear.lodge(award, "review", concern=concern)
    hear.by_officer(appeals.acknowledge_appeal, appeal=about_review)
    hear.by_officer(appeals.admit_appeal, appeal=about_review)

    with refused("took-part-never-hears", field="members", match="heard an appeal"):
        hear.name(about_review)


def test_a_conflict_declared_while_the_panel_is_named_undoes_that(hear: Appealing, body: Body):
    case = refused_case(body)
    appeal = hear.admitted(case)
    provider = body.submission(case).registration.provider
    outsider = hear.panel[2]
    find_people = Work.people

    def meanwhile(work: Work, ids: list[str]) -> list[object]:
        found: list[object] = list(find_people(work, ids))
        if not body.state(outsider).conflicts:
            body.by(people.declare_conflict, outsider, "appeals-panel", id=outsider, provider=provider)
        return found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Work, "people", meanwhile)
        with refused("panel-eligible", match="conflict"):
            hear.name(appeal)
    assert body.events(appeal, PanelNamed) == []


@pytest.mark.parametrize("meanwhile", ["decides", "declares"])
def test_a_conflict_and_the_decision_at_the_same_moment_never_both_count(hear: Appealing, body: Body, meanwhile: str):
    case = refused_case(body)
    appeal = hear.heard(case)
    provider = body.submission(case).registration.provider
    member = hear.panel[1]
    declare = {"id": member, "provider": provider}

    if meanwhile == "declares":
        body.by(people.declare_conflict, member, "appeals-panel", **declare)
        with refused("panel-size"):
            hear.decide(appeal)
    else:
        hear.decide(appeal)
        declared = body.by(people.declare_conflict, member, "appeals-panel", **declare)
        assert appeal not in declared.events
        assert hear.state(appeal).stage == "dismissed"
