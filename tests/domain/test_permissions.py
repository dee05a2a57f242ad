"""The one table of who may do and see what: a cell says in which relations, and a conflict comes before all others."""

from collections.abc import Set

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import permissions
from domain.ids import PROCESS_ROLE
from domain.permissions import (
    INSTALLER_ROLE,
    PUBLIC_ROLE,
    RELATIONS,
    actions,
    may,
    named,
    relations_allowed,
    roles,
    row,
)
from domain.person import ROLES

READS = tuple(one for one in actions() if one.startswith("see-"))
PUBLIC = ("see-published-figures", "see-register", "see-schemes", "see-windows", "see-checkpoints", "see-badges")
BODY_INTERNAL = ("see-policies",)
"""Is about no case and no provider."""
OF_CASES = ("see-board", "see-case", "see-portfolio", "see-judgements", "see-confidential")
NO_PERSON = (PUBLIC_ROLE, INSTALLER_ROLE, PROCESS_ROLE)
"""Roles that nobody can be given."""

some_action = st.sampled_from(actions())
some_role = st.sampled_from((*ROLES, *NO_PERSON))
some_relations = st.frozensets(st.sampled_from(RELATIONS))


def test_a_cell_names_known_roles_and_relations_and_is_never_empty():
    for action in actions():
        assert row(action), action
        for role, cell in row(action).items():
            assert role in (*ROLES, *NO_PERSON), action
            assert cell, action
            assert cell <= set(RELATIONS), action


def test_no_action_stands_in_two_areas_and_none_is_a_step_of_a_process():
    assert len(actions()) == len(set(actions())) == sum(len(rows) for rows in permissions.AREAS.values())
    assert not permissions.PROCESS_ONLY & set(actions())
    assert set(actions()) >= permissions.PARTS


def test_what_the_table_does_not_know_is_no_action():
    for asked in (
        lambda: row("see-everything"),
        lambda: roles("see-everything"),
        lambda: relations_allowed("see-everything", "officer"),
        lambda: may("see-everything", "officer", ()),
    ):
        with pytest.raises(KeyError, match=r"'see-everything' is no action.*has no row for it"):
            asked()


@given(some_action, some_role, some_relations)
def test_somebody_may_who_stands_in_a_relation_of_the_cell_and_nobody_else(
    action: str, role: str, relations: frozenset[str]
):
    cell = relations_allowed(action, role)

    if "conflicted" in relations and "conflicted" not in cell:
        assert not may(action, role, relations)
    elif relations:
        assert may(action, role, relations) is any(one in cell for one in relations)
    else:
        assert may(action, role, relations) is ("none" in cell)


@given(some_action, some_role, some_relations, st.sampled_from([one for one in RELATIONS if one != "conflicted"]))
def test_one_more_relation_takes_nothing_away_but_a_conflict(
    action: str, role: str, relations: frozenset[str], more: str
):
    if relations and may(action, role, relations):
        assert may(action, role, relations | {more})


@given(st.sampled_from([one for one in READS if one not in (*PUBLIC, *BODY_INTERNAL)]), some_role, some_relations)
def test_whoever_has_a_conflict_sees_nothing_of_a_case_whatever_else_they_are(
    action: str, role: str, relations: Set[str]
):
    assert not may(action, role, relations | {"conflicted"})


def test_a_conflict_lets_somebody_do_only_what_concerns_themselves_or_anybody():
    with_one = {
        action for action in actions() for role in ROLES if "conflicted" in relations_allowed(action, role)
    } - set(READS)

    assert with_one == {
        "declare_conflict",
        "record_fact",
        "end_scrutiny",
        "give_guidance",  # having guided is a conflict itself
        "open_meeting",  # its own chair ends what they may see nothing of any more
        "sign_minutes",
        "sign_non_disclosure",
        "set_availability",
        "confirm_conflicts",
        "plan_absence",
        "cancel_absence",
        "limit_capacity",
        "keep-calendar",  # what a conflict hides is in none
        "end-calendar",
        "raise_concern",
        "raise_complaint",
        "name_person",
        "escalate_complaint",
        "withdraw_complaint",
        "propose_change",
        "withdraw_proposal",
    }


