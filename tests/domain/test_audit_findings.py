"""What members of the board find in an audit, what is done about it, and when the audit is closed."""

from dataclasses import replace
from typing import Any

import pytest

from domain import person as people
from domain.audit import Audit, actions, drawing, findings
from domain.audit.state import ACT, CLOSE, VERIFY
from domain.person import RoleEnded
from domain.tasks import hand_over
from tests.domain.given import ADA, DAY, NOON, fold, member, refused, text
from tests.domain.governing import (
    ANN,
    BOARD,
    BOB,
    CALENDAR,
    CASES,
    CAT,
    DATES,
    OLA,
    ORDER,
    QUE,
    after,
    against,
    agreed,
    all_found,
    closing,
    done,
    found,
    opened,
)

# Findings


def test_a_member_finds_on_each_point_of_each_case_what_they_may_see():
    audit = all_found(opened())

    assert audit.unanswered == []
    assert len(audit.standing) == 6


@pytest.mark.parametrize(
    ("said", "rule", "field"),
    [
        ({"case": ORDER[4]}, "case-in-sample", "case"),
        ({"item": "colour"}, "audit-checklist", "item"),
        ({"result": "splendid"}, "finding-results", "result"),
        ({"result": "minor", "text": None}, "finding-text", "text"),
        ({"result": "major", "text": None}, "finding-text", "text"),
        ({"result": "not-applicable", "text": None}, "finding-text", "text"),
        ({"by": OLA}, "audit-members", "actor"),
        ({"by": against(BOB, ORDER[0])}, "conflict-of-interest", "actor"),
    ],
)
def test_what_is_no_finding_is_refused(said: dict[str, Any], rule: str, field: str):
    usual = {"case": ORDER[0], "item": "reasons", "by": BOB, "result": "conforms", "text": text("why")}
    with refused(rule, field=field):
        findings.record_finding(opened(), **(usual | said))
    assert findings.record_finding(opened(), **usual)
    assert findings.record_finding(opened(), **(usual | {"text": None}))


def test_a_finding_is_never_edited_and_only_superseded():
    audit = found(opened(), ORDER[0], result="minor")
    same = {"case": ORDER[0], "item": "reasons", "by": BOB, "result": "minor", "text": text(f"{ORDER[0]} reasons")}
    assert findings.record_finding(audit, **same) == []
    for other in ({"result": "major"}, {"by": CAT}, {"text": text("other")}):
        with refused("findings-superseded", field="item"):
            findings.record_finding(audit, **(same | other))

    again: dict[str, Any] = {"finding": 1, "by": CAT, "result": "conforms", "text": None, "reason": text("wrong")}
    audit = after(audit, findings.supersede_finding(audit, **again))

    assert audit.in_force[ORDER[0], "reasons"] == 2
    assert [(one.number, one.result) for one in audit.standing] == [(2, "conforms")]
    assert audit.findings[2].supersedes == 1
    assert findings.supersede_finding(audit, **again) == []
    for other in ({"result": "minor", "text": text("n")}, {"by": BOB}):
        with refused("findings-superseded", field="finding"):
            findings.supersede_finding(audit, **(again | other))
    assert findings.supersede_finding(audit, **(again | {"finding": 2, "result": "major", "text": text("n")}))
    with refused("known-finding", field="finding"):
        findings.supersede_finding(audit, **(again | {"finding": 9}))
    with refused("finding-text", field="text"):
        findings.supersede_finding(audit, **(again | {"finding": 2, "result": "major"}))
    with refused("conflict-of-interest", field="actor"):
        findings.supersede_finding(audit, **(again | {"finding": 2, "by": against(BOB, ORDER[0])}))


# Actions


def test_a_finding_is_acted_on_in_the_policys_time():
    task = agreed().tasks.running[f"{ACT}:1"]

    assert (task.who, task.told) == (OLA.id, "board")
    assert task.due_at == CALENDAR.due(NOON + DAY, DATES["rules"].act_within)


def test_only_what_falls_short_and_stands_is_acted_on():
    audit = found(opened(), ORDER[0])
    usual: dict[str, Any] = {"by": BOB, "owner": OLA, "to_do": text("do"), **DATES}
    with refused("finding-to-act-on", field="finding"):
        actions.agree_action(audit, finding=1, **usual)
    again = {"finding": 1, "by": CAT, "result": "minor", "text": text("n"), "reason": text("wrong")}
    audit = after(audit, findings.supersede_finding(audit, **again))
    with refused("finding-to-act-on", field="finding"):
        actions.agree_action(audit, finding=1, **usual)
    assert actions.agree_action(audit, finding=2, **usual)
    audit = found(audit, ORDER[1], result="not-applicable")
    with refused("finding-to-act-on", field="finding"):
        actions.agree_action(audit, finding=3, **usual)


