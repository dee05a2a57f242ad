"""A scheme file is checked whole: each fault is named with its key and what is allowed, all of them at once."""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scheme import Scheme, require_criterion, require_level, require_listed
from domain.scheme_file import _read, read_scheme
from domain.toml_reader import Fault, FaultyFile, Reader
from tests.domain.files import scheme_files
from tests.domain.given import NOON, SCHEME, SOURCE, refused

ROOT = Path(__file__).parents[2]


def changed(*changes: tuple[str, str]) -> str:
    """The scheme's source with some lines replaced, each of which must be there once."""
    source = SOURCE
    for old, new in changes:
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    return source


def faults_of(source: str) -> list[Fault]:
    with pytest.raises(FaultyFile) as caught:
        read_scheme(source, "a.toml")
    return caught.value.faults


@pytest.mark.parametrize("file", ["schemes/cpd-qa.toml", "examples/pilot/scheme.toml"])
def test_the_schemes_that_come_with_the_product_load(file: str):
    scheme = read_scheme((ROOT / file).read_text(encoding="utf-8"), file)

    assert list(scheme.criteria) == ["1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1", "3.2", "3.3"]
    assert scheme.scale == ("not_met", "partially_met", "met")
    assert scheme.light_touch == ("3.1", "3.2", "3.3")
    assert scheme.results_by(NOON) > NOON


@pytest.mark.parametrize("file", scheme_files(), ids=lambda file: file.stem)
def test_every_published_scheme_is_one_without_faults(file: Path):
    scheme = read_scheme(file.read_text(encoding="utf-8"), file.name)

    assert scheme.id == file.stem
    assert scheme.awards
    assert set(scheme.light_touch) <= set(scheme.criteria)


def test_a_scheme_of_another_tree_scale_and_lengths_is_as_good():
    assert (SCHEME.ref, list(SCHEME.criteria), SCHEME.scale) == (
        "test-mark@1",
        ["1.1", "1.2", "2.1"],
        ("low", "middle", "high"),
    )
    assert SCHEME.digest == hashlib.sha256(SOURCE.encode()).hexdigest()


