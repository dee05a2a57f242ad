"""What is told of an object as it stands after each of its events: its stage or standing, and the codes that change with it.

It is asked of the state that the domain makes of the stream, so that an export and a decision never differ on how a case stands.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

Values = dict[str, Any]


def standing(kind: str, state: Any, at: datetime) -> Values:
    """Return what is told of an object of this kind in this state, by name; what it has no value for is None, or empty.

    Of a kind that has nothing of its own here, its stage, where it has one, and its scheme.
    """
    return _OF_KIND[kind](state, at) if kind in _OF_KIND else _any(state)


def _any(state: Any) -> Values:
    return {name: getattr(state, name, None) for name in ("stage", "scheme")}


def _submission(state: Any, _: datetime) -> Values:
    decided = state.outcome
    return {
        "stage": state.stage,
        "scheme": state.registered and state.registered.scheme,
        "outcome": decided and decided.outcome,
        "level": decided and decided.level,
        "released": state.released,
    }


def _accreditation(state: Any, at: datetime) -> Values:
    return {
        "standing": state.standing(at),
        "scheme": state.scheme_on(at),
        "level": state.periods[-1].level if state.periods else None,
        "ends_at": state.ends_at,
    }


def _appeal(state: Any, _: datetime) -> Values:
    decided = state.decided
    return {
        **_any(state),
        "outcome": decided and decided.outcome,
        "remedy": decided and decided.remedy,
    }


def _complaint(state: Any, _: datetime) -> Values:
    return {**_any(state), "level": state.level, "outcome": state.outcome}


def _provider(state: Any, _: datetime) -> Values:
    return {"provider_type": state.provider_type, "size_band": state.size_band}


def _meeting(state: Any, _: datetime) -> Values:
    stage = "signed" if state.signed else "open" if state.present else "scheduled"
    return {"stage": stage, "scheme": state.scheme, "starts_at": state.starts_at}


def _window(state: Any, _: datetime) -> Values:
    stage = "closed" if state.closed else "open" if state.opened else "scheduled"
    return {"stage": stage, "scheme": state.scheme, "opens_at": state.opens_at, "closes_at": state.closes_at}


def _calibration(state: Any, _: datetime) -> Values:
    stage = "completed" if state.completed else "marking" if state.assessor else "waiting"
    return {"stage": stage, "scheme": state.scheme}


def _policy(state: Any, _: datetime) -> Values:
    return {**_any(state), "version": state.latest}


def _scheme(state: Any, _: datetime) -> Values:
    return {"version": state.latest}


_OF_KIND: Final[Mapping[str, Callable[[Any, datetime], Values]]] = {
    "submission": _submission,
    "accreditation": _accreditation,
    "appeal": _appeal,
    "complaint": _complaint,
    "provider": _provider,
    "meeting": _meeting,
    "window": _window,
    "calibration": _calibration,
    "policy": _policy,
    "scheme": _scheme,
}
