"""The certificate of a year, or of a whole period, as PDF/A and PDF/UA: the same bytes for the same award, made by typst.

Its code leads to what stands of the award today, since paper does not say when it was suspended. Source: handbook, section 9.
"""

import io
import json
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import segno
import typst

from domain.accreditation import Accreditation, CertificateIssued
from domain.badge import Badges
from domain.refusals import refuse
from infra.badges.credential import address
from infra.badges.facts import Facts, facts_of
from infra.badges.keys import Issuer
from infra.bootstrap import App

TEMPLATE: Final = Path(__file__).with_name("certificate.typ")
STANDARDS: Final = ("a-2a", "ua-1")


def certificate_of(app: App, held: Badges, issuer: Issuer, *, year: int | None, at: datetime) -> bytes:
    """The PDF of the certificate of a year, the latest one where none is named, of an award that stands at `at`.

    Refuses one that was not issued (`certificate-issued`), and any of an award that is suspended, withdrawn or annulled
    (`certificate-stands`).
    """
    award = held.award
    said = _issued(award, year)
    if award.withdrawn_at is not None or award.annulled_at is not None or award.suspended_on(at):
        raise refuse(
            "certificate-stands",
            f"the award is {award.standing(at)}",
            field="case",
            allowed="a certificate of an award that is neither suspended nor taken away",
        )
    period = next(
        (one for one in reversed(award.periods) if one.starts_at < said.ends_at and said.starts_at < one.ends_at),
        award.periods[-1],
    )
    earned = award.earned[period.submission]
    facts = facts_of(app, award, period, scheme=earned.scheme, strengths=earned.strengths)
    told = app.records.load(award.id)[award.id]
    # what was issued elsewhere came with the first event
    issued_at = next((one.at for one in told if one.event == said), told[0].at)
    return _set(facts, issuer, said, issued_at)


def _issued(award: Accreditation, year: int | None) -> CertificateIssued:
    found = [one for one in award.certificates if year in {None, one.year}]
    if not found:
        issued = ", ".join(str(one.year) for one in award.certificates)
        raise refuse(
            "certificate-issued",
            f"no certificate was issued for year {year}" if year is not None else "no certificate was issued",
            field="year",
            allowed=issued or "a year that was confirmed, once it is",
        )
    return max(found, key=lambda one: one.year)


def _set(facts: Facts, issuer: Issuer, said: CertificateIssued, issued_at: datetime) -> bytes:
    where = address(issuer.base, facts.accreditation)
    first, last = facts.day(said.starts_at), facts.last_day(said.ends_at)
    day = issued_at.astimezone(ZoneInfo(facts.zone))
    content = {
        "title": f"Certificate of accreditation: {facts.programme}",
        "heading": "Certificate of accreditation",
        "description": f"{facts.scheme_title}, {facts.level}: {facts.programme}, by {facts.holder}",
        "issuer": issuer.name,
        "date": [day.year, day.month, day.day],
        "issued": facts.day(issued_at),
        "programme": facts.programme,
        "holder": facts.holder,
        "statement": f"is accredited under {facts.scheme_title} ({facts.scheme}) as {facts.level}",
        "validity": f"from {first} until {last}",
        "speaks_for": facts.speaks_for,
        "strengths": list(facts.strengths),
        "check": "Whether it stands today is told at",
        "address": where,
        "award": facts.accreditation,
        "number": said.year,
        "code": _code(where),
    }
    compiler = typst.Compiler(
        TEMPLATE.read_bytes(), ignore_system_fonts=True, sys_inputs={"said": json.dumps(content, ensure_ascii=False)}
    )
    made = compiler.compile(format="pdf", pdf_standards=list(STANDARDS), timestamp=int(issued_at.timestamp()))
    assert isinstance(made, bytes)  # noqa: S101 - a PDF is one file
    return made


def _code(text: str) -> str:
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", scale=4, border=4, xmldecl=False)
    return drawn.getvalue().decode()