@pytest.mark.parametrize(
    ("old", "new", "key", "allowed"),
    [
        ('id = "test-mark"', "", "scheme.id", "a code"),
        ('id = "test-mark"', 'id = "test@mark"', "scheme.id", "a code"),
        ('id = "test-mark"', 'id = "Ada’s mark"', "scheme.id", "a code"),
        ("version = 1", "version = 0", "scheme.version", "a whole number of at least 1"),
        ("version = 1", "version = true", "scheme.version", "a whole number"),
        ("version = 1", "version = 1.5", "scheme.version", "a whole number"),
        ("version = 1", f"version = {10**30}", "scheme.version", "at most 9,007,199,254,740,992"),
        ('title = "A mark for tests"', 'title = " "', "scheme.title", "a text"),
        ('zone = "Europe/London"', 'zone = "Europe/Londinium"', "calendar.zone", "a time zone such as"),
        ('zone = "Europe/London"', 'zone = "Europe"', "calendar.zone", "a time zone such as"),
        ('zone = "Europe/London"', 'zone = "../../etc/passwd"', "calendar.zone", "a time zone such as"),
        ("[2026-04-03, 2026-04-06]", '["2026-04-03"]', "calendar.holidays", "dates such as 2027-12-25"),
        ("[2026-04-03, 2026-04-06]", "[2026-04-03T00:00:00]", "calendar.holidays", "dates such as"),
        ("[2026-04-03, 2026-04-06]", '[]\nday_ends = "23:59"', "calendar.day_ends", "a time such as 23:59:59"),
        ('modes = ["online", "blended"]', "modes = []", "lists.modes", "at least 1"),
        ('modes = ["online", "blended"]', 'modes = ["online", "online"]', "lists.modes", "different texts"),
        ('modes = ["online", "blended"]', 'modes = "online"', "lists.modes", "a list of"),
        ('modes = ["online", "blended"]', 'modes = ["Face to face"]', "lists.modes", "a code"),
        ('code = "2.1"', 'code = "1.1"', "criteria[2].code", "a code of its own"),
        ('code = "2.1"\nsection = "2"', 'code = "2.1"\nsection = "9"', "criteria[2].section", "1, 2"),
        ('guidance = "Say how."', "", "criteria[2].guidance", "a text"),
        (
            'guidance = "Say how."',
            'guidance = "Say how."\nweight = 2',
            "criteria[2].weight",
            "code, guidance, indicators, section",
        ),
        ('code = "2"\n', 'code = "1"\n', "sections[1].code", "a code of its own"),
        ('levels = ["low", "middle", "high"]', 'levels = ["high"]', "scale.levels", "at least 2"),
        ('form = "every-criterion-at-least"', 'form = "most"', "awards[0].form", "every-criterion-at-least"),
        ('level = "high"', 'level = "top"', "awards[0].level", "low, middle, high"),
        ('level = "high"', 'level = "low"', "awards[0].level", "middle, high"),
        ("files_per_criterion = 2", "files_per_criterion = 0", "portfolio.files_per_criterion", "at least 1"),
        ("capacity_per_round = 2", 'capacity_per_round = "2"', "assessment.capacity_per_round", "a whole number"),
        ('form = "meeting"', 'form = "vote"', "moderation.form", "meeting"),
        ("quorum = 3", "quorum = -3", "moderation.quorum", "at least 1"),
        ("subject_expert = true", "subject_expert = 1", "moderation.subject_expert", "true or false"),
        ('screen_within = "10 working days"', 'screen_within = "10 days"', "clocks.screen_within", "ISO 8601"),
        ('screen_within = "10 working days"', "screen_within = 10", "clocks.screen_within", "ISO 8601"),
        ('screen_within = "10 working days"', "", "clocks.screen_within", "ISO 8601"),
        ('validity = "P3Y"', 'validity = "P0Y"', "clocks.validity", "more than nothing"),
        ('validity = "P3Y"', 'validity = "P9999Y"', "clocks.validity", "at most 100 years"),
        ('remind_evidence = ["P7D"]', 'remind_evidence = ["soon"]', "clocks.remind_evidence", "ISO 8601"),
        ('remind_evidence = ["P7D"]', "", "clocks.remind_evidence", "a list of"),
        ("small = 20000, ", "", "fees.items[0].amounts.small", "a whole number"),
        ("small = 20000", "small = 200.00", "fees.items[0].amounts.small", "a whole number"),
        ("small = 20000", "small = 20000, huge = 1", "fees.items[0].amounts.huge", "large, small"),
        ('due = "submission"', 'due = "tomorrow"', "fees.items[1].due", "registration, submission"),
        ('kind = "submission"', 'kind = "registration"', "fees.items[1].kind", "a kind of its own"),
        ('criteria = ["2.1"]', 'criteria = ["9.1"]', "reaccreditation.criteria", "1.1, 1.2, 2.1"),
        ('criteria = ["2.1"]', "criteria = []", "reaccreditation.criteria", "at least one criterion"),
        ("quorum = 3", "quorum = 3\nchairs = 2", "moderation.chairs", "evidence_rounds, form, quorum, subject_expert"),
        (
            "capacity_per_round = 2",
            "capacity_per_round = 2\ncalibration_percent = 101",
            "assessment.calibration_percent",
            "0 to 100",
        ),
        (
            "[portfolio]",
            '[annual]\ncertificates = 3\nconfirm_within = "P30D"\nyears = 3\n\n[portfolio]',
            "annual.years",
            "certificates",
        ),
        (
            "[portfolio]",
            '[annual]\ncertificates = 0\nconfirm_within = "P30D"\n\n[portfolio]',
            "annual.certificates",
            "at least 1",
        ),
        (
            "[portfolio]",
            '[route]\nkind = "booked"\npeople_to_meet = ["head"]\n\n[portfolio]',
            "route.people_to_meet",
            "visit = true",
        ),
        ("[portfolio]", '[route]\nkind = "windows"\nvisit = true\n\n[portfolio]', "route.visit", "kind"),
        ("[portfolio]", "[upgrade]\nallowed = true\n\n[portfolio]", "upgrade.allowed", "two or more"),
        ("[portfolio]", '[[exclusions]]\ncode = "statutory"\n\n[portfolio]', "exclusions[0].question", "a text"),
        ("[portfolio]", '[letters]\nbirthday = "Well done"\n\n[portfolio]', "letters.birthday", "registered"),
        ("[portfolio]", "[pay]\nassessment = -1\n\n[portfolio]", "pay.assessment", "at least 0"),
        ("amount = 90000", "amount = 90000\npercent = 200", "fees.items[2].percent", "0 to 100"),
        (
            "amount = 90000",
            'by = "type_and_roll"\nrolls = { charity = [[9, 1]] }',
            "fees.items[2].rolls.trust",
            "in ascending order",
        ),
        (
            "amount = 90000",
            'by = "type_and_roll"\nrolls = { charity = [[9, 1]], trust = [[9, 1], [5, 2]] }',
            "fees.items[2].rolls.trust",
            "in ascending order",
        ),
        (
            "amount = 90000",
            f'by = "type_and_roll"\nrolls = {{ charity = [[9, 1]], trust = [[9, {10**30}]] }}',
            "fees.items[2].rolls.trust",
            "pairs",
        ),
        ("[portfolio]", '[appeals]\ngrounds = "none"\n\n[portfolio]', "appeals.grounds", "a table of codes"),
        ("[portfolio]", "[appeals]\npanel = 3\noutsiders = 4\n\n[portfolio]", "appeals.outsiders", "at most 3"),
        ("[portfolio]", "[people.experience]\nchair = 7\n\n[portfolio]", "people.experience.chair", "at most 6"),
        ("[portfolio]", "[people.minima]\nteacher = 60\nexpert = 41\n\n[portfolio]", "people.minima", "at most 100"),
        ("[portfolio]", "[extras]\n\n[portfolio]", "extras", "annual, appeals, assessment, award, awards, calendar"),
        ("[portfolio]", "[extras]\na = 1\n\n[portfolio]", "extras.a", "nothing here"),
    ],
)
def test_a_fault_is_named_with_its_key_and_what_is_allowed(old: str, new: str, key: str, allowed: str):
    faults = faults_of(changed((old, new)))

    [named] = [fault for fault in faults if fault.key == key]
    assert allowed in named.allowed
    where = f"a.toml: line {named.line}: " if named.line else "a.toml: "
    assert str(named).startswith(f"{where}{key}: ")


