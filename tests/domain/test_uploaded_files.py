"""Files of a submission: when they may be uploaded, of which types and sizes, and that evidence names only those that are there."""

from typing import Any

import pytest

from domain.submission import events as e
from domain.submission import files
from domain.submission.files import StoredFile
from domain.submission.state import Submission
from tests.domain import given
from tests.domain.given import NOON, SCHEME, STAGES, refused

PDF, PNG = "application/pdf", "image/png"
UPLOADING = ("registered", "preparing", "returned", "asked")


def stored(name: str = "a", **said: Any) -> StoredFile:
    """A file that is kept; its SHA-256 is made of one letter."""
    kept = {"case": given.CASE, "sha256": name * 64, "size": 1000, "media_type": PDF, "by": "person-a", "at": NOON}
    return StoredFile(**(kept | said))


@pytest.mark.parametrize("stage", UPLOADING)
def test_files_are_taken_while_evidence_can_be_handed_in(stage: str):
    files.require_uploading(STAGES[stage]())


@pytest.mark.parametrize("stage", given.all_but(*UPLOADING, "responded"))
def test_no_file_is_taken_once_nothing_can_be_handed_in(stage: str):
    with refused("stage-order", match="uploading a file"):
        files.require_uploading(STAGES[stage]())


def test_no_file_is_taken_once_the_panel_was_answered():
    with refused("evidence-once", field="submission"):
        files.require_uploading(given.responded())


def test_no_file_is_taken_for_what_is_not_registered():
    with refused("known-submission"):
        files.require_uploading(Submission())


@pytest.mark.parametrize("size", [0, SCHEME.file_bytes + 1])
def test_a_file_that_is_empty_or_larger_than_the_scheme_allows_is_refused(size: int):
    with refused("evidence-size", field="size", match="empty" if not size else f"{size:,}"):
        files.require_size(size, SCHEME)


def test_a_file_of_one_byte_and_one_as_large_as_the_scheme_allows_are_taken():
    files.require_size(1, SCHEME)
    files.require_size(SCHEME.file_bytes, SCHEME)


def test_what_is_not_declared_is_the_likeliest_type_that_the_scheme_takes():
    assert files.media_type_of(["image/tiff", *SCHEME.media_types[:2]], None, SCHEME) == SCHEME.media_types[0]


def test_what_is_declared_is_kept_as_that_if_its_bytes_may_be_that():
    one, other = SCHEME.media_types[:2]

    assert files.media_type_of([one, other], other, SCHEME) == other


@pytest.mark.parametrize(
    ("found", "declared", "match"),
    [
        (["application/x-dosexec"], None, "its bytes are application/x-dosexec"),
        ([], None, "of no type that is known here"),
        (["application/x-dosexec"], "application/x-dosexec", "its bytes are"),
        (["application/x-dosexec"], SCHEME.media_types[0], "declared as"),
        ([SCHEME.media_types[0]], "text/html", "declared as text/html"),
    ],
)
def test_a_type_that_the_scheme_does_not_take_or_that_the_bytes_belie_is_refused(
    found: list[str], declared: str | None, match: str
):
    with refused("evidence-type", field="media_type", match=match):
        files.media_type_of(found, declared, SCHEME)


def test_a_submission_has_at_most_twice_as_many_files_as_a_portfolio_may_have():
    case = given.preparing()
    most = 2 * SCHEME.files_per_criterion * len(case.registration.criteria)

    files.require_room(case, [stored()] * (most - 1), SCHEME)
    with refused("files-per-submission", field="case", match=f"{most} files are there already"):
        files.require_room(case, [stored()] * most, SCHEME)


def named(**said: Any) -> e.Evidence:
    """Evidence that names a file which is kept."""
    return given.file("1.1", **({"sha256": "a" * 64, "size": 1000, "media_type": PDF} | said))


def test_evidence_that_names_a_kept_file_as_it_is_kept_is_taken_also_twice():
    files.require_stored([named(), named()], [stored("b"), stored()])


@pytest.mark.parametrize(
    ("said", "field", "match"),
    [
        ({"sha256": "c" * 64}, "evidence[1].sha256", "no file with this SHA-256 was uploaded"),
        ({"size": 999}, "evidence[1].size", "another size"),
        ({"media_type": PNG}, "evidence[1].media_type", "another media type"),
    ],
)
def test_evidence_that_names_no_kept_file_or_names_it_otherwise_is_refused(
    said: dict[str, Any], field: str, match: str
):
    with refused("evidence-stored", field=field, match=match):
        files.require_stored([named(), named(**said)], [stored()])


def test_what_was_handed_in_is_all_that_any_portfolio_or_answer_ever_named():
    first = e.PortfolioSubmitted(window="", late=False, answers=(), evidence=(named(),), manifest="1")
    again = e.PortfolioSubmitted(window="", late=False, answers=(), evidence=(), manifest="2")
    more = e.EvidenceProvided(answers=(), evidence=(named(sha256="b" * 64),))

    assert files.handed_in([first, again, more]) == {"a" * 64, "b" * 64}
    with refused("portfolio-frozen", field="sha256"):
        files.require_not_handed_in("a" * 64, [first, again])
    files.require_not_handed_in("c" * 64, [first, again, more])
