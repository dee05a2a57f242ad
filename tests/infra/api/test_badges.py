"""A badge is believed by a checker that shares nothing with what makes it, for as long as it is to be, and never when it is not."""

import base64
import copy
import gzip
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from domain.accreditation import AccreditationReduced
from domain.scheme_file import read_scheme
from infra.api.badges import TYPES
from infra.api.caller import Api, always
from infra.badges.configured import Signing
from infra.badges.keys import Following, Issuer, Key, disown, exchange
from infra.bootstrap import App
from services import accreditations, appeals, schemes
from services.assessment import Judgement
from services.awards import accreditation_id
from tests import factories
from tests.conftest import Database
from tests.factories import Body
from tests.independent import badges as checker
from tests.independent.badges import NotGood
from tests.infra.api.conftest import LENT, Asking
from tests.infra.api.forging import FORMS, credential_in, part, put_back
from tests.services.appealing import hearing
from tests.services.conftest import Clock
from tests.services.holding import again, award_of, catch_up, conclude, finishing, raised, review, source
from tests.services.remedying import SHORT

BASE = "https://assay.example.org"
DID = "did:web:assay.example.org"
KEY = Key.make()
API = "/api/v1"


@pytest.fixture
def api(api: Api) -> Api:
    return replace(api, issuer=always(Issuer(KEY, BASE, "The Body")))


@dataclass(slots=True)
class Checking:
    """Somebody who has a badge, and the public addresses."""

    asks: Asking
    clock: Clock

    def fetch(self, url: str) -> Any:
        """What is at a public address."""
        assert url.startswith(BASE)
        answer = self.asks.client.get(url.removeprefix(BASE))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def award(self, id: str) -> dict[str, Any]:
        """What the public is told of an award."""
        answer = self.asks.get(f"/badges/{id}")
        assert answer.status_code == 200, answer.text
        said: dict[str, Any] = answer.json()
        return said

    def badge(self, id: str, number: int | None = None) -> Any:
        """A badge of an award; the one to show, unless another one is asked for."""
        return self.asks.get(f"/badges/{id}/{number or self.award(id)['shown']}").json()

    def good(self, badge: Any, at: datetime | None = None) -> dict[str, Any]:
        """What a badge says, once it was checked."""
        return checker.check(badge, fetch=self.fetch, at=at or self.clock(), issuer=DID)

    def refuses(self, badge: Any, why: str, at: datetime | None = None) -> None:
        """It is not believed, and why."""
        with pytest.raises(NotGood, match=f"^{why}$"):
            self.good(badge, at)

    def given(self, award: str, form: str, number: int = 1) -> bytes:
        """A badge of an award in one of its forms."""
        answer = self.asks.get(f"/badges/{award}/{number}" + ("" if form == "json" else f"/{form}"))
        assert answer.status_code == 200, answer.text
        return answer.content

    def believes(
        self, form: str, content: bytes, at: datetime | None = None, *, issuer: str = DID, fetch: Any = None
    ) -> dict[str, Any]:
        """What a badge in a form says, once it was taken out and checked."""
        asked = {"fetch": fetch or self.fetch, "at": at or self.clock(), "issuer": issuer}
        if form == "jwt":
            return checker.check_jwt(content.decode(), **asked)
        return checker.check(credential_in(form, content), **asked)

    def disbelieves(self, form: str, content: bytes, why: str, at: datetime | None = None, **more: Any) -> None:
        """A badge in a form is not believed, and why."""
        with pytest.raises(NotGood, match=f"^{why}$"):
            self.believes(form, content, at, **more)


@pytest.fixture
def checking(asks: Asking, clock: Clock) -> Checking:
    return Checking(asks, clock)


@pytest.fixture
def levels(body: Body) -> Body:
    """The body, now under a version of its scheme with two levels of award."""
    changed = source(levels=True).replace("version = 1", "version = 2", 1)
    body.by(schemes.publish_scheme, "installer", schemes.INSTALLER_ROLE, source=changed, file="scheme.toml")
    return replace(body, scheme=read_scheme(changed))


