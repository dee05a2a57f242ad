"""A contested case as an appeal needs it: its decisions, who had a part in it, and the appeals about it before.

Source: handbook, section 12, and "Who did not decide".
"""

from collections.abc import Iterator, Mapping, Sequence

from domain.accreditation import require_accreditation
from domain.appeal.contested import Contested, decisions
from domain.appeal.parts import HEARD, who_had_part
from domain.appeal.state import Appeal
from domain.ids import derived_id, kind_of
from domain.refusals import refuse
from domain.submission.events import ItemListed, ModerationStarted, PortfolioSubmitted
from services.awards import accreditation_id
from services.office import Work
from services.ports import Recorded
from services.sample import calibration_id


def appeal_id(case: str, version: int, attempt: int = 1) -> str:
    """The id of the appeal about the decision that is event `version` of a case: of the first one, or of a later attempt.

    Whoever contests a decision writes to the same stream, so that no two appeals about it run at once.
    """
    return derived_id("appeal", case, str(version), str(attempt))


def provider_and_scheme(work: Work, case: str) -> tuple[str, str]:
    """The provider of a submission or an award, and the scheme version that it is under."""
    if kind_of(case) == "accreditation":
        award = work.accreditation(case)
        require_accreditation(award)
        return award.provider, award.scheme
    registration = work.submission(case).registration
    return registration.provider, registration.scheme


def recorded(work: Work, case: str) -> Sequence[Recorded]:
    """A case's events as this command knows them, with all that is recorded of each."""
    work.load(case)
    return work.office.records.load(case, version=work.versions[case])[case]


def attempts(work: Work, case: str, contested: Contested) -> list[Appeal]:
    """All appeals about one decision, in the order in which they were lodged."""
    found: list[Appeal] = []
    while (held := _appeal(work, appeal_id(case, contested.version, len(found) + 1))).id:
        found.append(held)
    return found


def _appeal(work: Work, id: str) -> Appeal:
    held: Appeal = work.state(id)
    return held


def parts_in(work: Work, case: str, *, but: str = "") -> Mapping[str, frozenset[str]]:
    """Everyone of the body who had a part in a case, and in what, with those who decided other appeals about it than `but`.

    Those who had a part in what earned an award had one in the award.
    """
    earned: list[str] = []
    if kind_of(case) == "accreditation":
        earned = sorted({one.submission for one in work.accreditation(case).periods})
        work.load(*earned)
        found = [who_had_part(case, {case: work.entries[case]}), *(_parts_in_submission(work, one) for one in earned)]
    else:
        found = [_parts_in_submission(work, case)]
    heard = [
        dict.fromkeys(one.decided.panel, frozenset({HEARD}))
        for about in (case, *earned)
        for contested in decisions(recorded(work, about))
        for one in attempts(work, about, contested)
        if one.id != but and one.decided
    ]
    merged: dict[str, frozenset[str]] = {}
    for parts in (*found, *heard):
        for person, did in parts.items():
            merged[person] = merged.get(person, frozenset()) | did
    return merged


def _parts_in_submission(work: Work, case: str) -> dict[str, frozenset[str]]:
    registration = work.submission(case).registration
    streams = [*_gone_through(work, case), calibration_id(case), accreditation_id(case)]
    streams += [registration.accreditation] if registration.accreditation else []
    work.load(*streams)
    return who_had_part(case, {one: work.entries[one] for one in (case, *streams)})


def _gone_through(work: Work, case: str) -> Iterator[str]:
    """The meetings that had the submission on their agenda, and the windows that it was handed in in."""
    for one in work.entries[case]:
        match one.event:
            case ItemListed(meeting=id) | ModerationStarted(meeting=id) | PortfolioSubmitted(window=id) if id:
                yield id


def require_appeal(work: Work, id: str) -> Appeal:
    """An appeal that exists; refuses one that does not."""
    if kind_of(id) != "appeal" or not (held := _appeal(work, id)).id:
        raise refuse("known-appeal", "there is no such appeal", field="appeal", allowed="the id of a lodged appeal")
    return held
