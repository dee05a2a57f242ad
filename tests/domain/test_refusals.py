"""Every refusal says which rule refuses, why, which input it is about, and what would be allowed."""

import ast
import re
from pathlib import Path

import pytest

from domain.refusals import Refused, refuse

ROOT = Path(__file__).parents[2]


def refusals() -> list[tuple[str, ast.Call]]:
    """Every call of `refuse` in the rules and the services, with where it stands."""
    return [
        (f"{path.relative_to(ROOT).as_posix()}:{node.lineno}", node)
        for path in sorted((*ROOT.glob("domain/**/*.py"), *ROOT.glob("services/**/*.py")))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "refuse"
    ]


@pytest.mark.parametrize("call", [pytest.param(call, id=where) for where, call in refusals()])
def test_every_refusal_in_the_code_names_rule_reason_field_and_what_is_allowed(call: ast.Call):
    rule, reason = call.args
    said = {keyword.arg: keyword.value for keyword in call.keywords}

    if isinstance(rule, ast.Constant):
        assert re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", rule.value)
    assert not isinstance(reason, ast.Constant) or len(reason.value.split()) > 2
    assert {"field", "allowed"} <= said.keys()
    assert not any(isinstance(value, ast.Constant) and not value.value for value in said.values())


def test_there_are_refusals_to_look_at():
    assert len(refusals()) > 80


def test_a_refusal_reads_as_a_sentence_with_its_field_and_rule():
    refusal = refuse("fee-in-full", "the fee is 20", field="amount", allowed="20")

    assert str(refusal) == "amount: the fee is 20. Allowed: 20. (rule: fee-in-full)"
    assert str(refuse("too-busy", "try again")) == "try again. (rule: too-busy)"


def test_a_refusal_can_be_raised_again_and_compared():
    one, same = (Refused(rule="r", reason="why") for _ in range(2))

    assert one == same
    with pytest.raises(Refused) as caught:
        raise one
    assert caught.value is one