def test_a_role_without_a_cell_may_not_in_any_relation():
    for relations in ((), RELATIONS, ("none",), ("own", "assigned", "panel")):
        assert not may("pass_screening", "assessor", relations)
        assert not may("see-case", "board", relations)
        assert not may("see-case", PUBLIC_ROLE, relations)
    assert relations_allowed("pass_screening", "assessor") == frozenset()


def test_the_roles_of_an_action_are_those_of_people_in_the_tables_order():
    assert roles("material") == ("appeals-panel", "appeals-officer")
    assert roles("draw_sample") == ("quality-manager",)
    assert roles("register_person") == ("officer",)
    assert roles("raise_concern") == ROLES
    assert list(row("material")) == ["appeals-panel", "appeals-officer", INSTALLER_ROLE]


def test_the_roles_of_an_action_can_be_asked_by_relation():
    assert roles("material", "panel") == ("appeals-panel",)
    assert roles("material", "none") == ("appeals-officer",)
    assert roles("material", "own") == ()
    assert roles("adjourn_item", "none") == ("officer",)


def test_a_row_that_somebody_has_is_their_own_copy():
    row("see-case")["public"] = frozenset({"none"})

    assert "public" not in row("see-case")


def test_a_service_whose_name_two_have_is_named_with_its_module():
    assert named("services.learning", "answer_questionnaire") == "learning.answer_questionnaire"
    assert named("services.development", "answer_questionnaire") == "development.answer_questionnaire"
    assert named("services.accreditations", "conclude_review") == "accreditations.conclude_review"
    assert named("services.screening", "pass_screening") == "pass_screening"
    assert "answer_questionnaire" not in actions()
    assert "conclude_review" not in actions()


@pytest.mark.parametrize("action", [*OF_CASES, "see-appeals", "see-ledger"])
def test_a_provider_sees_its_own_and_nothing_else(action: str):
    assert relations_allowed(action, "provider") <= {"own"}


def test_a_provider_sees_neither_what_is_confidential_nor_who_has_a_conflict_with_it():
    for action in ("see-confidential", "see-conflicts", "see-looks", "see-policies", "see-concerns", "see-sampling"):
        assert relations_allowed(action, "provider") == frozenset(), action


def test_the_board_sees_no_case_but_what_it_governs():
    assert not any("board" in row(action) for action in OF_CASES)
    assert all(may(action, "board", ()) for action in ("see-audits", "see-risks", "see-looks", "see-composition"))
    assert may("look_at", "board", ())


@pytest.mark.parametrize("action", OF_CASES)
def test_assessors_and_panels_see_a_case_while_it_is_theirs(action: str):
    assert relations_allowed(action, "assessor") == {"assigned"}
    assert relations_allowed(action, "moderator") == relations_allowed(action, "chair") == {"assigned", "panel"}
    assert relations_allowed(action, "appeals-panel") == {"panel"}


@pytest.mark.parametrize("action", OF_CASES)
def test_who_had_a_part_in_a_case_does_not_see_it_as_who_handles_appeals_or_complaints(action: str):
    for role in ("appeals-officer", "complaints-handler", "appeals-panel"):
        assert not may(action, role, {"took-part"})


def test_the_public_sees_what_is_public_and_raises_concerns():
    assert [one for one in actions() if PUBLIC_ROLE in row(one)] == ["raise_concern", *PUBLIC]
    for action in PUBLIC:
        assert all(may(action, role, {"conflicted"}) for role in ROLES)
        assert may(action, PUBLIC_ROLE, ())


def test_the_installer_sets_up_and_reads_what_lay_before_a_decider():
    assert {one for one in actions() if INSTALLER_ROLE in row(one)} == {
        "register_person",
        "give_role",
        "end_role",
        "record_training",
        "publish_scheme",
        "tell_clients",
        "publish_policy",
        "import_records",
        "note_bounce",
        "material",
    }


def test_a_process_does_one_thing_that_people_do_too():
    assert [one for one in actions() if PROCESS_ROLE in row(one)] == ["draw_sample"]


def test_who_may_do_something_is_said_with_how_they_stand_to_it():
    assert permissions.said("answer_complaint") == "complaints-handler: assigned"
    assert permissions.said("adjourn_item") == "chair, moderator: panel; officer: without a conflict"
