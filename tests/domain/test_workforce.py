"""Departments run the workforce policy: who leads one, what it reports and to whom, and what the policy may say."""

from typing import Any

import pytest

from domain import workforce
from domain.clocks import Duration
from domain.policy import PolicyRecord, evolve, publish, read_policy
from domain.workforce_policy import QUESTIONS, SOURCES, CpdClocks, CpdRules, ReportRules, Workforce
from tests.domain.given import DAY, NOON, SECOND, fold, refused
from tests.domain.test_policy import faults
from tests.domain.workforce import LEAD, MANAGER, OTHER, POLICY, POLICY_ID, policy, published, running, who

REPORT = "report-one"
MAKING: dict[str, Any] = {
    "id": REPORT,
    "policy": POLICY,
    "scope": "appeals",
    "by": LEAD,
    "since_at": None,
    "until_at": NOON,
    "digest": "0" * 64,
    "at": NOON + DAY,
}


def led(record: PolicyRecord | None = None, lead: str = LEAD) -> PolicyRecord:
    record = record or published()
    named = workforce.name_lead(record, policy=POLICY, department="appeals", lead=lead, by=who(MANAGER))
    return fold(evolve, record, named)


def reported(scope: str = "appeals", by: str = LEAD) -> PolicyRecord:
    record = published()
    return fold(evolve, record, workforce.make_report(record, **MAKING | {"scope": scope, "by": by}))


def test_a_file_that_says_only_its_departments_has_the_handbook_s_rules():
    content = POLICY.content

    assert content == Workforce(cpd=CpdRules(departments=("assessing", "appeals")))
    assert (content.cpd.sources, content.questions) == (SOURCES, QUESTIONS)
    assert (content.clocks, content.reports) == (CpdClocks(), ReportRules())
    assert (content.cpd.sources_needed, content.cpd.alone) == (3, ("appeal", "complaint"))


def test_whatever_a_file_says_of_it_counts():
    source = """\
[cpd]
departments = ["a", "b"]
sources = ["appraisal", "appeal"]
alone = []
sources_needed = 2
kinds = ["x"]
quality = ["y"]
period = "P6M"
currency = "EUR"

[questionnaire]
good = "It was good"

[clocks]
plan_within = "P1D"
approve_within = "P2D"
record_within = "P3D"
questionnaire_within = "P4D"
reflection_within = "P5D"
impact_after = "P6D"
impact_within = "P7D"
remind = ["PT1H"]

[reports]
department_every = "P8D"
board_every = "P9D"
note_within = "P10D"
remind = []
"""
    days = {number: Duration.parse(f"P{number}D") for number in range(1, 11)}

    content = policy([('[cpd]\ndepartments = ["assessing", "appeals"]\n', source)]).content

    assert content == Workforce(
        cpd=CpdRules(
            departments=("a", "b"),
            sources=("appraisal", "appeal"),
            alone=(),
            sources_needed=2,
            kinds=("x",),
            quality=("y",),
            period=Duration.parse("P6M"),
            currency="EUR",
        ),
        questions={"good": "It was good"},
        clocks=CpdClocks(
            plan_within=days[1],
            approve_within=days[2],
            record_within=days[3],
            questionnaire_within=days[4],
            reflection_within=days[5],
            impact_after=days[6],
            impact_within=days[7],
            remind=(Duration.parse("PT1H"),),
        ),
        reports=ReportRules(department_every=days[8], board_every=days[9], note_within=days[10], remind=()),
    )


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("cpd.sources", 'sources = ["horoscope"]'),
        ("cpd.alone", 'sources = ["appraisal"]\nsources_needed = 1\nalone = ["appeal"]'),
        ("cpd.sources_needed", "sources_needed = 0"),
        ("cpd.sources_needed", "sources_needed = 7"),
        ("cpd.kinds", 'kinds = ["Sector CPD"]'),
        ("cpd.kinds", "kinds = []"),
        ("cpd.quality", 'quality = "good"'),
        ("cpd.period", 'period = "a year"'),
        ("cpd.colour", "colour = 3"),
        ("questionnaire", 'questionnaire = "long"'),
        ("clocks.remind", "[clocks]\nremind = [3]"),
        ("clocks.plan_within", "[clocks]\nplan_within = 3"),
        ("reports.board_every", '[reports]\nboard_every = "often"'),
        ("questionnaire.use", "[questionnaire]\nuse = 3"),
        ("questionnaire", '[questionnaire]\n"Was it good?" = "yes"'),
    ],
)
def test_what_a_policy_can_t_say_is_a_fault_by_its_key(key: str, line: str):
    where = (
        ("[policy]", f"{line}\n\n[policy]")
        if line.startswith("questionnaire")
        else ('"appeals"]\n', f'"appeals"]\n{line}\n')
    )

    assert key in {one[0] for one in faults(where)}


def test_no_department_is_called_board_which_has_a_report_of_its_own():
    assert "cpd.departments" in {one[0] for one in faults(('"appeals"]', '"board"]'))}


def test_as_many_sources_as_there_are_may_be_asked_for():
    assert policy([('"appeals"]\n', '"appeals"]\nsources_needed = 6\n')]).content.cpd.sources_needed == 6


def test_what_stands_alone_by_default_is_of_the_sources_that_there_are():
    content = policy([('"appeals"]\n', '"appeals"]\nsources = ["appraisal", "appeal"]\nsources_needed = 2\n')]).content

    assert content.cpd.alone == ("appeal",)