def test_a_badge_says_what_was_accredited_from_when_until_when_and_holds_before_a_stranger(
    checking: Checking, body: Body, app: App
):
    award, case, provider = award_of(body)
    period = body.state(award).periods[-1]
    words = app.vault.personal([provider.id, provider.contact])

    said = checking.good(checking.badge(award))

    assert said["id"] == f"{BASE}{API}/badges/{award}/1"
    assert said["type"] == ["VerifiableCredential", "OpenBadgeCredential"]
    assert datetime.fromisoformat(said["validFrom"]) == period.starts_at.replace(microsecond=0)
    assert datetime.fromisoformat(said["validUntil"]) == period.ends_at.replace(microsecond=0)
    achievement = said["credentialSubject"]["achievement"]
    assert achievement["version"] == body.scheme.ref
    assert achievement["name"].endswith(period.level)
    assert "This programme alone" in achievement["description"]
    assert body.scheme.title in achievement["criteria"]["narrative"]
    names = [one["identityHash"] for one in said["credentialSubject"]["identifier"]]
    assert names == [provider.id, words[provider.id]["name"]]
    text = json.dumps(said)
    assert [one for one in words[provider.contact].values() if one in text] == []
    assert [one for one in (*body.assessors, *body.moderators, body.chair, body.officer) if one in text] == []
    assert checking.award(award) | {"says": "", "at": ""} == {
        "id": award, "standing": "accredited", "accredited": True, "provider": provider.id,
        "provider_name": words[provider.id]["name"], "title": checking.award(award)["title"], "says": "", "shown": 1,
        "badges": checking.award(award)["badges"], "at": "",
    }  # fmt: skip
    assert checking.award(case)["id"] == award


def test_every_public_address_of_badges_answers_head_as_get_for_who_checks_links(checking: Checking, body: Body):
    award, _, _ = award_of(body)
    held = f"{API}/badges/{award}"
    nobody = f"{API}/badges/{accreditation_id('submission-aaaaaaaaaaaaaaaa')}"
    public = [held, f"{held}/1", f"{held}/1/svg", f"{API}/badge-status/revocation/0", f"{API}/badge-issuer"]
    for path in (*public, "/.well-known/did.json", nobody):
        got, asked = checking.asks.client.get(path), checking.asks.client.head(path)
        assert got.status_code == (404 if path == nobody else 200), path
        assert asked.status_code == got.status_code, path
        assert asked.content == b""
        assert asked.headers["Content-Type"] == got.headers["Content-Type"]
    assert checking.asks.client.head(f"{API}/cases/{award}/certificate").status_code == 405


def test_it_is_also_a_jwt_and_is_in_both_pictures_and_comes_in_the_same_bytes_each_time(checking: Checking, body: Body):
    award, _, _ = award_of(body)
    badge = checking.badge(award)

    given = {}
    for form, kind in TYPES.items():
        path = f"/badges/{award}/1" + ("" if form == "json" else f"/{form}")
        first, second = (checking.asks.get(path) for _ in range(2))
        assert first.headers["content-type"].partition(";")[0] == kind
        assert first.content == second.content
        given[form] = first.content

    assert checker.unbaked_png(given["png"]) == badge
    assert checker.unbaked_svg(given["svg"]) == badge
    token = given["jwt"].decode()
    said = checker.check_jwt(token, fetch=checking.fetch, at=checking.clock(), issuer=DID)
    assert {key: said[key] for key in badge if key != "proof"} == {
        key: one for key, one in badge.items() if key != "proof"
    }


def _longer(badge: Any) -> None:
    badge["validUntil"] = "2050-01-01T00:00:00Z"


def _another_programme(badge: Any) -> None:
    badge["credentialSubject"]["achievement"]["name"] = "Another programme: gold"


def _another_provider(badge: Any) -> None:
    badge["credentialSubject"]["identifier"][0]["identityHash"] = "provider-aaaaaaaaaaaaaaaa"


def _another_place_in_the_list(badge: Any) -> None:
    badge["credentialStatus"]["statusListIndex"] = "77"


def _no_status(badge: Any) -> None:
    del badge["credentialStatus"]


def _known_term(badge: Any) -> None:
    badge["credentialSubject"]["achievement"]["creditsAvailable"] = 20


