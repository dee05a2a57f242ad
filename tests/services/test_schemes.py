"""A new version of a scheme: tried out on decided cases, published, told to clients once; cases stay or are moved."""

import pytest

from domain.accreditation import tell_of_change
from domain.clocks import Duration
from domain.refusals import Refused
from domain.scheme import Scheme
from domain.scheme_file import read_scheme
from domain.scheme_record import RequirementsChanged, SchemeVersionPublished
from domain.submission.events import CaseMoved
from domain.submission.state import Stage
from infra.store.records import PostgresRecords
from services import awards, preparation, schemes
from services.dry_run import DryRun, dry_run
from services.office import Office, Receipt
from services.ports import Command
from tests import factories
from tests.domain.given import refused
from tests.factories import Body
from tests.services.conftest import Clock

MET = 'level = "met"'


def version(number: int, *changes: tuple[str, str]) -> str:
    """The main scheme as version `number`, with some lines replaced, each of which must be there once."""
    source = factories.scheme_source()
    for old, new in (("version = 1", f"version = {number}"), *changes):
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


def publish(body: Body, source: str) -> Receipt:
    return body.by(schemes.publish_scheme, "installer", schemes.INSTALLER_ROLE, source=source, file="new.toml")


def tried(body: Body, *changes: tuple[str, str]) -> DryRun:
    return dry_run(body.office, read_scheme(version(2, *changes)))


@pytest.fixture
def decided(body: Body) -> dict[str, str]:
    """One case in which everything is met, and one in which 1.1 is met in part."""
    window = factories.schedule_window(body)
    return {
        "met": factories.brought(body, "released", window=window),
        "short": factories.brought(body, "released", window=window, levels={"1.1": "partially_met"}),
    }


def test_under_the_same_rules_every_decided_case_comes_out_the_same(body: Body, decided: dict[str, str]):
    under_way = factories.register(body)

    result = tried(body)

    assert set(result.same) == set(decided.values())
    assert (result.differ, result.incomparable, result.cases) == ([], [], 2)
    assert under_way not in result.same


def test_a_lower_award_rule_would_change_who_is_awarded(body: Body, decided: dict[str, str]):
    [one] = tried(body, (MET, 'level = "partially_met"')).differ

    assert (one.case, one.before, one.after) == (decided["short"], "not awarded", "awarded at accredited")
    assert one.why == "1.1 would be enough"


def test_a_level_of_another_name_is_another_outcome(body: Body, decided: dict[str, str]):
    [one] = tried(body, ('name = "accredited"', 'name = "gold"')).differ

    assert (one.case, one.before, one.after) == (decided["met"], "awarded at accredited", "awarded at gold")


def test_a_case_whose_unmet_criterion_is_no_longer_asked_for_would_be_awarded(body: Body, decided: dict[str, str]):
    source = version(2)
    start = source.index('[[criteria]]\ncode = "1.1"')
    scheme = read_scheme(source[:start] + source[source.index('[[criteria]]\ncode = "1.2"') :])

    [one] = dry_run(body.office, scheme).differ

    assert (one.case, one.why) == (decided["short"], "1.1 no longer asked for")


def test_what_was_never_judged_can_not_be_compared(body: Body, decided: dict[str, str]):
    extra = '[[criteria]]\ncode = "3.4"\nsection = "3"\ntitle = "It lasts"\nguidance = "Say how."\n\n[scale]'
    result = tried(body, ("[scale]", extra))

    assert {one.case for one in result.incomparable} == set(decided.values())
    assert {one.why for one in result.incomparable} == {"no judgement was ever made on 3.4"}


def test_judgements_that_are_not_on_the_new_scale_can_not_be_compared(body: Body, decided: dict[str, str]):
    result = tried(body, ('"not_met", "partially_met", "met"', '"not_met", "half_met", "met"'))

    [one] = result.incomparable
    assert (one.case, one.why) == (decided["short"], "the scale has no partially_met")
    assert result.same == [decided["met"]]


