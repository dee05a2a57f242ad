"""Files over the API: uploaded by the provider, given out to who may see the portfolio, by range too, and never run by a browser."""

import base64
import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from domain.refusals import Refused
from infra.api.app import ROOT
from infra.api.caller import Api, Limits
from infra.api.uploading import Places
from infra.bootstrap import App, open_app
from infra.files.kept import KeptFiles
from infra.files.place import Folder
from services import moderation, people
from tests import factories, storing
from tests.conftest import Database
from tests.factories import Body
from tests.infra.api.conftest import Asking, headers
from tests.infra.files.scanner import HARMFUL, scanner
from tests.services.conftest import Clock

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 20
SHA = hashlib.sha256(PDF).hexdigest()


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Iterator[App]:
    """Files in a folder of the test's own, since some are damaged here."""
    with open_app(database.app_url, pool_size=8, store=storing.store(tmp_path / "files")) as opened:
        yield opened


@pytest.fixture
def body(app: App, clock: Clock) -> Body:
    """A body under a scheme that takes files of ten thousand bytes at most."""
    source = re.sub(r"(?m)^file_bytes = .*$", "file_bytes = 10000", factories.scheme_source())
    return factories.open_body(app.office, source=source, now=clock)


@pytest.fixture
def case(body: Body, asks: Asking) -> str:
    """A submission that is being prepared."""
    found = factories.brought(body, "registered")
    asks.caught_up()
    return found


def contact(body: Body, case: str) -> str:
    return body.submission(case).registration.lead_contact


def files(app: App) -> KeptFiles:
    assert app.files
    return app.files


def path_of(app: App) -> Path:
    """Where the bytes of the file are."""
    place = files(app).objects.place
    assert isinstance(place, Folder)
    return place.path / SHA[:2] / SHA


def upload(
    asks: Asking, case: str, who: str | None, content: bytes | Iterator[bytes] = PDF, *, key: str | None = None,
    role: str = "provider", **more: str,
) -> Response:  # fmt: skip
    """Upload these bytes; further headers by name."""
    said = headers(who, role if who else None) | {"Idempotency-Key": key or f"key-{next(asks.numbers)}"}
    said |= {name.replace("_", "-"): value for name, value in more.items()}
    return asks.client.post(f"{ROOT}/cases/{case}/files", content=content, headers=said)


def download(
    asks: Asking, case: str, who: str, role: str, sha256: str = SHA, *, method: str = "GET", **more: str
) -> Response:
    said = headers(who, role) | {name.replace("_", "-"): value for name, value in more.items()}
    return asks.client.request(method, f"{ROOT}/cases/{case}/files/{sha256}", headers=said)


def listed(asks: Asking, case: str, who: str, role: str) -> list[tuple[str, bool]]:
    answer = asks.get(f"/cases/{case}/files", who, role)
    assert answer.status_code == 200, answer.text
    return [(one["sha256"], one["handed_in"]) for one in answer.json()["items"]]


def digest_of(content: bytes) -> str:
    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"


def refusal(answer: Response) -> tuple[int, str, str | None]:
    said = answer.json()
    assert said["detail"]
    assert said["allowed"]
    return answer.status_code, said["type"].removeprefix("/problems/"), said.get("field")


def handed_in(body: Body, asks: Asking) -> str:
    """A case in assessment, whose files are those of its portfolio."""
    case = factories.brought(body, "screened")
    factories.settle(body, case)
    asks.caught_up()
    return case


def test_a_provider_uploads_a_file_and_gets_it_back(asks: Asking, body: Body, case: str):
    who = contact(body, case)

    kept = upload(asks, case, who, Content_Digest=digest_of(PDF), Content_Type="application/pdf")

    assert kept.status_code == 201, kept.text
    said = kept.json()
    assert (said["case"], said["sha256"], said["size"], said["by"]) == (case, SHA, len(PDF), who)
    assert (said["media_type"], said["handed_in"]) == ("application/pdf", False)
    assert listed(asks, case, who, "provider") == [(SHA, False)]
    found = download(asks, case, who, "provider")
    assert (found.status_code, found.content) == (200, PDF)


