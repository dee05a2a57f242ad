"""What happens to awards in the tests of services: made, confirmed, doubted, and earned again."""

from typing import Any

from domain.ids import PROCESS_ROLE
from services import accreditations, awards, preparation, screening
from services.office import Receipt
from tests import factories
from tests.factories import Body, Provider
from tests.services.conftest import Clock

LEVELS = """[[awards]]
name = "bronze"
form = "every-criterion-at-least"
level = "partially_met"

[[awards]]
name = "gold"
"""


def source(extra: str = "", *, levels: bool = False, extension: str = "") -> str:
    """The main scheme with a table more, with two levels of award, or with an extension."""
    text = factories.scheme_source()
    if levels:
        text = text.replace('[[awards]]\nname = "accredited"\n', LEVELS) + "\n[upgrade]\nallowed = true\n"
    if extension:
        text = text.replace(
            "areas_for_consideration = true", f'areas_for_consideration = true\nextension = "{extension}"'
        )
    return text + extra


YEARLY = source('\n[annual]\ncertificates = 3\nconfirm_within = "P28D"\nremind_confirm = ["P14D"]\n')


def award_of(body: Body, levels: dict[str, str] | None = None) -> tuple[str, str, Provider]:
    """An award, the submission that earned it, and its provider."""
    case = factories.brought(body, "released", levels=levels)
    registration = body.submission(case).registration
    award = awards.accreditation_id(case)
    return award, case, Provider(id=registration.provider, contact=registration.lead_contact)


def catch_up(body: Body, award: str) -> None:
    """Let the award's process do what has fallen due."""
    from workflows.activities import STEPS

    for _ in range(40):
        due = accreditation_due(body, award)
        if due is None or due.at > body.now():
            return
        STEPS[due.step](body.office, body.command(award, PROCESS_ROLE), case=award)
    raise AssertionError("the process never comes to rest")


def accreditation_due(body: Body, award: str) -> Any:
    from workflows.situation import situation_of

    return situation_of(body.state(award), position=0, at=body.now()).due


def raised(body: Body, award: str, **said: Any) -> str:
    """A concern that an assessor raised, unless said by whom."""
    actor, role = said.pop("by", (body.assessors[0], "assessor"))
    command = body.command(actor, role)
    accreditations.raise_concern(body.office, command, case=award, text="It is not taught as it was judged.", **said)
    return accreditations.concern_id(command.id)


def review(body: Body, award: str, concern: str, reviewer: str) -> Receipt:
    return body.by_officer(accreditations.open_review, case=award, concern=concern, reviewer=reviewer)


def conclude(body: Body, award: str, concern: str, finding: str, **said: Any) -> Receipt:
    given = {"case": award, "concern": concern, "finding": finding, "reason": "So it is."}
    return body.by(accreditations.conclude_review, body.chair, "chair", **given, **said)


def again(body: Body, award: str, case: str, provider: Provider, window: str = "") -> str:
    """A reaccreditation, submitted."""
    renewal = factories.register(body, provider, follows=case, accreditation=award)
    factories.settle(body, renewal)
    factories.pay_fees(body, renewal)
    factories.submit(body, renewal, window or factories.schedule_window(body))
    return renewal


def finishing(body: Body, case: str, levels: dict[str, str] | None = None, *, screened: bool = False) -> Any:
    """What people do for a case that is submitted, until its result can be released."""
    if not screened:
        body.by_officer(screening.pass_screening, case=case)
    yield "screened"
    yield from factories.assessing(body, case, levels)
    factories.take_up(body, case)
    factories.confirm(body, case)
    yield "confirmed"
    factories.decide(body, case)
    yield "decided"


def lapse(body: Body, clock: Clock, case: str) -> None:
    """Its time to submit runs out."""
    factories.settle(body, case)
    clock.comes_to(body.submission(case).clock.due_at)  # type: ignore[union-attr]
    preparation.lapse(body.office, body.command(case, PROCESS_ROLE), case=case)