def test_a_dry_run_writes_nothing_and_says_how_far_it_is(body: Body, decided: dict[str, str], records: PostgresRecords):
    before, seen = records.max_position(), []

    dry_run(body.office, read_scheme(version(2)), lambda done, total: seen.append((done, total)))

    assert records.max_position() == before
    assert seen == [(0, 2), (2, 2)]


def test_a_light_touch_case_is_tried_on_the_criteria_that_the_new_version_would_judge_again(
    body: Body, decided: dict[str, str], clock: Clock
):
    contact = body.submission(decided["met"]).registration
    provider = factories.Provider(id=contact.provider, contact=contact.lead_contact)
    award = awards.accreditation_id(decided["met"])
    again = factories.register(body, provider, follows=decided["met"], accreditation=award)
    factories.settle(body, again)
    for _ in factories.course(body, again, factories.schedule_window(body)):
        factories.settle(body, again)
    light = 'criteria = ["3.1", "3.2", "3.3"]'

    assert again in tried(body, (light, 'criteria = ["3.1"]')).same
    [one] = tried(body, (light, 'criteria = ["1.1", "3.1"]')).incomparable
    assert (one.case, one.why) == (again, "no judgement was ever made on 1.1")


def test_publishing_keeps_the_text_with_its_digest_and_the_same_again_changes_nothing(body: Body):
    source = version(2)

    first, again = publish(body, source), publish(body, source)

    [event] = [one for events in first.events.values() for one in events]
    assert event == SchemeVersionPublished(scheme="cpd-qa", version=2, digest=read_scheme(source).digest, source=source)
    assert again.events == {}
    assert again.position == first.position


@pytest.mark.parametrize(("number", "match"), [(2, "already published with other content"), (1, "other content")])
def test_a_published_version_never_changes(body: Body, number: int, match: str):
    publish(body, version(2))

    with refused("scheme-versions", match=match):
        publish(body, version(number, (MET, 'level = "partially_met"')))


def test_an_officer_publishes_and_a_chair_does_not(body: Body):
    with refused("acting-role"):
        body.by_chair(schemes.publish_scheme, source=version(2), file="new.toml")

    assert body.by_officer(schemes.publish_scheme, source=version(2), file="new.toml").events


def told(body: Body, case: str) -> list[RequirementsChanged]:
    return body.events(case, RequirementsChanged)


def test_the_client_of_every_live_case_is_told_once_of_a_new_version_and_the_case_stays(
    body: Body, decided: dict[str, str]
):
    preparing, withdrawn = factories.register(body), factories.register(body)
    body.by_contact(preparation.withdraw, withdrawn, reason="no time")
    award = awards.accreditation_id(decided["met"])

    publish(body, version(2))
    publish(body, version(2))
    later = factories.register(body)
    publish(body, version(2))

    change = RequirementsChanged(scheme="cpd-qa@2", before="cpd-qa@1")
    assert told(body, preparing) == told(body, award) == [change]
    assert [told(body, one) for one in (withdrawn, *decided.values(), later)] == [[], [], [], []]
    assert body.submission(preparing).registration.scheme == "cpd-qa@1"
    assert body.submission(later).registration.scheme == "cpd-qa@2"
    assert body.state(award).scheme == "cpd-qa@1"


def test_of_the_next_version_they_are_told_again_and_of_an_older_one_nobody(body: Body):
    preparing = factories.register(body)

    for number in (2, 3, 2):
        publish(body, version(number))

    assert [one.scheme for one in told(body, preparing)] == ["cpd-qa@2", "cpd-qa@3"]
    assert body.submission(preparing).told == {"cpd-qa@2", "cpd-qa@3"}


def test_a_telling_that_broke_off_is_made_up_for_by_publishing_again(body: Body, monkeypatch: pytest.MonkeyPatch):
    cases = [factories.register(body), factories.register(body)]
    tell = schemes._tell

    def breaks(office: Office, command: Command, case: str, scheme: Scheme) -> bool:
        if case == cases[1]:
            raise RuntimeError("the power went")
        return tell(office, command, case, scheme)

    monkeypatch.setattr(schemes, "_tell", breaks)
    with pytest.raises(RuntimeError):
        publish(body, version(2))
    monkeypatch.setattr(schemes, "_tell", tell)
    publish(body, version(2))

    assert [len(told(body, one)) for one in cases] == [1, 1]