def test_a_file_is_given_out_so_that_no_browser_runs_it(asks: Asking, body: Body, case: str):
    upload(asks, case, contact(body, case))

    told = download(asks, case, contact(body, case), "provider").headers

    assert told["Content-Type"] == "application/pdf"
    assert told["Content-Disposition"] == f'attachment; filename="{SHA[:16]}.pdf"'
    assert told["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert told["Cross-Origin-Resource-Policy"] == "same-origin"
    assert (told["X-Content-Type-Options"], told["Cache-Control"]) == ("nosniff", "no-store")
    assert (told["ETag"], told["Accept-Ranges"], told["Content-Length"]) == (f'"{SHA}"', "bytes", str(len(PDF)))


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-99", slice(0, 100)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-5", slice(len(PDF) - 5, None)),
        ("bytes=9-999999", slice(9, None)),
        ("bytes=0-0", slice(0, 1)),
    ],
    ids=["first", "from", "last", "beyond", "one"],
)
def test_a_range_of_it_is_given_out(asks: Asking, body: Body, case: str, asked: str, part: slice):
    upload(asks, case, contact(body, case))

    found = download(asks, case, contact(body, case), "provider", Range=asked)

    assert (found.status_code, found.content) == (206, PDF[part])
    assert found.headers["Content-Range"] == f"bytes {part.start}-{part.start + len(PDF[part]) - 1}/{len(PDF)}"
    assert found.headers["Content-Length"] == str(len(PDF[part]))


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=", "bytes=-", "bytes=9-3", "bytes=a-b"],
    ids=["several", "lines", "none", "dash", "backwards", "letters"],
)  # fmt: skip
def test_several_ranges_and_what_is_none_are_answered_with_all_of_it(asks: Asking, body: Body, case: str, asked: str):
    upload(asks, case, contact(body, case))

    found = download(asks, case, contact(body, case), "provider", Range=asked)

    assert (found.status_code, found.content) == (200, PDF)


@pytest.mark.parametrize("asked", [f"bytes={len(PDF)}-", "bytes=-0"], ids=["behind-the-end", "last-none"])
def test_a_range_behind_its_end_can_not_be_given(asks: Asking, body: Body, case: str, asked: str):
    upload(asks, case, contact(body, case))

    found = download(asks, case, contact(body, case), "provider", Range=asked)

    assert refusal(found) == (416, "file-range", "Range")
    assert found.headers["Content-Range"] == f"bytes */{len(PDF)}"


def test_a_range_of_another_file_than_it_was_is_all_of_it(asks: Asking, body: Body, case: str):
    upload(asks, case, contact(body, case))
    who = contact(body, case)

    same = download(asks, case, who, "provider", Range="bytes=0-9", If_Range=f'"{SHA}"')
    other = download(asks, case, who, "provider", Range="bytes=0-9", If_Range='"another"')
    dated = download(asks, case, who, "provider", Range="bytes=0-9", If_Range="Mon, 02 Mar 2026 12:00:00 GMT")

    assert [one.status_code for one in (same, other, dated)] == [206, 200, 200]


def test_who_has_it_already_is_told_so_and_its_head_can_be_asked(asks: Asking, body: Body, case: str):
    upload(asks, case, contact(body, case))
    who = contact(body, case)

    known = download(asks, case, who, "provider", If_None_Match=f'W/"{SHA}", "x"')
    head = download(asks, case, who, "provider", method="HEAD", Range="bytes=0-9")

    assert (known.status_code, known.content) == (304, b"")
    assert (head.status_code, head.content, head.headers["Content-Length"]) == (206, b"", "10")


def test_what_is_not_handed_in_only_the_provider_sees(asks: Asking, body: Body, case: str):
    upload(asks, case, contact(body, case))

    assert listed(asks, case, body.officer, "officer") == []
    assert refusal(download(asks, case, body.officer, "officer")) == (404, "not-found", "sha256")