@pytest.mark.parametrize(
    ("owner", "rule"),
    [
        (against(OLA, ORDER[0]), "conflict-of-interest"),
        (people.Person(), "known-person"),
        (member("none"), "action-owner"),
        (member("contact", "provider"), "action-owner"),
    ],
)
def test_who_acts_on_a_finding_is_of_the_body_and_has_no_conflict(owner: Any, rule: str):
    audit = found(opened(), ORDER[0], result="major")
    with refused(rule, field="owner"):
        actions.agree_action(audit, finding=1, by=BOB, owner=owner, to_do=text("do"), **DATES)
    with refused(rule, field="owner"):
        actions.give_action(agreed(), action=1, by=BOB, owner=owner, reason=text("why"))


def test_an_action_is_done_by_its_owner_unless_they_have_a_conflict_meanwhile():
    audit = agreed()
    with refused("owner-acts", field="actor"):
        actions.do_action(audit, action=1, by=QUE, note=text("done"), **DATES)
    with refused("conflict-of-interest", field="actor"):
        actions.do_action(audit, action=1, by=against(OLA, ORDER[0]), note=text("done"), **DATES)

    audit = done(audit)
    assert set(audit.tasks.running) == {CLOSE, f"{VERIFY}:1"}
    assert audit.tasks.running[f"{VERIFY}:1"].who == ANN.id
    assert actions.do_action(audit, action=1, by=OLA, note=text("done"), **DATES) == []
    assert done(owner=ANN).tasks.running[f"{VERIFY}:1"].who == "board"


def test_nobody_verifies_an_action_that_is_or_was_in_their_hands():
    audit = agreed(owner=CAT)
    audit = after(audit, actions.give_action(audit, action=1, by=ANN, owner=BOB, reason=text("ill")))
    assert actions.give_action(audit, action=1, by=ANN, owner=BOB, reason=text("ill")) == []
    audit = done(audit, owner=BOB)

    for theirs in (BOB, CAT):
        for decide, said in (
            (actions.verify_action, {"note": text("fine")}),
            (actions.return_action, {"reason": text("not"), **DATES}),
        ):
            with refused("owner-never-verifies", field="actor"):
                decide(audit, action=1, by=theirs, **said)
    audit = after(audit, actions.verify_action(audit, action=1, by=ANN, note=text("fine")))
    assert (audit.actions[1].verified, set(audit.tasks.running)) == (True, {CLOSE})
    assert actions.verify_action(audit, action=1, by=ANN, note=text("fine")) == []
    with refused("actions-verified", field="action"):
        actions.return_action(audit, action=1, by=ANN, reason=text("not"), **DATES)


def test_an_action_that_is_not_done_goes_back_to_its_owner():
    audit = done()
    audit = after(audit, actions.return_action(audit, action=1, by=BOB, reason=text("not"), **DATES))

    assert audit.tasks.running[f"{ACT}:1"].who == OLA.id
    with refused("action-done", field="action"):
        actions.verify_action(audit, action=1, by=BOB, note=text("fine"))
    with refused("action-done", field="action"):
        actions.return_action(audit, action=1, by=BOB, reason=text("not"), **DATES)
    assert done(audit).actions[1].done


def test_what_is_done_is_given_to_nobody_else():
    with refused("action-done", field="action"):
        actions.give_action(done(), action=1, by=BOB, owner=QUE, reason=text("ill"))


def test_an_action_is_verified_by_a_member_who_may_see_the_case():
    for by, rule in ((QUE, "audit-members"), (against(BOB, ORDER[0]), "conflict-of-interest")):
        with refused(rule, field="actor"):
            actions.verify_action(done(), action=1, by=by, note=text("fine"))
    with refused("known-action", field="action"):
        actions.verify_action(done(), action=2, by=BOB, note=text("fine"))


def test_a_task_handed_over_for_another_reason_makes_its_new_holder_the_owner():
    audit = agreed()
    audit = after(audit, hand_over(audit, rule=ACT, about="1", to=QUE.id, because="conflict"))

    assert audit.actions[1].owner == QUE.id
    with refused("owner-acts", field="actor"):
        actions.do_action(audit, action=1, by=OLA, note=text("done"), **DATES)
    assert done(audit, owner=QUE)


def test_an_audit_has_at_most_a_thousand_actions():
    audit = agreed()
    many = {number: replace(audit.actions[1], number=number, verified=True) for number in range(1, 1001)}
    full = Audit(**{**vars(audit), "actions": many})
    usual: dict[str, Any] = {"finding": 1, "by": BOB, "owner": OLA, "to_do": text("do"), **DATES}

    with refused("audit-actions", field="finding"):
        actions.agree_action(full, **usual)
    del many[1000]
    assert actions.agree_action(Audit(**{**vars(audit), "actions": many}), **usual)