def _unknown_term(badge: Any) -> None:
    badge["credentialSubject"]["achievement"]["approvedBy"] = "The Minister"


def _unknown_type(badge: Any) -> None:
    badge["type"].append("RoyalWarrant")


def _another_list(badge: Any) -> None:
    badge["credentialStatus"]["statusListCredential"] = "https://elsewhere.example/status/0"


CHANGES: dict[Callable[[Any], None], str] = {
    _longer: "signature",
    _another_programme: "signature",
    _another_provider: "signature",
    _another_place_in_the_list: "signature",
    _another_list: "signature",
    _no_status: "signature",
    _known_term: "signature",
    _unknown_term: "unknown-term",
    _unknown_type: "unknown-term",
}
"""What somebody changes or adds, and why a proof is not believed then; a JWT signs its bytes, so that each breaks its signature."""
EACH_FORM = pytest.mark.parametrize("form", FORMS)


@EACH_FORM
def test_a_badge_that_was_changed_or_extended_is_not_believed(checking: Checking, body: Body, form: str):
    award, _, _ = award_of(body)
    content = checking.given(award, form)
    same = put_back(form, content, credential_in(form, content))
    if form != "jwt":  # whose bytes are what is signed
        assert checking.believes(form, same) == checking.believes(form, content)

    for change, why in CHANGES.items():
        badge = credential_in(form, content)
        change(badge)
        checking.disbelieves(form, put_back(form, content, badge), why if form != "jwt" else "signature")
    if form != "jwt":
        dated = credential_in(form, content)
        dated["proof"]["created"] = "2001-01-01T00:00:00Z"
        checking.disbelieves(form, put_back(form, content, dated), "signature")


@EACH_FORM
def test_a_badge_that_somebody_else_signed_is_not_believed_nor_one_whose_issuer_was_exchanged(
    checking: Checking, body: Body, api: Api, form: str
):
    award, _, _ = award_of(body)
    other = "did:web:elsewhere.example"
    own = checking.given(award, form)
    found = {}
    for why, base in (("other-issuer", "https://elsewhere.example"), ("not-the-issuers-key", BASE)):
        LENT.api = replace(api, issuer=always(Issuer(Key.make(), base, "The Body")))
        found[why] = checking.given(award, form)
    LENT.api = api

    for why, content in found.items():
        checking.disbelieves(form, content, why)
    exchanged = credential_in(form, own)
    exchanged["issuer"]["id"] = other
    if form == "jwt":
        exchanged["iss"] = other
    content = put_back(form, own, exchanged)
    checking.disbelieves(form, content, "other-issuer")
    checking.disbelieves(form, content, "not-the-issuers-key", issuer=other)
    if form == "jwt":  # the two places don't agree
        checking.disbelieves(form, put_back(form, own, exchanged | {"iss": DID}), "other-issuer")
    checking.believes(form, own)


@EACH_FORM
def test_a_badge_is_not_believed_before_it_begins_once_it_ended_while_suspended_and_once_withdrawn(
    checking: Checking, body: Body, form: str
):
    award, _, _ = award_of(body)
    period, concern = body.state(award).periods[-1], ""
    content = checking.given(award, form)

    checking.believes(form, content)
    checking.disbelieves(form, content, "expired", period.ends_at + timedelta(seconds=1))
    checking.disbelieves(form, content, "not-yet", period.starts_at - timedelta(days=1))
    for finding in ("suspend", "reinstate", "withdraw"):
        concern = concern if finding == "reinstate" else raised(body, award)
        review(body, award, concern, body.chair)
        conclude(body, award, concern, finding)
        checking.disbelieves(form, content, "revoked")
        if finding == "reinstate":  # what stands again is another badge
            content = checking.given(award, form, number=2)
            checking.believes(form, content)


