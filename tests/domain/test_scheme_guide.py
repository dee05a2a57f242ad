"""The guide to writing a scheme: its example is a scheme without faults, and it explains every key there is, and no other."""

import re
import tomllib
from pathlib import Path

import pytest

from domain.scheme import Scheme
from domain.scheme_file import _read, read_scheme
from domain.toml_reader import Reader

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "schemes.md").read_text(encoding="utf-8")
EXAMPLE, *SNIPPETS = re.findall(r"^```toml\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
RULES = dict(zip(("accredited", "bronze", "commended"), SNIPPETS, strict=True))
"""The examples of award rules, by the name of the first award in each."""


def sources() -> list[str]:
    """Schemes in which, together, every table and every form there is occurs."""
    texts = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "schemes").glob("*.toml"))]
    files = [one for one in texts if "[scheme]" in one]
    core = EXAMPLE.replace('"every-criterion-at-least"', '"core-and-others"\ncore = ["1.1"]\nat_least = 1')
    return [*files, EXAMPLE, core]


def keys_read(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, str]]:
    """Every (table, key) that is asked for when schemes are read; of a table by lists of the scheme, the table's name."""
    found: set[str] = set()
    adopt = Reader.adopt

    def noting(reader: Reader, part: Reader, key: str) -> None:
        table = re.sub(r"\[\d+\]", "", key)
        found.update(f"{table}.{one}" for one in part.asked)
        adopt(reader, part, key)

    monkeypatch.setattr(Reader, "adopt", noting)
    for source in sources():
        reader = Reader("scheme.toml", tomllib.loads(source))
        _read(reader, "")
        assert reader.faults == []
        found |= reader.asked
    by_list = re.compile(r"^(fees\.items\.(?:amounts|rolls)|appeals\.grounds)\..*")
    named = {by_list.sub(r"\1", key).rpartition(".") for key in found}
    lists_of_tables = {("fees", "items")}
    return {(table, key) for table, _, key in named if table} - lists_of_tables


def keys_explained() -> set[tuple[str, str]]:
    """Every (table, key) that the reference has a row for."""
    explained = set()
    for table, body in re.findall(r"^### `\[+([a-z_.]+)\]+`\n(.*?)(?=^#|\Z)", GUIDE, re.MULTILINE | re.DOTALL):
        for cell in re.findall(r"^\| (`.*?) \|", body, re.MULTILINE):
            explained |= {(table, key) for key in re.findall(r"`([^`]+)`", cell)}
    return explained


def test_every_key_of_a_scheme_is_explained_and_no_other(monkeypatch: pytest.MonkeyPatch):
    explained = keys_explained()
    read = {
        one for one in keys_read(monkeypatch) if one[0] != "criteria.indicators"
    }  # they stand in the row of the list

    assert len(read) > 80
    assert read - explained == set(), "not explained"
    assert explained - read == set(), "explained, and not known to the reader"


def test_the_example_of_the_guide_is_a_scheme_without_faults():
    scheme = read_scheme(EXAMPLE)

    assert isinstance(scheme, Scheme)
    assert scheme.ref == "reading-mark@1"
    assert [one.code for one in scheme.criteria["1.1"].indicators] == ["1.1.a", "1.1.b"]
    assert scheme.outcome({"1.1": "met", "2.1": "met"}, tuple(scheme.criteria)).level == "marked"


@pytest.mark.parametrize("name", RULES)
def test_each_award_rule_of_the_guide_stands_in_a_scheme_as_it_is(name: str):
    """Given a scheme with enough sections and criteria, and the scale the rule speaks of."""
    scales = {
        "accredited": ["not_met", "partially_met", "met"],
        "bronze": ["not_yet", "developing", "enhancing", "embedded"],
        "commended": ["not_met", "met"],
    }
    head, _, rest = EXAMPLE.partition("[[sections]]")
    tail = rest[rest.index("[portfolio]") :]
    tree = [f'[[sections]]\ncode = "{one}"\ntitle = "Section {one}"\n' for one in (1, 2)]
    tree += [
        f'[[criteria]]\ncode = "{one}.{two}"\nsection = "{one}"\ntitle = "T"\nguidance = "G"\n'
        for one in (1, 2)
        for two in (1, 2, 3)
    ]
    scale = f"[scale]\nlevels = {scales[name]}\n".replace("'", '"')

    scheme = read_scheme("\n".join([head, *tree, scale, RULES[name], tail]))

    assert scheme.awards[0].name == name
    everything = tuple(scheme.criteria)
    assert scheme.outcome(dict.fromkeys(everything, scheme.scale[-1]), everything).level == scheme.awards[-1].name
    assert scheme.outcome(dict.fromkeys(everything, scheme.scale[0]), everything).level is None


def test_the_forms_of_awards_fees_and_moderation_are_all_named():
    from domain.award import CHOICES, FORMS
    from domain.fees import MOMENTS, WAYS
    from domain.scheme import MODERATION_FORMS, ROUTES

    for word in (*CHOICES, *FORMS, *MOMENTS, *WAYS, *MODERATION_FORMS, *ROUTES):
        assert f'`"{word}"`' in GUIDE or f"`{word}`" in GUIDE, word


def test_every_command_on_schemes_is_named_in_the_guide():
    main = (ROOT / "infra" / "cli" / "main.py").read_text(encoding="utf-8")

    for name in re.findall(r'@scheme\.command\("([a-z-]+)"\)', main):
        assert f"`assay scheme {name}" in GUIDE