def test_what_is_handed_in_is_seen_by_who_may_see_the_portfolio_and_by_nobody_else(asks: Asking, body: Body):
    case, another = handed_in(body, asks), factories.brought(body, "registered")
    asks.caught_up()
    assessor = body.submission(case).assessor
    assert assessor
    others = [one for one in body.assessors if one != assessor]
    shown = {one.sha256 for one in storing.evidence_of(list(body.scheme.criteria))}
    sha256 = min(shown)
    content = next(
        one for one in map(storing.content, body.scheme.criteria) if hashlib.sha256(one).hexdigest() == sha256
    )

    for who, role in ((assessor, "assessor"), (body.officer, "officer"), (contact(body, case), "provider")):
        assert {one for one, given in listed(asks, case, who, role) if given} == shown
        assert download(asks, case, who, role, sha256).content == content
    for who, role in ((others[0], "assessor"), (contact(body, another), "provider"), (body.chair, "chair")):
        assert asks.get(f"/cases/{case}/files", who, role).status_code == 404
        assert refusal(download(asks, case, who, role, sha256)) == (404, "not-found", "id")
    assert download(asks, another, contact(body, another), "provider", sha256).status_code == 404
    assert asks.client.get(f"{ROOT}/cases/{case}/files/{sha256}").status_code == 404


def test_a_conflict_hides_a_file_at_once(asks: Asking, body: Body):
    case = handed_in(body, asks)
    sha256 = storing.evidence_of(["1.1"])[0].sha256
    assert download(asks, case, body.officer, "officer", sha256).status_code == 200

    provider = body.submission(case).registration.provider
    body.by_officer(people.declare_conflict, id=body.officer, provider=provider)

    assert refusal(download(asks, case, body.officer, "officer", sha256)) == (404, "not-found", "id")
    assert asks.get(f"/cases/{case}/files", body.officer, "officer").status_code == 404


def test_who_is_given_a_file_is_written_down(asks: Asking, body: Body):
    case, manager = handed_in(body, asks), factories.appoint(body, "quality-manager", scheme=None)
    sha256 = storing.evidence_of(["1.1"])[0].sha256
    asks.caught_up()

    listed(asks, case, body.officer, "officer")
    download(asks, case, body.officer, "officer", sha256)
    download(asks, case, body.officer, "officer", "0" * 64)

    looks = asks.get("/looks", manager, "quality-manager", case=case).json()["items"]
    assert [(one["person"], one["part"]) for one in looks] == [(body.officer, "see-portfolio")] * 2


def test_only_the_provider_uploads_and_only_to_its_own_case(asks: Asking, body: Body, case: str):
    another = factories.brought(body, "registered")
    asks.caught_up()

    assert refusal(upload(asks, case, body.officer, role="officer"))[:2] == (403, "acting-role")
    assert refusal(upload(asks, case, contact(body, another)))[0] == 404
    assert refusal(upload(asks, case, None))[0] == 401
    assert refusal(upload(asks, "submission-aaaaaaaaaaaaaaaa", contact(body, case)))[0] == 404
    assert refusal(upload(asks, "nonsense", contact(body, case)))[0] == 404
    assert listed(asks, case, contact(body, case), "provider") == []


@pytest.mark.parametrize(
    "wrong",
    [
        (b"", {}, (422, "evidence-size", "size")),
        (b"MZ\x90\0" + bytes(99), {}, (422, "evidence-type", "media_type")),
        (PDF, {"Content_Type": "image/png"}, (422, "evidence-type", "media_type")),
        (b"<html>", {"Content_Type": "text/html"}, (422, "evidence-type", "media_type")),
        (PDF, {"Content_Digest": digest_of(b"other")}, (422, "file-digest", "Content-Digest")),
        (PDF, {"Content_Digest": "md5=:abcd:"}, (422, "file-digest", "Content-Digest")),
        (PDF, {"Content_Digest": f"sha-256=:{'A' * 44}:"}, (422, "file-digest", "Content-Digest")),
    ],
    ids=["empty", "program", "declared-otherwise", "page", "other-digest", "no-sha-256", "no-base64"],
)
def test_what_is_not_as_it_must_be_is_refused_and_nothing_is_left(
    asks: Asking, app: App, body: Body, case: str, wrong: tuple[bytes, dict[str, str], tuple[Any, ...]]
):
    content, more, said = wrong
    answer = upload(asks, case, contact(body, case), content, **more)

    assert refusal(answer) == said
    assert listed(asks, case, contact(body, case), "provider") == []
    assert (list(files(app).objects.all()), files(app).spool.left(), files(app).counts()) == ([], 0, (0, 0))