def test_a_jwt_that_says_how_it_is_to_be_checked_is_not_believed(checking: Checking, body: Body):
    award, _, _ = award_of(body)
    content = checking.given(award, "jwt")
    head, claims, _ = content.split(b".")

    for other in ({"alg": "none"}, {"alg": "HS256"}, {"typ": "JWT"}):
        header = part(json.dumps(json.loads(checker.unpadded(head.decode())) | other).encode())
        code = hmac.digest(
            KEY.public, header + b"." + claims, "sha256"
        )  # the key that anybody knows, taken for a secret
        for signature in (b"", part(code)):
            checking.disbelieves("jwt", b".".join((header, claims, signature)), "form")
    kid = json.loads(checker.unpadded(head.decode())) | {"kid": f"{DID}#{Key.make().multikey}"}
    forged = b".".join((part(json.dumps(kid).encode()), claims, content.split(b".")[2]))
    checking.disbelieves("jwt", forged, "not-the-issuers-key")


def test_a_status_list_that_was_changed_or_that_somebody_else_signed_is_not_believed(
    checking: Checking, body: Body, api: Api
):
    award, _, _ = award_of(body)
    badge = checking.badge(award)
    where = badge["credentialStatus"]["statusListCredential"]
    listed = checking.fetch(where)
    changed = copy.deepcopy(listed)
    bits = bytearray(gzip.decompress(checker.unpadded(changed["credentialSubject"]["encodedList"][1:])))
    bits[-1] ^= 1
    packed = base64.urlsafe_b64encode(gzip.compress(bytes(bits))).rstrip(b"=").decode()
    changed["credentialSubject"]["encodedList"] = f"u{packed}"
    LENT.api = replace(api, issuer=always(Issuer(Key.make(), BASE, "The Body")))
    foreign = checking.fetch(where)
    LENT.api = api

    for given, why in ((listed, None), (changed, "signature"), (foreign, "not-the-issuers-key")):

        def fetch(url: str, given: Any = given) -> Any:
            return given if url == where else checking.fetch(url)

        if why is None:
            checker.check(badge, fetch=fetch, at=checking.clock(), issuer=DID)
        else:
            with pytest.raises(NotGood, match=f"^{why}$"):
                checker.check(badge, fetch=fetch, at=checking.clock(), issuer=DID)


def test_what_a_former_key_signed_is_believed_until_it_is_disowned(checking: Checking, body: Body, api: Api):
    award, _, _ = award_of(body)
    before = checking.badge(award)
    token = checking.asks.get(f"/badges/{award}/1/jwt").text

    now = Issuer(Key.make(), BASE, "The Body", former=(KEY.multikey,))
    LENT.api = replace(api, issuer=always(now))

    after = checking.badge(award)
    assert after["proof"]["verificationMethod"] != before["proof"]["verificationMethod"]
    assert checking.good(before) == checking.good(after)
    assert checker.check_jwt(token, fetch=checking.fetch, at=checking.clock(), issuer=DID)["id"] == before["id"]
    assert checking.asks.get("/badge-issuer").json()["former"] == [KEY.multikey]
    LENT.api = replace(api, issuer=always(replace(now, former=())))
    checking.refuses(before, "not-the-issuers-key")
    checking.good(after)
    LENT.api = api


def test_an_exchanged_key_signs_with_the_next_answer_and_a_disowned_one_is_believed_no_more(
    checking: Checking, body: Body, api: Api, tmp_path: Path
):
    award, _, _ = award_of(body)
    LENT.api = replace(api, issuer=Following(tmp_path, Signing(name="The Body"), BASE))
    before = checking.badge(award)

    made = exchange(tmp_path, None, believed=True)

    after = checking.badge(award)
    assert after["proof"]["verificationMethod"] == f"{DID}#{made.multikey}"
    assert checking.good(before) == checking.good(after)
    disown(tmp_path, None, before["proof"]["verificationMethod"].partition("#")[2])
    checking.refuses(before, "not-the-issuers-key")
    checking.good(checking.badge(award))


def test_before_it_begins_and_once_it_has_ended_it_does_not_hold(checking: Checking, body: Body, clock: Clock):
    award, _, _ = award_of(body)
    period = body.state(award).periods[-1]
    badge = checking.badge(award)
    checking.good(badge, period.ends_at - timedelta(seconds=1))

    checking.refuses(badge, "expired", period.ends_at + timedelta(seconds=1))
    checking.refuses(badge, "not-yet", period.starts_at - timedelta(days=1))
    clock.comes_to(period.ends_at)
    assert [one["standing"] for one in checking.award(award)["badges"]] == ["ended"]
    assert checking.award(award)["accredited"] is False