# Closing


def test_an_audit_is_closed_by_its_lead_once_all_is_found_and_every_action_verified():
    audit = opened()
    with refused("every-case-answered", field="audit", match="6 points in 3 cases"):
        closing(audit)
    audit = all_found(found(audit, ORDER[0], result="major"))
    with refused("major-needs-action", field="audit"):
        closing(audit)
    audit = after(audit, actions.agree_action(audit, finding=1, by=BOB, owner=OLA, to_do=text("do"), **DATES))
    with refused("actions-verified", field="audit"):
        closing(audit)
    audit = done(audit)
    with refused("actions-verified", field="audit"):
        closing(audit)
    audit = after(audit, actions.verify_action(audit, action=1, by=CAT, note=text("fine")))
    with refused("audit-lead", field="actor"):
        closing(audit, by=BOB)
    with refused("every-case-answered", field="audit", match="no member may see 1"):
        closing(audit, hidden=1)
    audit = after(audit, closing(audit))

    assert (audit.over, audit.tasks.running) == (True, {})
    assert closing(audit) == []
    with refused("audit-open", field="audit"):
        closing(audit, by=BOB)
    with refused("audit-open", field="audit"):
        findings.record_finding(audit, case=ORDER[0], item="reasons", by=BOB, result="conforms", text=None)


def test_a_minor_finding_needs_no_action_and_one_that_is_agreed_is_to_be_verified():
    audit = all_found(opened(), "minor")
    assert closing(audit)
    audit = after(audit, actions.agree_action(audit, finding=1, by=BOB, owner=OLA, to_do=text("do"), **DATES))
    with refused("actions-verified", field="audit"):
        closing(audit)


def test_a_major_finding_made_light_of_leaves_its_action_to_be_verified():
    audit = all_found(agreed())
    again = {"finding": 1, "by": CAT, "result": "conforms", "text": None, "reason": text("wrong")}
    audit = after(audit, findings.supersede_finding(audit, **again))

    with refused("actions-verified", field="audit"):
        closing(audit)


def test_members_are_changed_by_one_who_stays_and_the_closing_goes_to_the_new_lead():
    audit = opened(members=(ANN, BOB))
    change: dict[str, Any] = {"present": (ANN, BOB), "members": (BOB, CAT), "lead": CAT.id, "reason": text("left")}
    for by in (ANN, CAT):
        with refused("audit-members"):
            drawing.change_members(audit, at=NOON, by=by, **change)
    with refused("audit-lead", field="lead"):
        drawing.change_members(audit, at=NOON, by=BOB, **(change | {"lead": ANN.id}))
    with refused("audit-members", field="members"):
        drawing.change_members(audit, at=NOON, by=BOB, **(change | {"members": (BOB, OLA)}))
    audit = after(audit, drawing.change_members(audit, at=NOON, by=BOB, **change))

    assert (audit.members, audit.lead) == ((BOB.id, CAT.id), CAT.id)
    assert audit.tasks.running[CLOSE].who == CAT.id
    assert drawing.change_members(audit, at=NOON, by=BOB, **change) == []
    assert drawing.change_members(audit, at=NOON, by=BOB, **(change | {"lead": BOB.id}))


def test_once_no_member_is_on_the_board_another_of_it_takes_over():
    left = [fold(people.evolve, one, [RoleEnded(role="board")]) for one in (ANN, BOB)]
    audit = opened(members=(ANN, BOB))
    change: dict[str, Any] = {"members": (CAT,), "lead": CAT.id, "reason": text("left")}
    with refused("audit-members", field="actor"):
        drawing.change_members(audit, at=NOON, by=CAT, present=(left[0], BOB), **change)

    assert drawing.change_members(audit, at=NOON, by=CAT, present=left, **change)


def test_nothing_is_done_in_an_audit_that_is_not_there():
    nothing = Audit()
    blind: dict[str, Any] = {"by": ANN, "members": BOARD, "cases": CASES}
    for decide in (
        lambda: closing(nothing),
        lambda: drawing.replace_hidden(nothing, **blind),
        lambda: drawing.drawn_again(nothing, CASES),
        lambda: drawing.change_members(
            nothing, at=NOON, by=ANN, present=(), members=BOARD, lead=ANN.id, reason=text("w")
        ),
        lambda: findings.record_finding(nothing, case=ORDER[0], item="reasons", by=ANN, result="conforms", text=None),
        lambda: actions.do_action(nothing, action=1, by=OLA, note=text("n"), **DATES),
    ):
        with refused("known-audit", field="audit"):
            decide()


def test_an_assessor_with_a_role_in_a_scheme_may_act_on_a_finding():
    assert agreed(owner=ADA).actions[1].owner == ADA.id