def test_nobody_is_told_of_an_award_that_has_lapsed(body: Body, decided: dict[str, str], clock: Clock):
    award = awards.accreditation_id(decided["met"])
    clock.comes_to(body.state(award).periods[-1].ends_at)
    body.by(awards.lapse_award, award, "process", case=award)

    publish(body, version(2))

    assert told(body, award) == []
    assert tell_of_change(body.state(award), scheme=read_scheme(version(2))) == []


def move(body: Body, case: str, to: str = "cpd-qa@2") -> Receipt:
    return body.by_officer(schemes.move_case, case=case, to=to, reason="They asked for it in a letter.")


def test_a_case_moves_at_its_providers_wish_and_keeps_its_limit(body: Body):
    case = factories.register(body)
    factories.settle(body, case)
    before = body.submission(case)
    longer = ('submit_within = "P12M"', 'submit_within = "P24M"')
    extra = '[[criteria]]\ncode = "3.4"\nsection = "3"\ntitle = "It lasts"\nguidance = "Say how."\n\n[scale]'
    publish(body, version(2, longer, ("[scale]", extra)))

    move(body, case)

    after = body.submission(case)
    assert after.registration.scheme == "cpd-qa@2"
    assert after.registration.criteria == (*before.registration.criteria, "3.4")
    assert (after.clock, after.fees, after.stage) == (before.clock, before.fees, Stage.PREPARING)
    [moved] = body.recorded(case)[-1:]
    assert isinstance(moved.event, CaseMoved)
    assert (moved.scheme, moved.role) == ("cpd-qa@2", "officer")
    assert move(body, case).events == {}


def test_a_moved_case_is_judged_and_decided_by_its_new_version(body: Body):
    case = factories.register(body)
    factories.settle(body, case)
    publish(body, version(2, (MET, 'level = "partially_met"')))
    move(body, case)

    low = {"1.1": "partially_met"}
    for _ in factories.course(body, case, factories.schedule_window(body), low):
        factories.settle(body, case)

    outcome = body.submission(case).outcome
    assert outcome
    assert outcome.outcome == "awarded"
    assert body.state(awards.accreditation_id(case)).scheme == "cpd-qa@2"


def test_after_submission_a_case_moves_no_more(body: Body):
    case = factories.brought(body, "submitted")
    publish(body, version(2))

    with refused("stage-order", match="a move to another version"):
        move(body, case)


def test_a_case_moves_to_a_published_later_version_of_its_own_scheme_only(body: Body):
    publish(body, version(2))
    case = factories.register(body)
    other = version(1, ('id = "cpd-qa"', 'id = "other-mark"'))
    publish(body, other)

    with refused("published-scheme", match="not published"):
        move(body, case, "cpd-qa@3")
    for to in ("cpd-qa@1", "other-mark@1"):
        with refused("move-to-later-version", field="to"):
            move(body, case, to)


def test_what_was_said_on_registering_must_be_in_the_new_versions_lists(body: Body):
    case = factories.register(body)
    publish(body, version(2, ('["single-programme", "one-off", "suite"]', '["one-off", "suite"]')))

    with refused("scheme-lists", field="category"):
        move(body, case)


def test_only_an_officer_without_a_conflict_records_a_move(body: Body):
    case = factories.register(body)
    publish(body, version(2))

    with refused("acting-role"):
        body.by_contact(schemes.move_case, case, to="cpd-qa@2", reason="We wish it.")
    with pytest.raises(Refused):
        body.by_chair(schemes.move_case, case=case, to="cpd-qa@2", reason="They wish it.")
    assert body.submission(case).registration.scheme == "cpd-qa@1"


def test_a_new_registration_is_under_the_version_in_force_from_its_publication_on(body: Body):
    publish(body, version(2, ('submit_within = "P12M"', 'submit_within = "P6M"')))

    case = body.submission(factories.register(body))

    assert case.registration.scheme == "cpd-qa@2"
    expected = read_scheme(version(2)).calendar.due(body.now(), Duration.parse("P6M"))
    assert case.registration.clock.due_at == expected