def test_a_suspension_shows_at_once_and_once_reinstated_the_award_has_another_badge(checking: Checking, body: Body):
    award, _, _ = award_of(body)
    other, _, _ = award_of(body)
    badge, beside = checking.badge(award), checking.badge(other)
    concern = raised(body, award)
    review(body, award, concern, body.chair)

    conclude(body, award, concern, "suspend")

    checking.refuses(badge, "revoked")
    checking.good(beside)
    assert [one["standing"] for one in checking.award(award)["badges"]] == ["suspended"]
    assert b"SUSPENDED" in checking.asks.get(f"/badges/{award}/1/svg").content
    review(body, award, concern, body.chair)
    conclude(body, award, concern, "reinstate")
    checking.refuses(badge, "revoked")  # for good, as checkers may keep what they were told
    again = checking.badge(award)
    assert (again["id"][-2:], again["validUntil"]) == ("/2", badge["validUntil"])
    checking.good(again)
    assert [one["standing"] for one in checking.award(award)["badges"]] == ["revoked", "valid"]
    assert b"SUSPENDED" not in checking.asks.get(f"/badges/{award}/2/svg").content


def test_withdrawn_every_badge_of_the_award_is_revoked(checking: Checking, body: Body):
    award, _, _ = award_of(body)
    badge = checking.badge(award)
    concern = raised(body, award)
    review(body, award, concern, body.chair)

    conclude(body, award, concern, "withdraw")

    checking.refuses(badge, "revoked")
    assert checking.award(award)["standing"] == "withdrawn"
    assert {one["standing"] for one in checking.award(award)["badges"]} == {"revoked"}


def test_reduced_the_former_badge_is_revoked_and_another_one_says_what_is_left(
    checking: Checking, levels: Body, clock: Clock
):
    award, _, _ = award_of(levels)
    badge = checking.badge(award)
    assert badge["name"].endswith("gold")
    concern = raised(levels, award)
    review(levels, award, concern, levels.chair)

    conclude(levels, award, concern, "reduce", level="bronze", scope="Only the course for leaders.")

    assert len(levels.events(award, AccreditationReduced)) == 1
    checking.refuses(badge, "revoked")
    clock.passes(days=1)
    said = checking.good(checking.badge(award))
    assert said["name"].endswith("bronze")
    assert "narrowed: Only the course for leaders." in said["credentialSubject"]["achievement"]["description"]
    indexes = [one["credentialStatus"]["statusListIndex"] for one in (badge, checking.badge(award))]
    assert len(set(indexes)) == 2


def test_a_result_that_is_no_award_gives_no_badge_and_after_an_upheld_appeal_there_is_one(
    checking: Checking, body: Body, clock: Clock
):
    case = factories.brought(body, "released", levels=SHORT)
    for id in (case, accreditation_id(case)):
        answer = checking.asks.get(f"/badges/{id}")
        assert (answer.status_code, answer.json()["title"]) == (404, "badge of award")
    hear = hearing(body)
    said = {"1.1": Judgement(level="met", reason="The file shows it.")}

    hear.decide(hear.heard(case), finding="upheld", remedy="replace-decision", judgements=said)
    factories.settle(body, case)

    clock.passes(days=1)
    assert checking.good(checking.badge(case))["id"] == f"{BASE}{API}/badges/{accreditation_id(case)}/1"


def test_an_upheld_appeal_that_raises_the_level_replaces_the_badge(checking: Checking, levels: Body, clock: Clock):
    case = factories.brought(levels, "released", levels=SHORT)
    award = accreditation_id(case)
    badge = checking.badge(award)
    assert badge["name"].endswith("bronze")
    hear = hearing(levels)
    appeal = hear.heard(case)
    said = {"1.1": Judgement(level="met", reason="The file shows it.")}

    hear.decide(appeal, finding="upheld", remedy="replace-decision", judgements=said)
    factories.settle(levels, case)
    hear.by_officer(appeals.close_remedy, appeal=appeal)

    clock.passes(days=1)
    checking.refuses(badge, "revoked")
    assert checking.good(checking.badge(award))["name"].endswith("gold")
    assert checking.award(award)["badges"][-1]["level"] == "gold"