def test_a_file_larger_than_the_scheme_allows_is_refused_before_it_comes_and_while_it_comes(
    asks: Asking, app: App, body: Body, case: str
):
    who = contact(body, case)

    declared = upload(asks, case, who, b"%PDF" + bytes(9997))
    undeclared = upload(asks, case, who, iter([b"%PDF", bytes(5000), bytes(5000)]))
    fitting = upload(asks, case, who, b"%PDF" + bytes(9996))

    assert [refusal(one)[:2] for one in (declared, undeclared)] == [(413, "body-size")] * 2
    assert declared.headers["Connection"] == "close"
    assert fitting.status_code == 201
    assert files(app).spool.left() == 0


def test_the_same_key_gives_the_same_answer_and_stands_for_no_other_file(
    asks: Asking, body: Body, case: str, clock: Any
):
    who = contact(body, case)
    first = upload(asks, case, who, key="one")
    clock.passes(minutes=5)

    assert upload(asks, case, who, key="one").json() == first.json()
    assert refusal(upload(asks, case, who, b"%PDF another", key="one"))[:2] == (422, "idempotency-key")
    assert upload(asks, case, who, key="two").json() == first.json()
    assert len(listed(asks, case, who, "provider")) == 1


def test_a_file_that_is_not_handed_in_is_removed_by_its_provider(asks: Asking, app: App, body: Body, case: str):
    who = contact(body, case)
    upload(asks, case, who)

    removed = asks.post(f"/cases/{case}/remove-file", who, "provider", sha256=SHA)

    assert removed.status_code == 200, removed.text
    assert listed(asks, case, who, "provider") == []
    assert files(app).clear() == 1
    assert list(files(app).objects.all()) == []
    again = asks.post(f"/cases/{case}/remove-file", who, "provider", sha256=SHA)
    assert refusal(again) == (422, "known-file", "sha256")
    assert asks.post(f"/cases/{case}/remove-file", body.officer, "officer", sha256=SHA).status_code == 403


def test_a_file_that_was_handed_in_is_not_removed(asks: Asking, body: Body):
    case = factories.brought(body, "submitted")
    asks.caught_up()
    sha256 = storing.evidence_of(["1.1"])[0].sha256

    removed = asks.post(f"/cases/{case}/remove-file", contact(body, case), "provider", sha256=sha256)

    assert refusal(removed) == (422, "portfolio-frozen", "sha256")
    assert refusal(upload(asks, case, contact(body, case)))[:2] == (409, "stage-order")


def test_a_portfolio_is_handed_in_with_files_that_were_uploaded_and_refused_with_others(
    asks: Asking, body: Body, case: str
):
    window, who = factories.schedule_window(body), contact(body, case)
    upload(asks, case, who)
    criteria = body.submission(case).registration.criteria
    answers = dict.fromkeys(criteria, "So.")

    def submit(**said: Any) -> Response:
        file = {"criterion": "1.1", "sha256": SHA, "media_type": "application/pdf", "size": len(PDF)} | said
        return asks.post(
            f"/submissions/{case}/submit-portfolio", who, "provider", window_id=window, answers=answers, evidence=[file]
        )

    assert refusal(submit(sha256="0" * 64)) == (422, "evidence-stored", "evidence[0].sha256")
    assert refusal(submit(size=1)) == (422, "evidence-stored", "evidence[0].size")
    assert refusal(submit(media_type="text/plain")) == (422, "evidence-stored", "evidence[0].media_type")
    done = submit()
    assert done.status_code == 200, done.text
    assert listed(asks, case, body.officer, "officer") == [(SHA, True)]


