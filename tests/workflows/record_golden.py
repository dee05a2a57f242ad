"""Records the histories in `golden/` anew: `python -m tests.workflows.record_golden`.

Do so after a change of the processes. Those in `golden/earlier/` are of processes that began before a patch and may still
run: move there what is in `golden/` before you record with a new one, and delete them with the patch.
"""

import json
import os
import re
import socket
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from temporalio.client import Client, WorkflowExecutionStatus

from domain.clocks import DeadlineMissed, ReminderSent
from domain.ids import kind_of
from domain.submission.state import Stage
from infra.embedded import EmbeddedPostgres, EmbeddedTemporal
from infra.settings import Settings
from infra.signaller import delivered
from infra.store.migrate import migrate
from infra.temporal import SEARCH_ATTRIBUTES
from services import appeals, assessment, moderation, preparation, screening, windows
from services.awards import accreditation_id
from services.learning import learning_id
from tests import factories as f
from tests.infra.polling import until
from tests.services.appealing import hearing
from tests.services.complaining import acknowledge, answer, by_contact, handlers
from tests.workflows.machinery import LIMIT, Machinery, bring, settled, wait_for

GOLDEN = Path(__file__).parent / "golden"
QUICK = f.scheme_source(
    submit_within="PT5S",
    remind_submit=["PT4S", "PT2S"],
    return_within="PT2S",
    accept_within="PT1S",
    assign_again_after="PT1S",
    evidence_within="PT2S",
    remind_evidence=["PT1S"],
    final_review_after="PT1S",
    validity="PT8S",
    remind_validity=["PT6S", "PT3S"],
)
QUICK = re.sub(
    r"(?s)\[complaints\].*?committee",
    '[learning]\nanswer_within = "PT5S"\n\n[complaints]\nacknowledge_within = "PT1S"\nanswer_within = "PT4S"\n'
    'escalate_within = "PT1S"\nremind = ["PT3S"]\ncommittee',
    QUICK,
)
QUICK = re.sub(
    r"(?s)\[appeals\].*?\[appeals\.grounds\]",
    '[appeals]\nacknowledge_within = "PT1S"\nadmit_within = "PT4S"\nremind = ["PT3S"]\n\n[appeals.grounds]',
    QUICK,
)


def awarded(body: f.Body, window: str) -> list[str]:
    """From registration to the award, its reminders and its lapse."""
    case = bring(body, "approved", window)
    award = accreditation_id(case)
    until(lambda: body.state(award).lapsed, LIMIT)
    return [case, award]


def lapsed(body: f.Body, window: str) -> list[str]:
    """Reminded, lapsed, extended, submitted, returned, and lapsed again."""
    case = f.register(body)
    wait_for(body, case, Stage.LAPSED)
    soon = body.now() + timedelta(seconds=3)
    body.by_officer(preparation.extend_preparation, case=case, until=soon, reason="An illness.")
    f.submit(body, case, window)
    wait_for(body, case, Stage.SCREENING)
    body.by_officer(screening.return_portfolio, case=case, reason="An answer is missing.")
    wait_for(body, case, Stage.LAPSED)
    return [case]


def reviewed(body: f.Body, window: str) -> list[str]:
    """Declined, not answered, assessed by a third; further evidence not given; a final review."""
    case = bring(body, "screened", window)
    body.by_assessor(assessment.decline_assignment, case)
    until(lambda: len(body.submission(case).former_assessors) == 2 and body.submission(case).assessor, LIMIT)
    f.assess(body, case)
    f.take_up(body, case)
    f.confirm(body, case)
    body.by_chair(moderation.request_evidence, case=case, criteria=["3.3"], wanted="Who looked at workload?")
    wait_for(body, case, Stage.FINAL_REVIEW)
    f.confirm(body, case, "3.3")
    body.by_chair(moderation.conclude_review, case=case)
    f.decide(body, case)
    settled(body, case)
    return [case]


