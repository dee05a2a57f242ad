"""What a badge says, as an Open Badge 3.0 credential, and where its status is said: by one bit in a list.

Open Badges 3.0 has room for one entry of status, and it is the one that every checker asks about: whether the badge is revoked.
"""

import base64
import gzip
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from domain.badge import Badge
from infra.badges.facts import Facts
from infra.badges.keys import Issuer
from infra.badges.signing import CREDENTIALS, OPEN_BADGES, Credential, instant

PURPOSE: Final = "revocation"
"""Of the status lists, in the words of the Bitstring Status List: a bit there is never taken back."""
ENTRIES: Final = 131_072
"""How many badges are in one list: as many as the Bitstring Status List asks for at least."""
CURRENT: Final = 300_000
"""For how long a status list may be kept, in milliseconds."""


def address(base: str, accreditation: str) -> str:
    """Where anybody sees what stands of an award, its badges and their standing; a certificate's QR code leads there."""
    return f"{base}/api/v1/badges/{accreditation}"


def badge_address(base: str, badge: Badge) -> str:
    """Where a badge is had as it is today."""
    return f"{address(base, badge.accreditation)}/{badge.number}"


def list_address(base: str, number: int) -> str:
    """Where a status list is."""
    return f"{base}/api/v1/badge-status/{PURPOSE}/{number}"


def credential(badge: Badge, facts: Facts, issuer: Issuer) -> Credential:
    """The badge as a credential, without a proof."""
    url = badge_address(issuer.base, badge)
    name = f"{facts.scheme_title}: {facts.level}"
    known_by = [("systemId", facts.provider), *([("name", facts.provider_name)] if facts.provider_name else [])]
    return {
        "@context": [CREDENTIALS, OPEN_BADGES],
        "id": url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": name,
        "description": facts.speaks_for,
        "issuer": issuer.profile,
        "awardedDate": instant(badge.since),
        "validFrom": instant(badge.period.starts_at),
        "validUntil": instant(badge.period.ends_at),
        "credentialSubject": {
            "id": address(issuer.base, badge.accreditation),
            "type": ["AchievementSubject"],
            "identifier": [
                {"type": "IdentityObject", "hashed": False, "identityHash": value, "identityType": kind}
                for kind, value in known_by
            ],
            "achievement": {
                "id": f"{url}#achievement",
                "type": ["Achievement"],
                "achievementType": "QualityAssuranceCredential",
                "name": f"{facts.programme}: {facts.level}",
                "description": facts.speaks_for,
                "criteria": {"type": "Criteria", "narrative": facts.earned_by},
                "creator": issuer.profile,
                "fieldOfStudy": facts.subject,
                "specialization": facts.category,
                "humanCode": facts.submission,
                "version": facts.scheme,
                "inLanguage": "en",
                "image": {"id": f"{url}/png", "type": "Image", "caption": f"{name}, {facts.programme}"},
                **({"tag": list(facts.strengths)} if facts.strengths else {}),
            },
        },
        "credentialStatus": _entry(badge, issuer),
    }


def status_list(number: int, marked: Iterable[int], issuer: Issuer, at: datetime) -> Credential:
    """A status list without a proof; `marked` are the indexes, among all badges, whose bit is set as of `at`."""
    url = list_address(issuer.base, number)
    bits = bytearray(ENTRIES // 8)
    for one in marked:
        place = one - number * ENTRIES
        bits[place // 8] |= 0x80 >> (place % 8)
    packed = gzip.compress(bytes(bits), mtime=0)
    return {
        "@context": [CREDENTIALS],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.did,
        "validFrom": instant(at),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": PURPOSE,
            "ttl": CURRENT,
            "encodedList": "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode(),
        },
    }


def _entry(badge: Badge, issuer: Issuer) -> dict[str, str]:
    number, place = divmod(badge.index, ENTRIES)
    url = list_address(issuer.base, number)
    return {
        "id": f"{url}#{place}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": PURPOSE,
        "statusListIndex": str(place),
        "statusListCredential": url,
    }