def test_an_appeals_panel_may_be_all_from_outside_experience_of_every_kind_and_a_board_whole_in_shares():
    grounds = '[appeals.grounds]\nprocess = "How it was done"\n\n'
    people = "[people.experience]\nchair = 6\n\n[people.minima]\nteacher = 60\nexpert = 40\n\n"
    scheme = read_scheme(
        changed(("[portfolio]", f"[appeals]\npanel = 3\noutsiders = 3\n\n{grounds}{people}[portfolio]"))
    )

    assert (scheme.assurance.appeals.panel, scheme.assurance.appeals.outsiders) == (3, 3)
    assert scheme.assurance.appeals.grounds == {"process": "How it was done"}
    assert scheme.assurance.people.experience == {"chair": 6}
    assert scheme.assurance.people.minima == {"teacher": 60, "expert": 40}


def test_a_fault_names_its_line_and_what_is_missing_that_of_its_table():
    [wrong] = faults_of(changed(("quorum = 3", "quorum = 0")))
    [missing] = faults_of(changed(('validity = "P3Y"', "")))

    assert SOURCE.splitlines()[wrong.line - 1] == "quorum = 3"
    assert SOURCE.splitlines()[missing.line - 1] == "[clocks]"


def another_award(name: str, level: str) -> tuple[str, str]:
    extra = f'[[awards]]\nname = "{name}"\nform = "every-criterion-at-least"\nlevel = "{level}"\n\n[portfolio]'
    return ("[portfolio]", extra)


@pytest.mark.parametrize(
    ("name", "level", "key"),
    [
        ("bronze", "middle", "awards[1].level"),
        ("gold", "high", "awards[1].level"),
        ("marked", "high", "awards[1].name"),
    ],
)
def test_awards_go_from_the_lowest_up_each_with_a_name_of_its_own(name: str, level: str, key: str):
    assert key in {fault.key for fault in faults_of(changed(another_award(name, level)))}


def counting(*at_least: int) -> str:
    """The scheme with several awards at one level, each counting so many of the three criteria, all in one section."""
    each = '[[awards]]\nname = "a{0}"\nform = "in-each-section"\nlevel = "high"\nat_least = {1}\n\n'
    head, _, tail = SOURCE.replace('section = "2"', 'section = "1"').partition("[[awards]]")
    return head + "".join(each.format(*pair) for pair in enumerate(at_least)) + tail[tail.index("[portfolio]") :]


@pytest.mark.parametrize(
    ("at_least", "key"), [((2, 1), "awards[1].level"), ((2, 2), "awards[1].level"), ((1, 4), "awards[1].at_least")]
)
def test_a_higher_award_asks_for_more_than_the_one_before_and_for_no_more_than_there_is(
    at_least: tuple[int, ...], key: str
):
    assert [fault.key for fault in faults_of(counting(*at_least))] == [key]
    assert [award.at_least for award in read_scheme(counting(1, 3)).awards] == [1, 3]


