"""Typed texts: what is kept, what is refused, and the digest that stands for them."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.refusals import Refused
from domain.texts import MAX_CHARACTERS, checked_text, digest_of
from tests.domain.given import refused


@pytest.mark.parametrize(
    "body",
    ["Größe", "教員研修", "تطوير المعلمين", "e\u0301", "👩🏽‍🏫", "one\n\ttwo\r\nthree", "–", "a\u200db", "x" * MAX_CHARACTERS],
)  # fmt: skip
def test_a_text_in_any_script_is_kept_as_it_was_typed(body: str):
    assert checked_text(body, field="reason") == body


def test_white_space_around_a_text_is_left_out():
    assert checked_text(" \n\tWhy\u00a0not \u2003", field="reason") == "Why\u00a0not"


@pytest.mark.parametrize("body", ["", " ", "\n\t", "\u00a0", "\u200b", "\ufeff\u2060", "\u200b" * 30])
def test_a_text_in_which_nothing_is_to_be_seen_is_none(body: str):
    with refused("text-given", field="reason"):
        checked_text(body, field="reason")


@pytest.mark.parametrize("body", ["a\0b", "\0", "a\ud800b", "\udfff", "a\x1bb", "\x7f", "\x80", "a\u0085b", "a\x0bb"])
def test_a_character_that_cannot_be_kept_is_refused_by_name(body: str):
    with refused("text-characters", field="reason", match=r"U\+00|U\+D"):
        checked_text(body, field="reason")


@pytest.mark.parametrize("size", [MAX_CHARACTERS + 1, 1_000_000])
def test_a_text_that_is_too_long_is_refused_with_its_length(size: int):
    with refused("text-length", field="answers.1.1", match=f"{size:,}"):
        checked_text("x" * size, field="answers.1.1")


def test_a_field_may_have_a_limit_of_its_own():
    assert checked_text("x" * 500, field="name", maximum=500)
    with refused("text-length", field="name", match="at most 500"):
        checked_text("x" * 501, field="name", maximum=500)


@given(body=st.text(st.characters(codec=None), max_size=60))
def test_a_text_is_either_kept_whole_or_refused_and_what_is_kept_can_be_stored(body: str):
    try:
        kept = checked_text(body, field="reason")
    except Refused:
        return
    assert kept == body.strip()
    assert kept.encode().decode() == kept
    assert "\0" not in kept


def test_the_digest_is_sha_256_of_salt_and_text():
    assert digest_of(b"salt", "Größe") == hashlib.sha256(b"salt" + "Größe".encode()).hexdigest()


@given(st.binary(min_size=16, max_size=16), st.binary(min_size=16, max_size=16))
def test_the_same_text_under_another_salt_has_another_digest(salt: bytes, other: bytes):
    assert (digest_of(salt, "the same") == digest_of(other, "the same")) == (salt == other)
