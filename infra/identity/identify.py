"""Who a bearer token stands for: a person of our own issuer or of one elsewhere, or a service account; looked up each time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.ids import is_id
from infra.identity import people, service_accounts
from infra.identity.configured import Elsewhere, Identity
from infra.identity.keyring import ALGORITHM, KeyRing
from infra.identity.known import SERVICE, Known, NotKnown
from infra.identity.provider import Provider
from infra.identity.sessions import PAGES, find, mark_of, token_mark
from infra.identity.tokens import ACCESS, Believed, Issuer, believe, issuer_of
from infra.settings import Settings
from infra.store.datastore import Datastore


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """All by which somebody can come in: made once for a process, and shared by its threads.

    `issuers` are those whose tokens the API takes, by name.
    """

    identity: Identity
    datastore: Datastore
    keyring: KeyRing
    provider: Provider | None
    issuers: Mapping[str, Issuer]

    def identify(self, token: str, at: datetime) -> Known:
        """Who a bearer token stands for at an instant (UTC). Raises NotKnown; refuses while keys can't be had."""
        issuer = self.issuers.get(issuer_of(token))
        if issuer is None:
            raise NotKnown("the token is of an issuer that is not accepted")
        believed = believe(token, issuer, at)
        if issuer.name != self.identity.issuer:
            return self._from_elsewhere(believed, at)
        if believed.subject.startswith(f"{SERVICE}-"):
            return self._service(believed)
        return self._person(believed, at)

    def identify_cookie(self, secret: str, at: datetime) -> Known:
        """Who has this page session. For requests that only read: see `infra.identity.pages.cookie_of`. Raises NotKnown."""
        session = find(self.datastore, secret, kind=PAGES, at=at)
        if session is None:
            raise NotKnown("the session is over")
        people.require_standing(people.standing(self.datastore, session.person, at=at))
        return Known(actor=session.person, session=session.id, until=session.ends_at)

    def person_for(self, believed: Believed, at: datetime) -> str:
        """The person that a subject elsewhere stands for, linked by their address if that is wanted. Raises NotKnown."""
        elsewhere = self.identity.elsewhere
        known = people.person_at(self.datastore, believed.issuer, believed.subject)
        email = believed.text("email")
        verified = believed.claims.get("email_verified") is True and email.isprintable()
        if known is None and elsewhere and elsewhere.link_by_email and verified and email:
            known = people.link_by_email(
                self.datastore, issuer=believed.issuer, subject=believed.subject, email=email, at=at
            )
        if known is None:
            raise NotKnown(
                "nobody on record is linked to whom the token stands for; an operator can: `assay identity link`"
            )
        return known

    def _from_elsewhere(self, believed: Believed, at: datetime) -> Known:
        person = self.person_for(believed, at)
        token = token_mark(believed.issuer, believed.text("jti"))
        found = people.standing(
            self.datastore, person, at=at, token=token, earlier=mark_of(person), issued_at=believed.issued_at
        )
        people.require_standing(found)
        if found.revoked:
            raise NotKnown("the token was revoked")
        session = believed.text("sid") or believed.text("jti") or believed.issued_at.isoformat()
        return Known(actor=person, session=token_mark(believed.issuer, session), until=believed.until)

    def _person(self, believed: Believed, at: datetime) -> Known:
        if not is_id(believed.subject, "person"):
            raise NotKnown("there is nobody on record whom the token stands for")
        session, token = believed.text("sid"), token_mark(believed.issuer, believed.text("jti"))
        found = people.standing(self.datastore, believed.subject, at=at, session=session, token=token)
        people.require_standing(found)
        if found.revoked or not found.session:
            raise NotKnown("the token was revoked, or the session that it belongs to is over")
        return Known(actor=believed.subject, session=session, until=believed.until)

    def _service(self, believed: Believed) -> Known:
        account = service_accounts.find(self.datastore, believed.subject)
        token = token_mark(believed.issuer, believed.text("jti"))
        if account is None or self.datastore.rows("SELECT id FROM access.revoked WHERE id = %s", [token]):
            raise NotKnown("the token was revoked, or its service account has ended")
        asked = frozenset(believed.text("scope").split())
        return Known(
            actor=account.id,
            session=account.id,
            until=believed.until,
            roles=(account.role,),
            scopes=asked & frozenset(account.scopes),
        )


def open_doors(settings: Settings, datastore: Datastore) -> Doors:
    """Wire all by which somebody can come in, as the settings say."""
    identity = settings.identity
    keyring = KeyRing(settings.data / "identity")
    provider = Provider(identity.elsewhere.issuer) if identity.elsewhere else None
    issuers = {}
    if identity.local:
        issuers[identity.issuer] = Issuer(
            name=identity.issuer,
            audience=identity.audience,
            algorithms=(ALGORITHM,),
            key=keyring.key,
            types=(ACCESS,),
        )
    if identity.elsewhere and provider:
        issuers[identity.elsewhere.issuer] = issuer_elsewhere(identity.elsewhere, provider, identity.elsewhere.audience)
    return Doors(identity=identity, datastore=datastore, keyring=keyring, provider=provider, issuers=issuers)


def issuer_elsewhere(elsewhere: Elsewhere, provider: Provider, audience: str) -> Issuer:
    """The provider as an issuer of tokens for `audience`."""
    return Issuer(name=elsewhere.issuer, audience=audience, algorithms=elsewhere.algorithms, key=provider.key)