def test_a_very_long_line_is_read_at_once():
    assert faults_of(SOURCE.replace("quorum = 3", "quorum = 0 # [" + " " * 100_000))
    assert faults_of(SOURCE.replace('title = "A mark for tests"', 'title = """\n[' + " " * 100_000 + '"""\ncolour = 1'))


def test_two_awards_in_order_are_fine():
    lower = ('level = "high"', 'level = "middle"')

    assert [one.name for one in read_scheme(changed(lower, another_award("gold", "high"))).awards] == ["marked", "gold"]


def test_several_faults_are_named_at_once_in_the_order_of_their_keys():
    source = changed(("quorum = 3", "quorum = 0"), ('validity = "P3Y"', ""), ("version = 1", "version = 1\ncolour = 1"))

    assert [fault.key for fault in faults_of(source)] == ["clocks.validity", "moderation.quorum", "scheme.colour"]


def test_an_empty_file_lacks_everything_and_says_so():
    missing = {fault.key for fault in faults_of("")}

    assert {"scheme.id", "calendar.zone", "criteria", "awards", "clocks.validity", "fees.currency"} <= missing


@pytest.mark.parametrize(
    "source",
    ["[scheme", "a = 1\na = 2", f"a = {'9' * 5000}", f"a = {'[' * 5000}", "a = '\ud800'", "a = 2026-02-30", "\0", "\ufeffa"],
)  # fmt: skip
def test_what_is_not_toml_is_one_fault(source: str):
    [fault] = faults_of(source)

    assert (fault.key, fault.allowed) == ("(file)", "TOML")


@pytest.mark.parametrize("entries", ['criteria = "1.1"', "criteria = []", "criteria = 3", 'criteria = ["1.1"]'])
def test_criteria_that_are_no_tables_are_a_fault(entries: str):
    faults = faults_of(f"{entries}\n{SOURCE[: SOURCE.index('[[criteria]]')]}")

    assert any(fault.key.startswith("criteria") for fault in faults)


TABLE_VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(
    key=st.sampled_from(
        ["scheme.id", "calendar.zone", "calendar.holidays", "calendar.day_ends", "lists.modes", "sections", "criteria",
         "scale.levels", "awards", "clocks.validity", "clocks.remind_submit", "fees.items", "moderation",
         "moderation.form", "reaccreditation.criteria", "scheme", "fees", "annual", "route", "exclusions", "letters", "pay",
         "upgrade", "award"]
    ),
    value=TABLE_VALUES,
)  # fmt: skip
def test_whatever_stands_at_a_key_is_read_or_named_never_an_accident(key: str, value: object):
    tables = tomllib.loads(SOURCE)
    *above, last = key.split(".")
    at: Any = tables
    for part in above:
        at = at[part]
    at[last] = value

    reader = Reader("a.toml", tables)
    scheme = _read(reader, "0" * 64)
    reader.unknown_keys()

    assert isinstance(scheme, Scheme)
    assert all(fault.key and fault.problem and fault.allowed for fault in reader.faults)


def test_what_a_scheme_does_not_list_is_refused_with_what_it_lists():
    with refused("scheme-lists", field="mode", match="online, blended"):
        require_listed("by post", SCHEME.modes, field="mode")
    with refused("scheme-criteria", field="criteria", match=r"1\.1, 1\.2, 2\.1"):
        require_criterion(SCHEME, "9.9", field="criteria")
    with refused("scheme-scale", field="level", match="low, middle, high"):
        require_level(SCHEME, "top", field="level")


def test_a_letter_names_in_braces_only_what_it_has():
    words = '[letters]\nreturned = "Dear {recipient}, hand {programme} in by {deadline}, or {level}, {} or {if x}."\n'
    with pytest.raises(FaultyFile) as faulty:
        read_scheme(SOURCE + words)

    [fault] = faulty.value.faults
    assert (fault.key, fault.problem) == ("letters.returned", "has {level}, {}, {if x}")
    assert fault.line == len(SOURCE.splitlines()) + 2
    assert fault.allowed.split(", ")[-1] == "{deadline}"
    fine = read_scheme(SOURCE + words.replace(", or {level}, {} or {if x}", ""))
    assert fine.letters["returned"].startswith("Dear {recipient}")
