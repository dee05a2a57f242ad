"""What anybody can do to a badge without the key, in each of its forms: take the credential out, change it, and put it back."""

import base64
import json
import struct
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Callable
from typing import Any

from tests.independent import badges as checker

ELEMENT = "{https://purl.imsglobal.org/ob/v3p0}credential"
FORMS = ("json", "jwt", "png", "svg")


def credential_in(form: str, content: bytes) -> Any:
    """The credential that a badge in this form holds; of a JWT, its claims."""
    taken: dict[str, Callable[[bytes], Any]] = {
        "json": json.loads,
        "jwt": lambda token: json.loads(checker.unpadded(token.decode().split(".")[1])),
        "png": checker.unbaked_png,
        "svg": checker.unbaked_svg,
    }
    return taken[form](content)


def put_back(form: str, content: bytes, changed: Any) -> bytes:
    """The badge with another credential in it, and whatever signature it had."""
    text = json.dumps(changed).encode()
    if form == "json":
        return text
    if form == "jwt":
        head, _, signature = content.split(b".")
        return b".".join((head, part(text), signature))
    if form == "svg":
        root = ET.fromstring(content)
        [found] = root.findall(ELEMENT)
        found.text = text.decode()
        return ET.tostring(root)
    start = content.index(b"iTXtopenbadgecredential\0") - 4
    (length,) = struct.unpack(">I", content[start : start + 4])
    chunk = b"iTXtopenbadgecredential\0\0\0\0\0" + text
    baked = struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return content[:start] + baked + content[start + length + 12 :]


def part(text: bytes) -> bytes:
    """A part of a JWT."""
    return base64.urlsafe_b64encode(text).rstrip(b"=")
