"""The governance policy: the shipped one is the handbook's, every key has a default and is explained, faults are named."""

import re
import tomllib
from pathlib import Path

import pytest

from domain.governance_policy import Governance, read_governance
from domain.policy import read_policy
from domain.toml_reader import FaultyFile, Reader
from tests.domain.governing import POLICY

GUIDE = (Path(__file__).parents[2] / "docs" / "policies.md").read_text(encoding="utf-8")
SECTION = GUIDE.partition("## The governance policy")[2].partition("\n## ")[0]


def test_the_shipped_policy_is_one_without_faults_and_says_what_holds_where_none_is_said():
    policy = read_policy(POLICY)

    assert (policy.kind, policy.ref, policy.content) == ("governance", "governance@1", Governance())


def test_a_policy_that_says_nothing_has_the_same_values():
    assert read_governance(Reader("policy.toml", {})) == Governance()


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("new_percent = 30", "new_percent = 9", "sampling.new_percent: is 9; allowed: at least 10"),
        ("new_least = 4", "new_least = 1", "sampling.new_least: is 1; allowed: at least 2"),
        ("percent = 10", "percent = 101", "sampling.percent: is 101; allowed: a whole number from 0 to 100"),
        ('act_within = "P3M"', 'act_within = "soon"', "audits.act_within: is 'soon'"),
        ('review_low = "P12M"', "review_lowest = 1", "risks.review_lowest: is not known"),
    ],
)
def test_a_fault_is_named_with_its_key_and_what_is_allowed(before: str, after: str, fault: str):
    assert f"\n{before}" in POLICY
    with pytest.raises(FaultyFile, match=re.escape(fault)):
        read_policy(POLICY.replace(f"\n{before}", f"\n{after}", 1))


def test_shares_of_new_assessors_may_be_those_of_all():
    same = POLICY.replace("new_percent = 30", "new_percent = 10").replace("new_least = 4", "new_least = 2")

    assert read_policy(same).content.sampling.new_percent == 10


def test_every_key_of_the_governance_policy_is_explained_and_no_other():
    reader = Reader("policy.toml", tomllib.loads(POLICY))
    read_governance(reader)
    explained = {
        f"{table}.{key}"
        for table, body in re.findall(r"^### `\[([a-z]+)\]`\n(.*?)(?=^#|\Z)", SECTION, re.MULTILINE | re.DOTALL)
        for cell in re.findall(r"^\| (`.*?) \|", body, re.MULTILINE)
        for key in re.findall(r"`([^`]+)`", cell)
    }

    assert explained == reader.asked
