"""A badge is believed by a checker that shares nothing with what makes it, for as long as it is to be, and never when it is not."""

import base64
import copy
import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from domain.accreditation import AccreditationReduced
from domain.scheme_file import read_scheme
from infra.api.badges import TYPES
from infra.api.caller import Api, always
from infra.badges.keys import Issuer, Key
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
    head, claims, signature = token.split(".")
    forged = json.loads(checker.unpadded(claims)) | {"name": "Gold"}
    changed = base64.urlsafe_b64encode(json.dumps(forged).encode()).rstrip(b"=").decode()
    with pytest.raises(NotGood, match="signature"):
        checker.check_jwt(f"{head}.{changed}.{signature}", fetch=checking.fetch, at=checking.clock(), issuer=DID)


def _longer(badge: Any) -> None:
    badge["validUntil"] = "2050-01-01T00:00:00Z"


def _another_programme(badge: Any) -> None:
    badge["credentialSubject"]["achievement"]["name"] = "Another programme: gold"


def _another_provider(badge: Any) -> None:
    badge["credentialSubject"]["identifier"][0]["identityHash"] = "provider-aaaaaaaaaaaaaaaa"


def _another_place_in_the_list(badge: Any) -> None:
    badge["credentialStatus"][0]["statusListIndex"] = "77"


def _no_status(badge: Any) -> None:
    del badge["credentialStatus"]


def _known_term(badge: Any) -> None:
    badge["credentialSubject"]["achievement"]["creditsAvailable"] = 20


def _unknown_term(badge: Any) -> None:
    badge["credentialSubject"]["achievement"]["approvedBy"] = "The Minister"


def _unknown_type(badge: Any) -> None:
    badge["type"].append("RoyalWarrant")


def _dated_back(badge: Any) -> None:
    badge["proof"]["created"] = "2001-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_longer, "signature"),
        (_another_programme, "signature"),
        (_another_provider, "signature"),
        (_another_place_in_the_list, "signature"),
        (_no_status, "signature"),
        (_known_term, "signature"),
        (_unknown_term, "unknown-term"),
        (_unknown_type, "unknown-term"),
        (_dated_back, "signature"),
    ],
    ids=lambda one: one.__name__.strip("_") if callable(one) else one,
)
def test_a_badge_that_was_changed_or_extended_is_not_believed(
    checking: Checking, body: Body, change: Callable[[Any], None], why: str
):
    award, _, _ = award_of(body)
    badge = copy.deepcopy(checking.badge(award))
    change(badge)

    checking.refuses(badge, why)


def test_a_badge_that_somebody_else_signed_is_not_believed(checking: Checking, body: Body, api: Api):
    award, _, _ = award_of(body)
    others = {
        "other-issuer": Issuer(Key.make(), "https://elsewhere.example", "The Body"),
        "not-the-issuers-key": Issuer(Key.make(), BASE, "The Body"),
    }
    found = {}
    for why, issuer in others.items():
        LENT.api = replace(api, issuer=always(issuer))
        found[why] = checking.badge(award)
    LENT.api = api

    for why, badge in found.items():
        checking.refuses(badge, why)
    checking.good(checking.badge(award))


def test_a_jwt_is_not_believed_when_a_badge_is_not(checking: Checking, body: Body, api: Api):
    award, _, _ = award_of(body)
    period = body.state(award).periods[-1]
    token = checking.asks.get(f"/badges/{award}/1/jwt").text

    def refuses(token: str, why: str, at: datetime | None = None) -> None:
        with pytest.raises(NotGood, match=f"^{why}$"):
            checker.check_jwt(token, fetch=checking.fetch, at=at or checking.clock(), issuer=DID)

    checker.check_jwt(token, fetch=checking.fetch, at=checking.clock(), issuer=DID)
    refuses(token, "expired", period.ends_at + timedelta(seconds=1))
    refuses(token, "not-yet", period.starts_at - timedelta(days=1))
    for why, base in (("not-the-issuers-key", BASE), ("other-issuer", "https://elsewhere.example")):
        LENT.api = replace(api, issuer=always(Issuer(Key.make(), base, "The Body")))
        foreign = checking.asks.get(f"/badges/{award}/1/jwt").text
        LENT.api = api
        refuses(foreign, why)
    concern = raised(body, award)
    review(body, award, concern, body.chair)
    conclude(body, award, concern, "suspend")
    refuses(token, "suspended")
    review(body, award, concern, body.chair)
    conclude(body, award, concern, "withdraw")
    refuses(token, "revoked")