def test_an_appeal_that_undoes_a_suspension_gives_a_badge_that_holds(checking: Checking, body: Body, clock: Clock):
    award, _, _ = award_of(body)
    badge = checking.badge(award)
    concern = raised(body, award)
    reviewer = factories.appoint(body, "moderator", training="moderating")
    review(body, award, concern, reviewer)
    finding = {"case": award, "concern": concern, "finding": "suspend", "reason": "It is not taught."}
    body.by(accreditations.conclude_review, reviewer, "moderator", **finding)
    checking.refuses(badge, "revoked")
    hear = hearing(body)
    appeal = hear.lodge(award, "review", concern=concern)
    hear.by_officer(appeals.acknowledge_appeal, appeal=appeal)
    hear.by_officer(appeals.admit_appeal, appeal=appeal)
    hear.name(appeal)

    hear.decide(appeal, finding="upheld", remedy="replace-decision", reason="It is taught on Fridays.")

    clock.passes(minutes=1)
    checking.refuses(badge, "revoked")
    assert checking.good(checking.badge(award))["validUntil"] == badge["validUntil"]


def test_a_name_that_was_erased_leaves_every_badge_right(checking: Checking, body: Body, database: Database):
    award, _, provider = award_of(body)
    given = checking.badge(award)

    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute("DELETE FROM record.vault WHERE subject = %s", [provider.id])

    later = checking.badge(award)
    assert checking.good(given)["credentialSubject"]["id"] == checking.good(later)["credentialSubject"]["id"]
    assert [one["identityType"] for one in later["credentialSubject"]["identifier"]] == ["systemId"]
    assert f"Provider {provider.id}" in later["description"]


def test_who_issues_is_told_with_the_key_and_where_the_address_is_no_https_the_key_is_its_own_name(
    checking: Checking, body: Body, api: Api
):
    said = checking.asks.get("/badge-issuer").json()
    assert (said["did"], said["name"], said["multikey"]) == (DID, "The Body", KEY.multikey)
    assert checker.unpadded(said["jwk"]["x"]) == KEY.public
    assert checking.asks.client.get("/.well-known/did.json").headers["access-control-allow-origin"] == "*"
    award, _, _ = award_of(body)

    LENT.api = replace(api, issuer=always(Issuer(KEY, "http://127.0.0.1:8080", "The Body")))
    badge = checking.badge(award)

    assert badge["issuer"]["id"] == f"did:key:{KEY.multikey}"
    assert checking.asks.client.get("/.well-known/did.json").status_code == 404
    here = lambda url: checking.asks.client.get(urlsplit(url).path).json()  # noqa: E731
    checker.check(badge, fetch=here, at=checking.clock(), issuer=badge["issuer"]["id"])


def test_what_there_is_not_is_said_to_be_not_there(checking: Checking, body: Body):
    award, _, _ = award_of(body)

    for path in (f"/badges/{award}/2", f"/badges/{award}/2/png", "/badges/nothing", "/badge-status/revocation/1"):
        assert checking.asks.get(path).status_code == 404, path
    for path in (f"/badges/{award}/0", f"/badges/{award}/1/gif", "/badge-status/revocation/x"):
        assert checking.asks.get(path).status_code == 422, path
    assert (
        checking.fetch(f"{BASE}{API}/badge-status/revocation/0")["credentialSubject"]["statusPurpose"] == "revocation"
    )


def test_earned_again_the_badge_of_the_next_period_is_another_one(checking: Checking, body: Body, clock: Clock):
    award, case, provider = award_of(body)
    first = checking.badge(award)
    ends = body.state(award).ends_at
    renewal = again(body, award, case, provider)
    factories.settle(body, renewal)
    for _ in finishing(body, renewal):
        if not body.submission(renewal).report_approved:
            factories.settle(body, renewal)
    factories.settle(body, renewal)

    assert len(body.state(award).periods) == 2
    checking.good(first)
    clock.comes_to(ends + timedelta(days=1))
    catch_up(body, award)
    checking.refuses(first, "expired")
    said = checking.good(checking.badge(award))
    assert said["id"].endswith("/2")
    assert checking.award(renewal)["id"] == award
