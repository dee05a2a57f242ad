"""What stands of an award, as a page for people: where the code of a certificate leads whoever scans it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import Response

from domain.badge import REVOKED, Badges
from infra.badges.credential import badge_address
from infra.badges.issuing import Issuing
from infra.identity.browser import page
from projections.words import plain

HTML = "text/html"


def wants_page(accept: str) -> bool:
    """Whether the header `Accept` is that of somebody who reads: browsers name HTML, and programs what they can read."""
    return HTML in accept and "json" not in accept


def award_page(found: Issuing, held: Badges, at: datetime) -> Response:
    """The page of an award at `at` (UTC), in the scheme's zone: what holds, of what, until when, and what shows it."""
    shown = held.shown(at) or held.badges[-1]
    facts = found.facts(held, shown)
    standing = "accredited" if held.award.valid_on(at) else f"not accredited now: {plain(held.award_standing(at))}"
    standings = [(one, held.standing(one, at)) for one in held.badges]
    periods = [
        f"{plain(one.period.level).capitalize()}, {facts.day(one.period.starts_at)} to {facts.last_day(one.period.ends_at)}"
        f"{', prolonged until a new decision' if one.period.extension else ''}: {plain(standing)}."
        for one, standing in standings
        if standing != REVOKED or one is shown
    ]
    address, now = badge_address(found.issuer.base, shown), at.astimezone(ZoneInfo(facts.zone))
    place = facts.zone.rpartition("/")[2].replace("_", " ")
    answer = page(
        f"{facts.programme}: {standing}",
        f"By {facts.holder}, under {facts.scheme_title} ({facts.scheme}), awarded by {found.issuer.name}.",
        *periods,
        facts.speaks_for,
        facts.earned_by,
        f"This is its entry in the public register, as it stands at {now:%-d %B %Y, %H:%M} ({place}). What a print or a picture of it says may be over.",
        leads=(
            ("Its badge, which anybody can check", address),
            ("The badge as a picture", f"{address}/png"),
            (
                "The same as data, with all its periods",
                f"{found.issuer.base}/api/v1/register?accreditation={held.award.id}",
            ),
        ),
    )
    answer.headers["Vary"] = "Accept"
    return answer