def test_a_status_list_that_was_changed_or_that_somebody_else_signed_is_not_believed(
    checking: Checking, body: Body, api: Api
):
    award, _, _ = award_of(body)
    badge = checking.badge(award)
    [revoked, _] = [one["statusListCredential"] for one in badge["credentialStatus"]]
    listed = checking.fetch(revoked)
    changed = copy.deepcopy(listed)
    bits = bytearray(gzip.decompress(checker.unpadded(changed["credentialSubject"]["encodedList"][1:])))
    bits[-1] ^= 1
    packed = base64.urlsafe_b64encode(gzip.compress(bytes(bits))).rstrip(b"=").decode()
    changed["credentialSubject"]["encodedList"] = f"u{packed}"
    LENT.api = replace(api, issuer=always(Issuer(Key.make(), BASE, "The Body")))
    foreign = checking.fetch(revoked)
    LENT.api = api

    for given, why in ((listed, None), (changed, "signature"), (foreign, "not-the-issuers-key")):

        def fetch(url: str, given: Any = given) -> Any:
            return given if url == revoked else checking.fetch(url)

        if why is None:
            checker.check(badge, fetch=fetch, at=checking.clock(), issuer=DID)
        else:
            with pytest.raises(NotGood, match=f"^{why}$"):
                checker.check(badge, fetch=fetch, at=checking.clock(), issuer=DID)


def test_a_picture_into_which_somebody_baked_something_else_is_not_believed(checking: Checking, body: Body):
    award, _, _ = award_of(body)
    for form, unbaked in (("png", checker.unbaked_png), ("svg", checker.unbaked_svg)):
        badge = unbaked(checking.asks.get(f"/badges/{award}/1/{form}").content)
        checking.good(badge)
        badge["credentialSubject"]["achievement"]["name"] = "Another programme: gold"
        checking.refuses(badge, "signature")


def test_what_a_former_key_signed_is_believed_until_it_is_disowned(checking: Checking, body: Body, api: Api):
    award, _, _ = award_of(body)
    before = checking.badge(award)
    token = checking.asks.get(f"/badges/{award}/1/jwt").text

    LENT.api = replace(api, issuer=always(Issuer(Key.make(), BASE, "The Body", former=(KEY.multikey,))))

    after = checking.badge(award)
    assert after["proof"]["verificationMethod"] != before["proof"]["verificationMethod"]
    assert checking.good(before) == checking.good(after)
    assert checker.check_jwt(token, fetch=checking.fetch, at=checking.clock(), issuer=DID)["id"] == before["id"]
    assert checking.asks.get("/badge-issuer").json()["former"] == [KEY.multikey]
    LENT.api = replace(api, issuer=always(replace(LENT.api.issuer(), former=())))
    checking.refuses(before, "not-the-issuers-key")
    checking.good(after)
    LENT.api = api


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


def test_a_suspension_shows_at_once_and_is_over_with_the_reinstatement(checking: Checking, body: Body):
    award, _, _ = award_of(body)
    other, _, _ = award_of(body)
    badge, beside = checking.badge(award), checking.badge(other)
    concern = raised(body, award)
    review(body, award, concern, body.chair)

    conclude(body, award, concern, "suspend")

    checking.refuses(badge, "suspended")
    checking.good(beside)
    assert checking.award(award)["badges"][0]["standing"] == "suspended"
    assert b"SUSPENDED" in checking.asks.get(f"/badges/{award}/1/svg").content
    review(body, award, concern, body.chair)
    conclude(body, award, concern, "reinstate")
    checking.good(badge)
    assert b"SUSPENDED" not in checking.asks.get(f"/badges/{award}/1/svg").content


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
    indexes = [one["credentialStatus"][0]["statusListIndex"] for one in (badge, checking.badge(award))]
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


def test_an_appeal_that_undoes_a_suspension_gives_the_same_badge_back(checking: Checking, body: Body, clock: Clock):
    award, _, _ = award_of(body)
    badge = checking.badge(award)
    concern = raised(body, award)
    reviewer = factories.appoint(body, "moderator", training="moderating")
    review(body, award, concern, reviewer)
    finding = {"case": award, "concern": concern, "finding": "suspend", "reason": "It is not taught."}
    body.by(accreditations.conclude_review, reviewer, "moderator", **finding)
    checking.refuses(badge, "suspended")
    hear = hearing(body)
    appeal = hear.lodge(award, "review", concern=concern)
    hear.by_officer(appeals.acknowledge_appeal, appeal=appeal)
    hear.by_officer(appeals.admit_appeal, appeal=appeal)
    hear.name(appeal)

    hear.decide(appeal, finding="upheld", remedy="replace-decision", reason="It is taught on Fridays.")

    clock.passes(minutes=1)
    checking.good(badge)


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
    for path in (f"/badges/{award}/0", f"/badges/{award}/1/gif", "/badge-status/beauty/0"):
        assert checking.asks.get(path).status_code == 422, path
    assert (
        checking.fetch(f"{BASE}{API}/badge-status/suspension/0")["credentialSubject"]["statusPurpose"] == "suspension"
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