def test_further_evidence_is_uploaded_when_it_is_asked_for(asks: Asking, body: Body):
    case = factories.brought(body, "taken up")
    factories.confirm(body, case)
    who = contact(body, case)
    assert refusal(upload(asks, case, who))[:2] == (409, "stage-order")
    body.by_chair(moderation.request_evidence, case=case, criteria=["1.1"], wanted="More on this.")
    asks.caught_up()

    assert upload(asks, case, who).status_code == 201
    file = {"criterion": "1.1", "sha256": SHA, "media_type": "application/pdf", "size": len(PDF)}
    given = asks.post(f"/submissions/{case}/provide-evidence", who, "provider", answers={}, evidence=[file])

    assert given.status_code == 200, given.text
    assert (SHA, True) in listed(asks, case, body.officer, "officer")
    assert refusal(upload(asks, case, who, b"%PDF once more"))[:2] == (409, "evidence-once")


def test_what_the_scanner_finds_harmful_is_refused_and_without_it_nothing_is_kept(
    asks: Asking, app: App, body: Body, case: str
):
    who = contact(body, case)
    with scanner() as (_, files(app).clamd):
        assert upload(asks, case, who).status_code == 201
        assert refusal(upload(asks, case, who, b"%PDF" + HARMFUL)) == (422, "file-infected", "body")
    gone = upload(asks, case, who, b"%PDF while it is gone")

    assert refusal(gone)[:2] == (503, "files-out-of-reach")
    assert gone.headers["Retry-After"] == "30"
    assert listed(asks, case, who, "provider") == [(SHA, False)]
    assert files(app).spool.left() == 0


def test_where_no_room_is_left_nothing_is_begun(asks: Asking, app: App, body: Body, case: str):
    files(app).spool._reserve = 2**60

    assert refusal(upload(asks, case, contact(body, case)))[:2] == (507, "storage-full")


def test_a_file_changed_behind_the_product_s_back_is_noticed_on_reading(asks: Asking, app: App, body: Body, case: str):
    upload(asks, case, contact(body, case))
    path_of(app).write_bytes(PDF[:-1] + b"!")

    with pytest.raises(RuntimeError, match="response already started"):  # the server breaks the connection off by it
        download(Asking(strict(asks), app), case, contact(body, case), "provider")
    assert files(app).faults() == {SHA: "its bytes are others than were uploaded"}


@pytest.mark.parametrize("damage", [(PDF[:-1], "it has 5,128 bytes"), (None, "it is missing")], ids=["shorter", "gone"])
def test_a_file_that_is_missing_or_of_another_size_is_an_error_before_anything_is_given_out(
    asks: Asking, app: App, body: Body, case: str, damage: tuple[bytes | None, str]
):
    upload(asks, case, contact(body, case))
    path, (left, fault) = path_of(app), damage
    path.unlink()
    if left is not None:
        path.write_bytes(left)

    assert refusal(download(asks, case, contact(body, case), "provider"))[:2] == (500, "file-damaged")
    assert files(app).faults()[SHA].startswith(fault)
    assert upload(asks, case, contact(body, case)).status_code == 201
    assert download(asks, case, contact(body, case), "provider").content == PDF
    assert files(app).faults() == {}


def strict(asks: Asking) -> Any:
    """A client to which errors come as exceptions."""
    return TestClient(asks.client.app)


def test_a_caller_has_so_many_uploads_at_once_and_no_more(asks: Asking, api: Api, body: Body, case: str):
    places = Places(Api(app=api.app, identify=api.identify, limits=Limits(uploads=3, uploads_each=2)))
    with places.taken("one"), places.taken("one"):
        with pytest.raises(Refused, match="too many files"), places.taken("one"):
            raise AssertionError
        with places.taken("another"), pytest.raises(Refused, match="too many files"), places.taken("a third"):
            raise AssertionError
    with places.taken("one"):
        pass
