"""A new version while processes run: the case is told and goes on; moved, it runs to its end by the new version's rules."""

from temporalio.client import WorkflowExecutionStatus

from domain.scheme_record import RequirementsChanged
from domain.submission.state import Stage
from services import schemes
from services.awards import accreditation_id
from tests import factories as f
from tests.infra.polling import until
from tests.workflows.machinery import LIMIT, Machinery, wait_for


def test_a_case_that_is_told_and_moved_while_its_process_runs_ends_by_the_new_versions_rules(machinery: Machinery):
    body = f.open_body(machinery.app.office)
    machinery.start()
    window = f.schedule_window(body)
    case = f.register(body)
    wait_for(body, case, Stage.PREPARING)
    lower = f.scheme_source().replace("version = 1", "version = 2").replace('level = "met"', 'level = "partially_met"')

    body.by(schemes.publish_scheme, "installer", schemes.INSTALLER_ROLE, source=lower, file="lower.toml")
    body.by_officer(schemes.move_case, case=case, to="cpd-qa@2", reason="They asked for it.")
    f.submit(body, case, window)
    wait_for(body, case, Stage.SCREENING)
    f.pass_screening(body, case)
    until(lambda: body.submission(case).assessor, LIMIT)
    f.assess(body, case, {"1.1": "partially_met"})
    f.take_up(body, case)
    f.confirm(body, case)
    f.decide(body, case)

    until(lambda: machinery.status(case) is WorkflowExecutionStatus.COMPLETED, LIMIT)
    assert len(body.events(case, RequirementsChanged)) == 1
    assert body.state(accreditation_id(case)).scheme == "cpd-qa@2"