def long(body: f.Body, window: str) -> list[str]:
    """Extended so often that the process starts afresh at its next stage; then withdrawn."""
    case = f.register(body)
    for days in range(1, 25):
        at = body.now() + timedelta(days=days)
        body.by_officer(preparation.extend_preparation, case=case, until=at, reason="More time.")
        until(lambda: delivered(body.office.records) >= body.recorded(case)[-1].position, LIMIT)
    f.submit(body, case, window)
    wait_for(body, case, Stage.SCREENING)
    body.by_contact(preparation.withdraw, case, reason="Other plans.")
    return [case]


def appealed(body: f.Body, window: str) -> list[str]:
    """Not acknowledged in time, then with a reminder to admit it, heard, and dismissed."""
    hear = hearing(body)
    case = bring(body, "approved", window, {"1.1": body.scheme.scale[0]})
    until(lambda: body.submission(case).released, LIMIT)
    appeal = hear.lodge(case)
    until(lambda: body.events(appeal, DeadlineMissed), LIMIT)
    hear.by_officer(appeals.acknowledge_appeal, appeal=appeal)
    until(lambda: body.events(appeal, ReminderSent), LIMIT)
    hear.by_officer(appeals.admit_appeal, appeal=appeal)
    hear.name(appeal)
    hear.decide(appeal)
    return [appeal]


def complained(body: f.Body, window: str) -> list[str]:
    """Not acknowledged in time, then answered, and not taken further; the questionnaires of a case lapse meanwhile."""
    case = bring(body, "approved", window)
    until(lambda: body.recorded(learning_id(case)), LIMIT)
    provider, [hal, _] = f.register_provider(body), handlers(body)
    complaint = by_contact(body, provider)
    until(lambda: body.events(complaint, DeadlineMissed), LIMIT)
    acknowledge(body, complaint, hal)
    until(lambda: body.events(complaint, ReminderSent), LIMIT)
    answer(body, complaint, hal)
    return [complaint, learning_id(case)]


COURSES: dict[str, Callable[[f.Body, str], list[str]]] = {
    course.__name__: course for course in (awarded, lapsed, reviewed, long, appealed, complained)
}


def main() -> None:
    """Record all."""
    with TemporaryDirectory() as folder:
        postgres = EmbeddedPostgres(Path(folder), durable=False)
        temporal = EmbeddedTemporal(Path(folder), port=0, ui_port=None, search_attributes=SEARCH_ATTRIBUTES)
        postgres.start()
        temporal.start()
        settings = Settings(data=Path(folder), temporal_address=temporal.address)
        try:
            with Machinery(settings, migrate(postgres.admin_url, postgres.app_password)) as machinery:
                record(machinery)
        finally:
            temporal.stop()
            postgres.stop()


def record(machinery: Machinery) -> None:
    """Go through the courses and keep the histories of all their cases."""
    body = f.open_body(machinery.app.office, source=QUICK)
    machinery.start()
    for old in GOLDEN.glob("*.json"):
        old.unlink()
    for name, course in COURSES.items():
        window = f.schedule_window(body, opens_in=timedelta(seconds=1), lasts=timedelta(minutes=1))
        until(lambda window=window: body.state(window).opened, LIMIT)
        for case in course(body, window):
            until(lambda case=case: machinery.status(case) is WorkflowExecutionStatus.COMPLETED, LIMIT)
            machinery.ask(partial(keep, f"{name}-{kind_of(case)}", case))
    short = f.schedule_window(body, opens_in=timedelta(seconds=1), lasts=timedelta(seconds=1))
    body.by_officer(
        windows.extend_window, id=short, closes_at=body.now() + timedelta(seconds=3), reason="The line was down."
    )
    until(lambda: machinery.status(short) is WorkflowExecutionStatus.COMPLETED, LIMIT)
    machinery.ask(partial(keep, "extended-window", short))


async def keep(name: str, case: str, client: Client) -> None:
    """Write the history of each of the case's runs, without what is peculiar to this machine."""
    runs = [run async for run in client.list_workflows(f"WorkflowId = '{case}'")]
    for number, run in enumerate(sorted(runs, key=lambda run: run.start_time), start=1):
        history = await client.get_workflow_handle(case, run_id=run.run_id).fetch_history()
        here = f"{os.getpid()}@{socket.gethostname()}"
        text = json.dumps(json.loads(history.to_json()), separators=(",", ":")).replace(here, "assay") + "\n"
        (GOLDEN / f"{name}-{number}.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