def test_each_department_and_the_board_have_a_report_from_the_first_version_on():
    assert running(published()) == {
        "review-policy-within",
        "report-within:assessing",
        "report-within:appeals",
        "report-within:board",
    }
    tasks = published().tasks.running
    assert (tasks["report-within:appeals"].who, tasks["report-within:appeals"].told) == ("quality-manager",) * 2
    assert (tasks["report-within:board"].who, tasks["report-within:board"].told) == ("quality-manager", "board")
    assert tasks["report-within:appeals"].due_at < tasks["report-within:board"].due_at


def test_a_new_version_neither_moves_the_reports_nor_keeps_those_of_departments_that_are_gone():
    record = published()
    new = policy([('"assessing", "appeals"', '"appeals", "learning"')], version=2)

    later = fold(evolve, record, publish(record, id=POLICY_ID, policy=new, at=NOON + 10 * DAY))

    assert running(later) == {
        "review-policy-within",
        "report-within:learning",
        "report-within:appeals",
        "report-within:board",
    }
    assert later.tasks.running["report-within:appeals"] == record.tasks.running["report-within:appeals"]
    assert later.tasks.running["review-policy-within"].due_at > record.tasks.running["review-policy-within"].due_at


def test_a_lead_is_named_by_somebody_else_and_has_the_department_s_report_from_then_on():
    with refused("not-for-oneself", field="lead"):
        workforce.name_lead(published(), policy=POLICY, department="appeals", lead=MANAGER, by=who(MANAGER))
    with refused("known-department", field="department", match="assessing, appeals"):
        workforce.name_lead(published(), policy=POLICY, department="kitchen", lead=LEAD, by=who(MANAGER))

    record = led()

    assert record.leads == {"appeals": LEAD}
    assert record.tasks.running["report-within:appeals"].who == LEAD
    assert record.tasks.running["report-within:assessing"].who == "quality-manager"
    assert workforce.name_lead(record, policy=POLICY, department="appeals", lead=LEAD, by=who(MANAGER)) == []
    assert led(record, OTHER).leads == {"appeals": OTHER}


def test_a_department_without_a_lead_is_the_quality_manager_s():
    record = fold(evolve, led(), workforce.end_lead(led(), department="appeals"))

    assert record.leads == {}
    assert record.tasks.running["report-within:appeals"].who == "quality-manager"
    assert workforce.end_lead(record, department="appeals") == []


def test_the_next_report_falls_to_the_lead_and_is_set_when_one_is_made():
    record = led()

    [event] = workforce.make_report(record, **MAKING)

    again, note = event.sets
    assert event.ends == ("report-within:appeals",)
    assert (again.name, again.who) == ("report-within:appeals", LEAD)
    assert again.due_at > record.tasks.running["report-within:appeals"].due_at
    assert (note.name, note.who, note.told) == (f"note-report-within:{REPORT}", "quality-manager", "board")


def test_the_board_s_report_is_the_board_s_to_note():
    [event] = workforce.make_report(published(), **MAKING | {"scope": "board", "by": MANAGER})

    again, note = event.sets
    assert (again.name, again.who, again.told) == ("report-within:board", "quality-manager", "board")
    assert note.who == "board"
    assert again.due_at == (NOON + DAY).replace(year=2027)


@pytest.mark.parametrize(
    ("rule", "field", "said"),
    [
        ("known-department", "department", {"scope": "kitchen"}),
        ("report-of-what-was", "until_at", {"until_at": NOON + DAY + SECOND}),
        ("report-of-what-was", "until_at", {"since_at": NOON}),
        ("report-digest", "digest", {"digest": "0" * 63}),
        ("report-digest", "digest", {"digest": "all is well"}),
    ],
)
def test_a_report_is_of_a_department_and_of_what_was_so(rule: str, field: str, said: dict[str, Any]):
    with refused(rule, field=field):
        workforce.make_report(published(), **MAKING | said)


def test_a_report_is_made_once_and_each_goes_on_from_the_last_of_its_scope():
    record = reported()

    assert workforce.make_report(record, **MAKING) == []
    with refused("report-goes-on", field="until_at"):
        workforce.make_report(record, **MAKING | {"id": "report-two"})
    for said in ({"until_at": NOON + SECOND}, {"scope": "assessing"}, {"scope": "board"}):
        assert workforce.make_report(record, **MAKING | {"id": "report-two"} | said)
    assert workforce.make_report(published(), **MAKING | {"until_at": NOON + DAY, "since_at": NOON})


def test_a_report_is_noted_by_who_receives_it_and_not_by_who_made_it():
    noting = {"report": REPORT, "by": who(OTHER)}
    with refused("report-receivers", field="role", match="board"):
        workforce.note_report(reported("board", MANAGER), **noting, role="quality-manager")
    with refused("report-receivers", field="role"):
        workforce.note_report(reported(), **noting, role="officer")
    with refused("not-for-oneself", field="actor"):
        workforce.note_report(reported(), report=REPORT, by=who(LEAD), role="quality-manager")
    with refused("not-for-oneself", field="actor"):
        workforce.note_report(reported("board", MANAGER), report=REPORT, by=who(MANAGER), role="board")
    with refused("known-report", field="report"):
        workforce.note_report(reported(), report="report-two", by=who(OTHER), role="board")

    for scope, role in (("board", "board"), ("appeals", "board"), ("appeals", "quality-manager")):
        record = reported(scope)
        record = fold(evolve, record, workforce.note_report(record, **noting, role=role))
        assert f"note-report-within:{REPORT}" not in running(record)
        assert workforce.note_report(record, **noting, role=role) == []


def test_the_usual_policy_holds_until_one_is_published_and_is_none_that_could_be():
    assert workforce.USUAL.version == 0
    assert workforce.USUAL.content.cpd.sources == SOURCES
    with pytest.raises(Exception, match="missing"):
        read_policy(workforce.USUAL.source)
