"""The one table of who may do and see what."""

from domain import permissions
from domain.permissions import RELATIONS, actions, row
from domain.person import ROLES

READS = tuple(one for one in actions() if one.startswith("see-"))
KNOWN_ROLES = (*ROLES, "public", "installer", "process")


def test_a_cell_names_known_roles_and_relations_and_is_never_empty():
    for action in actions():
        for role, cell in row(action).items():
            assert role in KNOWN_ROLES, action
            assert cell, action
            assert cell <= set(RELATIONS), action


def test_no_action_stands_in_two_areas():
    assert len(actions()) == sum(len(rows) for rows in permissions.AREAS.values())
    assert not permissions.PROCESS_ONLY & set(actions())
