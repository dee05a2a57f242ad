"""The retention policy is a file: every kind of record has a rule, every ground its words, and every fault is named."""

import re
from pathlib import Path
from typing import Any

import pytest

from domain.clocks import Duration
from domain.policy import read_policy
from domain.retention_policy import GROUNDS, KINDS, LATER, RetentionPolicy
from domain.toml_reader import FaultyFile

SOURCE = (Path(__file__).parents[2] / "schemes" / "retention.toml").read_text(encoding="utf-8")


def content(source: str = SOURCE) -> RetentionPolicy:
    found: RetentionPolicy = read_policy(source, "retention.toml").content
    return found


def faults(source: str) -> list[tuple[str, str]]:
    with pytest.raises(FaultyFile) as caught:
        read_policy(source, "retention.toml")
    return [(one.key, one.problem) for one in caught.value.faults]


def without(key: str, about: str) -> str:
    """The policy without the table of a list that is about this."""
    return re.sub(rf'\[\[{key}\]\]\n\w+ = "{about}"\n(?:[^\[\n].*\n)+', "", SOURCE)


def test_the_shipped_policy_has_a_rule_for_each_kind_and_words_for_each_ground():
    said = content()

    assert said.rules.keys() == KINDS.keys()
    assert said.grounds.keys() == set(GROUNDS)
    assert said.rules["portfolio"].after == Duration.parse("P3Y")
    assert said.rules["portfolio"].basis == "cycles"
    assert said.rules["complaints"].basis == "closed"
    assert said.rules["governance"].basis == "recorded"
    assert (said.rules["development"].on_request, said.rules["judgements"].on_request) == ("erased", "kept")
    assert said.grounds["award-runs"].fields == ("name",)
    assert said.answer_within == Duration.parse("P1M")
    assert all(one.words and one.ground for one in said.rules.values())


def test_a_ground_is_said_in_the_policy_s_words():
    said = content()

    assert said.words("pay-records").startswith("accounts with the names")
    assert said.words("legal-claims") == "claims can be made for six years"
    assert said.words("legal-hold") == "legal hold"


@pytest.mark.parametrize("kind", [one for one in KINDS if one not in LATER])
def test_a_kind_without_a_rule_is_a_fault(kind: str):
    assert faults(without("rules", kind)) == [("rules", f"lacks '{kind}'")]


@pytest.mark.parametrize(("kind", "of"), LATER.items())
def test_a_kind_that_a_policy_from_before_it_was_known_leaves_out_goes_by_another_s_rule(kind: str, of: str):
    said = content(without("rules", kind)).rules

    assert (said[kind].after, said[kind].ground) == (said[of].after, said[of].ground)
    assert (said[kind].kind, said[kind].basis) == (kind, KINDS[kind])


@pytest.mark.parametrize("ground", GROUNDS)
def test_a_ground_without_words_is_a_fault(ground: str):
    assert faults(without("grounds", ground)) == [("grounds", f"lacks '{ground}'")]


@pytest.mark.parametrize(("was", "becomes", "expected"), [
    ('kind = "portfolio"\nafter = "P3Y"', 'kind = "portfolio"\nafter = "soon"', ("rules[0].after", "is 'soon'")),
    ('kind = "judgements"', 'kind = "portfolio"', ("rules[1].kind", "names 'portfolio' a second time")),
    ('ground = "legal-claims"', 'ground = "Legal claims"', ("rules[6].ground", "is 'Legal claims'")),
    ('on_request = "erased"', 'on_request = "perhaps"', ("rules[9].on_request", "is 'perhaps'")),
    ('fields = ["name", "email"]', 'fields = []', ("grounds[0].fields", "has 0")),
    ('checks = ["known-address"', 'checks = ["A letter"', ("requests.checks", "names 'A letter'")),
    ('approve_within = "P14D"', 'approve_within = 14', ("letting_go.approve_within", "is 14")),
    ('[holds]\n', '[holds]\ncolour = "red"\n', ("holds.colour", "is not known")),
    ('kind = "portfolio"\n', 'kind = "portfolio"\ncolour = "red"\n', ("rules[0].colour", "is not known")),
    ('kind = "portfolio"', 'kind = "poetry"', ("rules[0].kind", "is 'poetry'")),
])  # fmt: skip
def test_a_fault_is_named_with_its_key(was: str, becomes: str, expected: tuple[str, str]):
    assert SOURCE.count(was) >= 1

    assert expected in faults(SOURCE.replace(was, becomes, 1))


@pytest.mark.parametrize("value", ["3", '"x"', "[3]", '["x"]', "{ kind = 3 }"])
def test_what_is_no_list_of_tables_is_a_fault_and_no_crash(value: str):
    source = re.sub(r"\[\[rules\]\]\n(?:[^\[\n].*\n)+", "", SOURCE)

    assert ("rules", "lacks 'judgements'") in faults(f"rules = {value}\n{source}")


def test_lengths_not_given_are_the_usual_ones():
    source = re.sub(
        r"(?m)^(answer_within|remind_answer|approve_within|let_go_within|look_again_after|remind) = .*\n", "", SOURCE
    )
    source = source.replace('"court-order"]\nreview_every = "P6M"\n', '"court-order"]\n')

    def terms(said: RetentionPolicy) -> list[Any]:
        return [
            said.answer_within, said.remind_answer, said.approve_within, said.let_go_within, said.look_again_after,
            said.review_holds_every, said.remind_holds,
        ]  # fmt: skip

    assert terms(content(source)) == terms(content())
