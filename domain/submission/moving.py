"""A case and the versions of its scheme: it stays under its own until the provider asks to move, before submitting.

Source: handbook, section 1, Registration. Being told of a later version moves nothing.
"""

from collections.abc import Mapping

from domain.refusals import refuse
from domain.scheme import Scheme, require_listed
from domain.scheme_record import requirements_changed, version_of
from domain.submission import events as e
from domain.submission.eligibility import known_roll, rule_out
from domain.submission.state import ENDS, Stage, Submission, wrong_stage
from domain.texts import TextRef

STAYS = ("category", "subject", "phase", "mode", "size_band", "provider_type")
"""What was said on registering and has to be in the new version's lists too."""
LISTS = ("categories", "subjects", "phases", "modes", "size_bands", "provider_types")


def tell_of_change(case: Submission, *, scheme: Scheme) -> list[e.SubmissionEvent]:
    """Tell the provider of a submission not decided, once, that a later version of its scheme is in force."""
    if case.outcome or case.stage in ENDS:
        return []
    return list(requirements_changed(case.told, under=case.registration.scheme, scheme=scheme))


def move(
    case: Submission,
    *,
    scheme: Scheme,
    follows: Submission | None,
    applies: Mapping[str, bool],
    reason: TextRef,
) -> list[e.SubmissionEvent]:
    """Move a case that is not submitted to a later version; its limit to submit and what it was charged stay.

    `follows` is the submission that earned the award, where this one is to earn it again; `applies` answers the
    exclusions that were not asked about on registering.
    """
    registration = case.registration
    if registration.scheme == scheme.ref:
        return []
    if case.stage not in (Stage.REGISTERED, Stage.PREPARING):
        raise wrong_stage(case, "a move to another version", Stage.PREPARING)
    if case.scheme_id != scheme.id or scheme.version < version_of(registration.scheme):
        raise refuse(
            "move-to-later-version",
            f"a case under {registration.scheme} can't move to {scheme.ref}",
            field="to",
            allowed=f"a later version of {case.scheme_id}",
        )
    for said, listed in zip(STAYS, LISTS, strict=True):
        if value := getattr(registration, said):
            require_listed(value, getattr(scheme, listed), field=said)
    _require_level(registration.applies_for, scheme)
    _require_route(case, scheme)
    known_roll(registration.roll, scheme)
    asked = {one.code for one in scheme.exclusions}
    before = {code: False for code in registration.ruled_out if code in asked}
    return [
        e.CaseMoved(
            scheme=scheme.ref,
            criteria=judged_under(case, scheme, follows),
            ruled_out=rule_out(scheme, {**before, **applies}),
            reason=reason,
        )
    ]


def judged_under(case: Submission, scheme: Scheme, follows: Submission | None) -> tuple[str, ...]:
    """The criteria on which this case is judged under a version: all, or those of the light-touch way."""
    if case.registration.origin != "reaccreditation":
        return tuple(scheme.criteria)
    return scheme.judged_again(follows.areas if follows else (), case.registration.changed)


def _require_route(case: Submission, scheme: Scheme) -> None:
    """A date that is booked, or a place in a window that is awaited, would have no meaning on the other route."""
    route = "booked" if case.visit_at else "windows" if case.stopped or case.claim else scheme.route.kind
    if route != scheme.route.kind:
        raise refuse(
            "move-keeps-route",
            f"the case is on the route {route}, and {scheme.ref} has the route {scheme.route.kind}",
            field="to",
            allowed=f"a version with the route {route}",
        )


def _require_level(applies_for: str | None, scheme: Scheme) -> None:
    names = ", ".join(one.name for one in scheme.awards)
    if applies_for is None and scheme.award_choice == "applied":
        raise refuse("level-applied-for", "the case names no level applied for", field="to", allowed=names)
    if applies_for is not None and scheme.rank(applies_for) < 0:
        raise refuse("level-applied-for", f"{applies_for!r} is no level of {scheme.ref}", field="to", allowed=names)
