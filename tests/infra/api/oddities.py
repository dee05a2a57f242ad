"""Requests that are odd in one way each: bytes that are no text, numbers that fit nowhere, keys twice, ids that are none."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.infra.api.samples import Said, sample

LATIN = b"\xff\xfe"


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """A request that is as it should be but for one thing."""

    id: str | None = None
    query: str = ""
    body: bytes | None = None
    headers: Mapping[str, str | bytes] = field(default_factory=dict)


IDS = (
    *(
        "%00",
        "..%2F..",
        "%2F",
        "%F0%9F%98%80",
        "%ED%A0%80",
        "%25",
        "x" * 3_000,
        "'%20OR%20''='",
        "submission-AAAAAAAAAAAAAAAA",
    ),
    *("-", "%20", "submission-aaaaaaaaaaaaaaaa%0A", "me", "submission-aaaaaaaaaaaaaaaa"),
)
NUMBERS = ("-1", "0", "99999999999999999999", "9223372036854775807", "1e3", "%D9%A1", "", "1&{name}=2", "null", "+1")
INSTANTS = ("0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", "now", "2026-01-01")
TEXTS = ("%00", "%ED%A0%80", "%F0%9F%98%80", "x" * 3_000, "", "*", "%25", "a%0Ab", "_%25")
SAID = (
    *(Said(text=one) for one in ("\0", "\ud800", "", " ", "x" * 200_000, "\u202e", "\U0001f600", 7, None, [], {})),
    *(Said(number=one) for one in (10**30, -1, 0, 2**63, 2**31, 1.5, 1e300, "1", True, None)),
    *(
        Said(instant=one)
        for one in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-01-01T00:00:00", 10**18)
    ),
)
BODIES = (
    *(
        LATIN,
        b"",
        b"null",
        b"[]",
        b"{",
        b'"x"',
        b"7",
        b"[" * 5_000,
        b'{"a":' * 2_000,
        b'{"case": NaN}',
        b"\xef\xbb\xbf{}",
    ),
    *(b'{"x": 1, "x": 2}', b'{"": ""}', b'{"amount": 1' + b"0" * 5_000 + b"}", b'{"__proto__": {}}'),
)
HEADERS: tuple[Mapping[str, str | bytes], ...] = (
    *({"If-Match": one} for one in ('"x"', 'W/"1"', '""', '"999999999999999"', "*", '"1", "2"', LATIN, "-1")),
    *({"Idempotency-Key": one} for one in ("x" * 201, LATIN, "", " ")),
    *({"Content-Type": one} for one in ("text/plain", "multipart/form-data", "application/json; charset=utf-16", "x")),
    *({"Assay-Role": one} for one in ("x" * 61, LATIN, "", "public", "process", "installer")),
    *({"Authorization": one} for one in ("Bearer", "Basic eDp4", "Bearer x", LATIN, "Bearer service-")),
    *({"If-None-Match": one} for one in ("*", '"1', LATIN, "x" * 401)),
    *({"Accept": one} for one in ("text/csv", "image/png", LATIN, "")),
    *({"X-Forwarded-For": one} for one in ("\t", LATIN)),
)


def oddities(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[Odd]:
    """All odd requests to a route."""
    parameters = operation.get("parameters", [])
    if any(one["in"] == "path" for one in parameters):
        yield from (Odd(id=one) for one in IDS)
    for one in parameters:
        if one["in"] == "query":
            either = [one["schema"], *one["schema"].get("anyOf", [])]
            wanted = NUMBERS if any(each.get("type") == "integer" for each in either) else TEXTS
            wanted = INSTANTS if any(each.get("format") == "date-time" for each in either) else wanted
            yield from (Odd(query=f"{one['name']}=" + value.replace("{name}", one["name"])) for value in wanted)
    yield from (Odd(headers=one) for one in HEADERS)
    yield from (Odd(query=one) for one in ("x=1", "%00=%00", "&&&", "=", "a" * 5_000))
    if "requestBody" in operation:
        yield from (Odd(body=one) for one in BODIES)
        for said in SAID:
            yield Odd(body=json.dumps(sample(document, operation, said)).encode())
