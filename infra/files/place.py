"""Where files are kept: a folder, the data folder's own by default, or an S3-compatible store, as the environment says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from infra.problems import CannotStart

NEEDING_S3: Final = ("ASSAY_FILES_ENDPOINT", "ASSAY_FILES_REGION", "ASSAY_FILES_KEY", "ASSAY_FILES_SECRET")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder of this machine, or one that several share."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A bucket of an S3-compatible store, and the `prefix` in it; without an endpoint it is Amazon's.

    Without a key the environment's own credentials count, as AWS has them (`AWS_…`, a role of the machine).
    """

    name: str
    prefix: str = ""
    endpoint: str | None = None
    region: str = "us-east-1"
    key: str | None = field(default=None, repr=False)
    secret: str | None = field(default=None, repr=False)


Place = Folder | Bucket


def read_place(given: Mapping[str, str]) -> Place | None:
    """Return where `given` says that files are kept, None for the data folder. Raises CannotStart for what can't be."""
    url = given.get("ASSAY_FILES_URL")
    parts = urlsplit(url or "")
    if parts.scheme == "s3" and parts.netloc and not (parts.query or parts.fragment or "@" in parts.netloc):
        return _bucket(given, parts.netloc, parts.path.strip("/"))
    for name in NEEDING_S3:
        if name in given:
            raise CannotStart(f"{name} is set without an ASSAY_FILES_URL of s3://bucket; set both, or neither.")
    if url is None:
        return None
    if parts.scheme == "file" and not parts.netloc and parts.path.startswith("/"):
        return Folder(path=Path(unquote(parts.path)))
    raise CannotStart(
        "ASSAY_FILES_URL leads nowhere; write it as file:///a/folder, or as s3://bucket or s3://bucket/prefix"
        " (its key and secret go to ASSAY_FILES_KEY and ASSAY_FILES_SECRET)."
    )


def _bucket(given: Mapping[str, str], name: str, prefix: str) -> Bucket:
    key, secret, endpoint = (given.get(f"ASSAY_FILES_{one}") for one in ("KEY", "SECRET", "ENDPOINT"))
    if (key is None) is not (secret is None):
        raise CannotStart("ASSAY_FILES_KEY and ASSAY_FILES_SECRET belong together; set both, or neither.")
    if endpoint is not None and (urlsplit(endpoint).scheme not in ("https", "http") or not urlsplit(endpoint).netloc):
        raise CannotStart(
            f"ASSAY_FILES_ENDPOINT is {endpoint!r}; write it as https://host or https://host:port,"
            " or as http:// where the way there is your own."
        )
    region = given.get("ASSAY_FILES_REGION", "us-east-1")
    return Bucket(name=name, prefix=prefix, endpoint=endpoint, region=region, key=key, secret=secret)
