"""A submission's whole course on real servers: people act by the services, the processes do all the rest."""

from functools import partial

from temporalio.client import WorkflowExecutionStatus

from domain.accreditation import AccreditationAwarded
from domain.submission.events import ResultReleased
from domain.submission.state import Stage
from services.awards import accreditation_id
from tests import factories as f
from tests.infra.polling import until
from tests.workflows.machinery import LIMIT, Machinery, bring, settled, steps_of_all_runs, wait_for
from workflows.submission import ON_NEWS


def test_a_submission_goes_from_registration_to_its_award(machinery: Machinery):
    body = f.open_body(machinery.app.office)
    machinery.start()

    case = bring(body, "approved", f.schedule_window(body))

    assert settled(body, case).over
    assert body.events(case, ResultReleased) == [ResultReleased(outcome="awarded")]
    [awarded] = body.events(accreditation_id(case), AccreditationAwarded)
    assert awarded.level == "accredited"
    until(lambda: machinery.status(case) is WorkflowExecutionStatus.COMPLETED, LIMIT)
    until(lambda: machinery.status(accreditation_id(case)) is WorkflowExecutionStatus.RUNNING, LIMIT)
    taken = partial(steps_of_all_runs, case=case)
    steps = list(dict.fromkeys(ON_NEWS.values()))
    until(lambda: [step for step, _ in machinery.ask(taken) if step != "look"] == steps, LIMIT)


def test_many_submissions_at_once_each_get_an_assessor_once(machinery: Machinery):
    body = f.open_body(machinery.app.office, assessors=5)
    machinery.start()
    window = f.schedule_window(body)
    cases = [f.register(body) for _ in range(20)]
    for case in cases:
        f.submit(body, case, window)
    for case in cases:
        wait_for(body, case, Stage.SCREENING)
        f.pass_screening(body, case)

    until(lambda: all(body.submission(case).assessor for case in cases), LIMIT)

    taken = [submission for one in body.assessors for submission in body.state(one).in_hand]
    assert sorted(taken) == sorted(cases)
    assert {len(body.state(one).in_hand) for one in body.assessors} == {body.scheme.assessor_capacity}
