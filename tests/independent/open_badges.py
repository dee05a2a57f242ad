"""What an Open Badge 3.0 has to have, as far as ours use it: the kinds and numbers of its parts, as a schema of our own.

Written from the tables of classes in 1EdTech's specification and held against its published JSON Schema
(`ob_v3p0_achievementcredential_schema.json`), which is theirs and not shipped. Where that one leaves parts open, this one doesn't:
what it does not name is refused. 0..1 there is one value here, never a list.
"""

from typing import Any

import jsonschema_rs

TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
ADDRESS = {"type": "string", "pattern": r"^(https?|did|urn):\S+$"}
INSTANT = {"type": "string", "format": "date-time", "pattern": "Z$"}


def holding(needed: dict[str, Any], more: dict[str, Any] | None = None) -> dict[str, Any]:
    """An object with all that is needed, with or without the rest, and nothing else."""
    more = more or {}
    return {
        "type": "object",
        "required": list(needed),
        "properties": needed | more,
        "additionalProperties": False,
    }


def called(*types: str) -> dict[str, Any]:
    """A set of types that has each of these."""
    each = [{"contains": {"const": one}} for one in types]
    return {"type": "array", "items": TEXT, "uniqueItems": True, "allOf": each}


PROFILE = holding({"id": ADDRESS, "type": called("Profile")}, {"name": TEXT, "url": ADDRESS})
IDENTITY = holding({
    "type": {"const": "IdentityObject"},
    "hashed": {"type": "boolean"},
    "identityHash": TEXT,
    "identityType": {"enum": ["name", "systemId"]},
})  # fmt: skip
ACHIEVEMENT = holding(
    {
        "id": ADDRESS,
        "type": called("Achievement"),
        "name": TEXT,
        "description": TEXT,
        "criteria": holding({"type": {"const": "Criteria"}, "narrative": TEXT}),
    },
    {
        "achievementType": {"const": "QualityAssuranceCredential"},
        "creator": PROFILE,
        "fieldOfStudy": TEXT,
        "specialization": TEXT,
        "humanCode": TEXT,
        "version": TEXT,
        "inLanguage": {"type": "string", "pattern": "^[a-z]{2,4}$"},
        "image": holding({"id": ADDRESS, "type": {"const": "Image"}}, {"caption": TEXT}),
        "tag": {"type": "array", "items": TEXT},
    },
)
STATUS = holding({
    "id": ADDRESS,
    "type": {"const": "BitstringStatusListEntry"},
    "statusPurpose": TEXT,
    "statusListIndex": {"type": "string", "pattern": "^(0|[1-9][0-9]*)$"},
    "statusListCredential": ADDRESS,
})  # fmt: skip
BADGE = {
    "type": "object",
    "required": [
        "@context",
        "id",
        "type",
        "name",
        "issuer",
        "validFrom",
        "validUntil",
        "credentialSubject",
        "credentialStatus",
    ],
    "properties": {
        "@context": {
            "type": "array",
            "prefixItems": [
                {"const": "https://www.w3.org/ns/credentials/v2"},
                {"const": "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"},
            ],
            "minItems": 2,
        },
        "id": ADDRESS,
        "type": called("VerifiableCredential", "OpenBadgeCredential"),
        "name": TEXT,
        "description": TEXT,
        "issuer": PROFILE,
        "awardedDate": INSTANT,
        "validFrom": INSTANT,
        "validUntil": INSTANT,
        "credentialSubject": holding(
            {"id": ADDRESS, "type": called("AchievementSubject"), "achievement": ACHIEVEMENT},
            {"identifier": {"type": "array", "items": IDENTITY, "minItems": 1}},
        ),
        "credentialStatus": STATUS,
    },
}  # claims of a JWT stand beside these
OPEN_BADGE = jsonschema_rs.Draft202012Validator(BADGE, validate_formats=True)
