"""Which award a submission is for: a new one, one to be earned again the light-touch way, or a higher level of a running one.

Source: handbook, sections 1, 8 and 11.
"""

from dataclasses import dataclass

from domain.refusals import Refused, refuse
from domain.scheme import Scheme
from domain.submission.state import Submission


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The award that a submission is to renew or raise: its `level`, and the criteria touched by `changed` provision."""

    id: str
    level: str
    changed: frozenset[str] = frozenset()
    runs: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """How a submission comes about (`origin`), the criteria judged in it, and the level applied for."""

    origin: str
    criteria: tuple[str, ...]
    applies_for: str | None
    changed: tuple[str, ...] = ()


def application(
    scheme: Scheme,
    *,
    provider: str,
    follows: Submission | None,
    held: Held | None,
    upgrade: bool = False,
    applies_for: str | None = None,
) -> Application:
    """What a submission is for. `follows` is the one it comes after, `held` the award that it is to renew or to raise.

    Earned again by some criteria only, an award stays at most at the level it has: a higher one is applied for, and all
    criteria are judged then.
    """
    everything = tuple(scheme.criteria)
    if applies_for is not None and scheme.rank(applies_for) < 0:
        raise _other_level(scheme, f"{applies_for!r} is no level of award here", [one.name for one in scheme.awards])
    if follows is None:
        if held is not None or upgrade:
            raise _linked("it is not said which submission earned the award", "the submission that last earned it")
        return Application(origin="new", criteria=everything, applies_for=_level(scheme, applies_for))
    _require_result(scheme, provider, follows)
    if held is None:
        return _again(scheme, follows, everything, applies_for, upgrade)
    if upgrade:
        return Application(
            origin="upgrade", criteria=everything, applies_for=_higher(scheme, held, _level(scheme, applies_for))
        )
    lower = [one.name for one in scheme.awards if scheme.rank(one.name) <= max(scheme.rank(held.level), 0)]
    level = applies_for or (held.level if held.level in lower else lower[-1])
    if level not in lower:
        raise _other_level(scheme, f"{level} is higher than the level held, and needs an upgrade", lower)
    changed = tuple(code for code in scheme.criteria if code in held.changed)
    return Application(
        origin="reaccreditation",
        criteria=scheme.judged_again(follows.areas, changed),
        applies_for=level if len(scheme.awards) > 1 else None,
        changed=changed,
    )


def _again(
    scheme: Scheme, follows: Submission, criteria: tuple[str, ...], applies_for: str | None, upgrade: bool
) -> Application:
    if upgrade:
        raise _linked("it is not said which award is to be raised", "the award, as `accreditation`")
    if follows.outcome is not None and follows.outcome.outcome == "awarded":
        raise _linked("that submission was awarded", "a submission that was not awarded, or a reaccreditation")
    wanted = applies_for or follows.registration.applies_for
    return Application(origin="again", criteria=criteria, applies_for=_level(scheme, wanted))


def _require_result(scheme: Scheme, provider: str, follows: Submission) -> None:
    known = follows.released and follows.registration.provider == provider
    if follows.outcome is None or not known or follows.scheme_id != scheme.id:
        raise _linked(
            "this provider has no submission of that id under this scheme with a result",
            "a submission of the same provider under the same scheme whose result was released",
        )


def _level(scheme: Scheme, applies_for: str | None) -> str | None:
    """The level applied for, which has to be said where the scheme assesses at just that."""
    if applies_for is None and scheme.award_choice == "applied":
        raise _other_level(scheme, "it is not said which level is applied for", [one.name for one in scheme.awards])
    return applies_for


def _higher(scheme: Scheme, held: Held, applies_for: str | None) -> str | None:
    if not scheme.upgrade:
        raise refuse(
            "upgrade-allowed",
            "under this scheme nobody applies for a higher level while an award runs",
            field="upgrade",
            allowed="a reaccreditation",
        )
    if not held.runs:
        raise refuse(
            "award-runs", "the award does not run", field="accreditation", allowed="an award that is valid at this time"
        )
    higher = [one.name for one in scheme.awards if scheme.rank(one.name) > scheme.rank(held.level)]
    if not higher or (applies_for is not None and applies_for not in higher):
        raise _other_level(scheme, f"the level held is {held.level}", higher)
    return applies_for


def _other_level(scheme: Scheme, reason: str, allowed: list[str]) -> Refused:
    names = ", ".join(allowed) or f"nothing higher; {scheme.awards[-1].name} is the highest"
    return refuse("level-applied-for", reason, field="applies_for", allowed=names)


def _linked(reason: str, allowed: str) -> Refused:
    return refuse("linked-submission", reason, field="follows", allowed=allowed)
