"""Badges and certificates, written to files."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
from rich.markup import escape

from domain.badge import Badges
from domain.refusals import refuse
from infra.badges.certificate import certificate_of
from infra.badges.issuing import TYPES, Issuing
from infra.badges.keys import Issuer, key_in
from infra.bootstrap import open_app
from infra.cli.reading import database, find_case
from infra.cli.screen import screen
from infra.problems import CannotStart
from infra.settings import Settings


def write_badge(settings: Settings, case: str, *, out: Path) -> None:
    """Write the badge of an award as the ending of the file says, and print what stands of it."""
    form = out.suffix.removeprefix(".").lower()
    if form not in TYPES:
        raise refuse(
            "badge-form",
            f"{out.name!r} does not say in which form",
            field="--out",
            allowed=f"a name that ends with .{', .'.join(TYPES)}",
        )
    at = datetime.now(UTC)
    with database(settings) as url, open_app(url, pool_size=1) as app:
        found, held = _award(Issuing(app, _issuer(settings)), url, case)
        badge = held.shown(at) or held.badges[-1]
        _write(out, found.given(held, badge, form, at))
    screen().print(
        f"Badge {badge.number} of {held.award.id}, {held.standing(badge, at)}, written to {escape(str(out))}.",
        soft_wrap=True,
    )


def write_certificate(settings: Settings, case: str, *, year: int | None, out: Path) -> None:
    """Write the certificate of a year of an award, the latest one where none is named."""
    at = datetime.now(UTC)
    with database(settings) as url, open_app(url, pool_size=1) as app:
        found, held = _award(Issuing(app, _issuer(settings)), url, case)
        _write(out, certificate_of(app, held, found.issuer, year=year, at=at))
    screen().print(f"Certificate of {held.award.id} written to {escape(str(out))}.", soft_wrap=True)


def _award(issuing: Issuing, url: str, case: str) -> tuple[Issuing, Badges]:
    with psycopg.connect(url, autocommit=True) as connection:
        return issuing, issuing.award(find_case(connection, case))


def _issuer(settings: Settings) -> Issuer:
    return Issuer(key_in(settings.data, settings.badges.file), settings.identity.base, settings.badges.name)


def _write(out: Path, content: bytes) -> None:
    try:
        out.write_bytes(content)
    except OSError as problem:
        raise CannotStart(f"{out} can't be written: {problem.strerror}.") from None
