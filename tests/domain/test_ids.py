"""Ids: one form for all, derived from what makes the thing, and saying nothing about it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import KINDS, derived_id, is_code, is_id, kind_of


@given(kind=st.sampled_from(KINDS), parts=st.lists(st.text(), min_size=1, max_size=3))
def test_every_id_has_the_one_form(kind: str, parts: list[str]):
    id = derived_id(kind, *parts)

    assert is_id(id)
    assert is_id(id, kind)
    assert kind_of(id) == kind


def test_the_same_parts_make_the_same_id_and_others_another():
    assert derived_id("text", "command-1", "reason") == derived_id("text", "command-1", "reason")
    assert derived_id("text", "command-1", "reason") != derived_id("text", "command-1reason")
    assert derived_id("text", "a") != derived_id("person", "a").replace("person", "text")


def test_an_unknown_kind_of_id_is_an_error_that_names_the_known_ones():
    with pytest.raises(ValueError, match="unknown kind of id 'bill'; allowed: scheme, provider"):
        derived_id("bill", "x")


@pytest.mark.parametrize(
    "id",
    ["", "submission", "submission-", "submission-Ada Byron", "Submission-aaaaaaaaaaaaaaaa", "other-aaaaaaaaaaaaaaaa",
     "person-aaaaaaaaaaaaaaaa\n", "person-aaaaaaaaaaaaaaa\0", "person-aaaaaaaaaaaaaaa1", "person-aaaaaaaaaaaaaaaaa",
     "person-\uff41aaaaaaaaaaaaaaa", "\ud800"],
)  # fmt: skip
def test_what_has_not_the_form_is_no_id(id: str):
    assert not is_id(id)


def test_an_id_of_another_kind_is_not_the_one_asked_for():
    assert not is_id(derived_id("person", "a"), "submission", "window")


@pytest.mark.parametrize(("text", "wanted"), [("early-years", True), ("not_met", True), ("post-16", True), ("x" * 60, True),
    ("", False), ("Early years", False), ("a@b", False), ("a\n", False), ("-a", False), ("x" * 61, False)])  # fmt: skip
def test_a_code_is_short_and_plain(text: str, wanted: bool):
    assert is_code(text) is wanted
