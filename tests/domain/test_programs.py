"""A program notes and schedules, in the role of its account; it decides nothing."""

import pytest

from domain import permissions, programs
from tests.domain.given import NOON, refused

ACCOUNT = "service-aaaaaaaaaaaaaaaa"


@pytest.mark.parametrize("actor", ["person-aaaaaaaaaaaaaaaa", "service-1", "service", "public", f"{ACCOUNT}a", ""])
def test_only_the_id_of_a_service_account_is_a_program(actor: str):
    assert programs.is_program(ACCOUNT)
    assert not programs.is_program(actor)


def test_a_program_acts_in_its_role_and_no_other():
    acts = programs.acting(ACCOUNT, role="officer", action="pay_fee")

    assert (acts.id, acts.holds("officer", "cpd-qa", NOON), acts.holds("chair", "cpd-qa", NOON)) == (
        ACCOUNT,
        True,
        False,
    )


@pytest.mark.parametrize("action", [one for one in permissions.actions() if not programs.may_do(one)])
def test_a_program_decides_nothing(action: str):
    with refused("program-notes-only", field="actor"):
        programs.acting(ACCOUNT, role="officer", action=action)


def test_what_a_program_notes_is_in_the_table_and_it_reads_what_its_role_does():
    assert set(programs.NOTES) <= set(permissions.actions())
    assert [one for one in permissions.actions() if one.startswith("see-") and not programs.may_do(one)] == []
