"""Indicators: the signs by which a criterion is judged, each on the scheme's scale too.

Source: handbook, sections 5 and 8. An assessor judges every one of them with its criterion; a panel may change some.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.refusals import refuse
from domain.scheme import Scheme, require_level


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorLevel:
    """One indicator (`3.3.a`) and the level at which it was judged."""

    indicator: str
    level: str


def judged(scheme: Scheme, criterion: str, levels: Mapping[str, str]) -> tuple[IndicatorLevel, ...]:
    """Return the levels of all indicators of a criterion, in the scheme's order; refuse where one is left out."""
    missing = [one for one in _known(scheme, criterion, levels) if one not in levels]
    if missing:
        raise refuse(
            "every-indicator-judged",
            f"not judged: {', '.join(missing)}",
            field=f"judgements.{criterion}.indicators",
            allowed=f"a level for each of {', '.join(_known(scheme, criterion, {}))}",
        )
    return changed(scheme, criterion, (), levels)


def changed(
    scheme: Scheme, criterion: str, before: Sequence[IndicatorLevel], levels: Mapping[str, str]
) -> tuple[IndicatorLevel, ...]:
    """Return what the indicators of a criterion come to when some of them are judged otherwise than `before`."""
    now = {one.indicator: one.level for one in before} | dict(levels)
    known = _known(scheme, criterion, levels)
    return tuple(IndicatorLevel(indicator=one, level=now[one]) for one in known if one in now)


def _known(scheme: Scheme, criterion: str, levels: Mapping[str, str]) -> tuple[str, ...]:
    """The indicators of a criterion; refuses levels of others, and levels that are not on the scale."""
    known = tuple(one.code for one in scheme.criteria[criterion].indicators)
    for code, level in levels.items():
        if code not in known:
            raise refuse(
                "scheme-indicators",
                f"{code!r} is no indicator of {criterion}",
                field=f"judgements.{criterion}.indicators",
                allowed=", ".join(known) or "none: this criterion has no indicators",
            )
        require_level(scheme, level, field=f"judgements.{criterion}.indicators.{code}")
    return known
