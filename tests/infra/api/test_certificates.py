"""A certificate is a PDF that keeps (PDF/A) and can be read aloud (PDF/UA), the same each time, for its holder and the body."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from httpx import Response

from domain.accreditation import CertificateIssued
from domain.ids import derived_id
from infra.api.caller import Api, always
from infra.badges.keys import Issuer, Key
from services import accreditations, schemes
from tests import factories
from tests.factories import Body
from tests.infra.api.conftest import Asking
from tests.services.conftest import Clock
from tests.services.holding import YEARLY, award_of, catch_up, conclude, raised, review

BASE = "https://assay.example.org"


@pytest.fixture
def api(api: Api) -> Api:
    return replace(api, issuer=always(Issuer(Key.make(), BASE, "The Body")))


def certificate(asks: Asking, award: str, who: str, role: str = "provider", **asked: Any) -> Response:
    asks.caught_up()
    return asks.get(f"/cases/{award}/certificate", who, role, **asked)


def pdf(answer: Response) -> pikepdf.Pdf:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return pikepdf.open(io.BytesIO(answer.content))


def tags(node: Any) -> list[str]:
    """The roles of a PDF's tree of structure, in the order in which they are read."""
    own = [str(node.S)] if "/S" in node else []
    below = node.get("/K", [])
    for one in below if isinstance(below, pikepdf.Array) else [below]:
        if isinstance(one, pikepdf.Dictionary) and "/S" in one:
            own += tags(one)
    return own


def alternatives(node: Any) -> list[str]:
    own = [str(node.Alt)] if "/Alt" in node else []
    below = node.get("/K", [])
    for one in below if isinstance(below, pikepdf.Array) else [below]:
        if isinstance(one, pikepdf.Dictionary):
            own += alternatives(one)
    return own


def test_it_says_itself_to_be_pdf_a_and_pdf_ua_with_tags_language_title_and_words_for_the_code(
    asks: Asking, body: Body
):
    award, _, provider = award_of(body)

    found = pdf(certificate(asks, award, provider.contact))

    with found.open_metadata() as said:
        assert (said["pdfaid:part"], said["pdfaid:conformance"]) == ("2", "A")
        assert said["pdfuaid:part"] == "1"
        assert "Certificate of accreditation" in str(said["dc:title"])
    assert str(found.Root.Lang) == "en-GB"
    assert bool(found.Root.MarkInfo.Marked)
    assert bool(found.Root.ViewerPreferences.DisplayDocTitle)
    assert "/OutputIntents" in found.Root
    read = tags(found.Root.StructTreeRoot)
    assert read.index("/H1") < read.index("/H2")
    assert {"/P", "/Figure", "/Link"} <= set(read)
    [alternative, *_] = [one for one in alternatives(found.Root.StructTreeRoot) if "QR" in one]
    assert alternative == f"QR code with the address {BASE}/api/v1/badges/{award}"
    links = [str(one.A.URI) for page in found.pages for one in page.get("/Annots", []) if "/A" in one]
    assert set(links) == {f"{BASE}/api/v1/badges/{award}"}
    assert all("/FontFile2" in one or "/FontFile3" in one for one in descriptors(found))


def test_its_code_is_read_from_the_page_and_leads_to_what_stands_of_the_award_today(asks: Asking, body: Body):
    award, _, provider = award_of(body)
    answer = certificate(asks, award, provider.contact)

    with pypdfium2.PdfDocument(answer.content) as opened:
        drawn = opened[0].render(scale=2, grayscale=True)
        seen = memoryview(bytes(drawn.buffer)).cast("B", shape=[drawn.height, drawn.stride])
        found = zxingcpp.read_barcode(seen, formats=zxingcpp.BarcodeFormat.QRCode)

    assert found is not None
    assert found.text == f"{BASE}/api/v1/badges/{award}"
    assert asks.get(found.text.removeprefix(f"{BASE}/api/v1")).json()["standing"] == "accredited"


def descriptors(found: pikepdf.Pdf) -> list[Any]:
    """What is said of each font: all are within the file."""
    held = [
        one for one in found.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/FontDescriptor"
    ]
    assert held
    return held


def test_it_is_the_same_bytes_each_time_also_years_later(asks: Asking, body: Body, clock: Clock):
    award, _, provider = award_of(body)
    first = certificate(asks, award, provider.contact).content

    clock.passes(days=300)

    assert certificate(asks, award, provider.contact).content == first
    assert certificate(asks, award, body.officer, "officer", year=1).content == first


def test_its_holder_and_the_body_get_it_and_nobody_else(asks: Asking, body: Body):
    award, _, _ = award_of(body)
    stranger = factories.register_provider(body)

    assert certificate(asks, award, stranger.contact).status_code == 404
    assert certificate(asks, award, body.assessors[0], "assessor").status_code in {403, 404}
    assert asks.get(f"/cases/{award}/certificate").status_code in {401, 404}
    assert certificate(asks, derived_id("accreditation", "none"), body.officer, "officer").status_code == 404


def test_a_year_has_one_once_it_is_confirmed(asks: Asking, body: Body, clock: Clock):
    yearly = YEARLY.replace("version = 1", "version = 2", 1)
    body.by(schemes.publish_scheme, "installer", schemes.INSTALLER_ROLE, source=yearly, file="scheme.toml")
    award, _, provider = award_of(body)
    [first] = body.events(award, CertificateIssued)

    refused = certificate(asks, award, provider.contact, year=2)
    assert (refused.status_code, refused.json()["title"], refused.json()["allowed"]) == (422, "certificate issued", "1")
    clock.comes_to(first.ends_at - timedelta(days=20))
    catch_up(body, award)
    said = {"case": award, "year": 2, "statement": "It keeps up."}
    body.by(accreditations.confirm_year, provider.contact, "provider", **said)

    one, two, latest = (certificate(asks, award, provider.contact, **asked) for asked in ({"year": 1}, {"year": 2}, {}))
    assert pdf(one)
    assert two.content == latest.content != one.content


def test_suspended_or_withdrawn_there_is_none_and_reinstated_there_is_the_same_again(asks: Asking, body: Body):
    award, _, provider = award_of(body)
    before = certificate(asks, award, provider.contact).content
    concern = raised(body, award)
    review(body, award, concern, body.chair)

    conclude(body, award, concern, "suspend")
    refused = certificate(asks, award, provider.contact)
    assert (refused.status_code, refused.json()["detail"]) == (409, "the award is suspended")
    review(body, award, concern, body.chair)
    conclude(body, award, concern, "reinstate")
    assert certificate(asks, award, provider.contact).content == before
    another = raised(body, award)
    review(body, award, another, body.chair)
    conclude(body, award, another, "withdraw")

    assert certificate(asks, award, provider.contact).json()["detail"] == "the award is withdrawn"
