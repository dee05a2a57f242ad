"""What is signed is all that is said: a term, a type or an id that no context knows is refused; and so is another context."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.accreditation.validity import Period
from domain.badge import Badge
from infra.badges import signing
from infra.badges.credential import ENTRIES, credential, status_list
from infra.badges.facts import Facts
from infra.badges.keys import Issuer, Key
from infra.badges.signing import UnknownTerm, as_jwt, signed
from tests.independent import badges as checker
from tests.independent.badges import NotGood
from tests.independent.open_badges import OPEN_BADGE

AT = datetime(2026, 9, 1, tzinfo=UTC)
ISSUER = Issuer(Key.make(), "https://assay.example.org:8443", "The Body")


def given(*, index: int = 0, **words: Any) -> dict[str, Any]:
    """A credential, not signed yet."""
    period = Period(submission="submission-a", level="gold", starts_at=AT, ends_at=AT.replace(year=2029))
    badge = Badge(
        accreditation="accreditation-a", number=1, index=index, period=period, scheme="cpd-qa@1", strengths=(), since=AT
    )
    said: dict[str, Any] = {
        "accreditation": "accreditation-a", "submission": "submission-a", "provider": "provider-a", "provider_name": "A",
        "title": "T", "scheme": "cpd-qa@1", "scheme_title": "CPD", "level": "gold", "category": "course", "subject": "maths",
        "phase": "primary", "scope": None, "narrowed": False, "strengths": (), "zone": "Europe/London",
    }  # fmt: skip
    return credential(badge, Facts(**said | words), ISSUER)


def believed(document: dict[str, Any]) -> None:
    checker.check_proof(document, lambda _: ISSUER.document())


@pytest.mark.parametrize(
    "more",
    [
        {"approvedBy": "the minister"},
        {"type": ["VerifiableCredential", "OpenBadgeCredential", "RoyalWarrant"]},
        {"id": "not-an-address"},
        {"termsOfUse": {"id": "https://a.example/1", "type": "OurOwnTerms"}},
        {"credentialSubject": {"id": "https://a.example/1", "type": ["AchievementSubject"], "grade": "A"}},
        {"@context": [signing.CREDENTIALS, "https://elsewhere.example/context.json"]},
    ],
    ids=["term", "type", "id", "type-within", "term-within", "context"],
)
def test_what_no_context_knows_is_refused_when_issuing(more: dict[str, Any]):
    with pytest.raises(UnknownTerm):
        signed(given() | more, ISSUER, AT)
    with pytest.raises(UnknownTerm):
        as_jwt(given() | more, ISSUER)


def test_contexts_are_those_shipped_and_one_that_was_changed_is_none(monkeypatch: pytest.MonkeyPatch):
    for name, digest in signing.CONTEXTS.values():
        assert hashlib.sha256((signing.FOLDER / name).read_bytes()).hexdigest() == digest
    name, _ = signing.CONTEXTS[signing.CREDENTIALS]
    monkeypatch.setitem(signing.CONTEXTS, signing.CREDENTIALS, (name, "0" * 64))
    signing.context.cache_clear()

    with pytest.raises(UnknownTerm, match="is not the context"):
        signing.context(signing.CREDENTIALS)


def test_a_context_that_was_changed_is_found_by_the_checker_too_whatever_the_product_says_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for url, (name, _) in signing.CONTEXTS.items():
        (tmp_path / name).write_bytes((signing.FOLDER / name).read_bytes() + b" ")
        monkeypatch.setattr(checker, "SHIPPED", tmp_path)

        with pytest.raises(NotGood, match=r"^changed-context$"):
            checker.context(url)


def test_a_badge_has_what_an_open_badge_has_and_one_entry_of_status():
    for words in ({}, {"strengths": ("A", "B"), "narrowed": True, "scope": "One course."}, {"title": None}):
        said = given(**words)
        assert [str(one) for one in OPEN_BADGE.iter_errors(said)] == []

    for change in (
        {"credentialStatus": [said["credentialStatus"]]},
        {"issuer": {"type": ["Profile"]}},
        {"validFrom": "2026-09-01"},
        {"type": ["VerifiableCredential"]},
        {"@context": list(reversed(said["@context"]))},
    ):
        assert not OPEN_BADGE.is_valid(said | change), change


@pytest.mark.parametrize(
    "title",
    ['"Quoted" \\ and', "Ünïcode, 漢字, 🙂", "two\nlines\tand\x07a bell", "<tag> & ]]>", "«»\u2028\u00a0"],
    ids=["quotes", "letters", "control", "markup", "spaces"],
)
def test_whatever_a_name_is_written_with_a_stranger_comes_to_the_same_bytes(title: str):
    from infra.badges.facts import _clean

    believed(signed(given(title=_clean(title), provider_name=_clean(title)), ISSUER, AT))


def test_an_address_with_a_port_is_a_name_of_its_own():
    assert ISSUER.did == "did:web:assay.example.org%3A8443"
    believed(signed(given(), ISSUER, AT))


def test_behind_the_last_place_of_a_list_the_next_one_begins_and_each_holds_its_own_bits():
    entry = given(index=ENTRIES + 3)["credentialStatus"]

    assert (entry["statusListIndex"], entry["statusListCredential"].rpartition("/")[2]) == ("3", "1")
    listed = signed(status_list(1, [ENTRIES + 3], ISSUER, AT), ISSUER, AT)
    fetch = {entry["statusListCredential"]: listed}
    said = {"credentialStatus": entry, "issuer": {"id": ISSUER.did}}
    with pytest.raises(NotGood, match="revoked"):
        checker.check_status(said, lambda url: fetch.get(url) or ISSUER.document())
    entry["statusListIndex"] = "2"
    checker.check_status(said, lambda url: fetch.get(url) or ISSUER.document())
