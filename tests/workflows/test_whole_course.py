"""A submission's whole course on real servers: people act by the services, the process does all the rest."""

from temporalio.client import WorkflowExecutionStatus

from domain.accreditation import AccreditationAwarded
from domain.submission.state import Stage
from services.awards import accreditation_id
from tests import factories as f
from tests.infra.polling import until
from tests.workflows.machinery import LIMIT, Machinery, wait_for


def test_a_submission_goes_from_registration_to_its_award(machinery: Machinery):
    body = f.open_body(machinery.app.office)
    machinery.start()
    window = f.schedule_window(body)

    case = f.register(body)
    wait_for(body, case, Stage.PREPARING)
    f.submit(body, case, window)
    wait_for(body, case, Stage.SCREENING)
    f.pass_screening(body, case)
    until(lambda: body.submission(case).assessor, LIMIT)
    f.assess(body, case)
    f.take_up(body, case)
    f.confirm(body, case)
    f.decide(body, case)

    until(lambda: body.submission(case).over, LIMIT)
    [awarded] = body.events(accreditation_id(case), AccreditationAwarded)
    assert awarded.level == "accredited"
    until(lambda: machinery.status(case) is WorkflowExecutionStatus.COMPLETED, LIMIT)
