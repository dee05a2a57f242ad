"""What follows where a complaint is upheld: what somebody concerned has to learn from it, and which other cases it touched.

Source: handbook, sections 13 and 12 (upheld: find the others).
"""

from domain.complaint import events as e
from domain.complaint.state import Complaint, require_apart, require_raised
from domain.person import Person
from domain.refusals import refuse
from domain.texts import TextRef


def name_follow_up(
    complaint: Complaint, *, by: Person, person: str, topic: str, need: TextRef
) -> list[e.ComplaintEvent]:
    """Name what a person complained about has to learn from an upheld complaint. By who upheld it, also once it is closed."""
    _require_upholder(complaint, by)
    if person not in complaint.people:
        raise refuse(
            "follow-up-of-concerned",
            "the complaint is not about this person",
            field="person",
            allowed="somebody complained about, who is named first",
        )
    if (person, need.id) in complaint.follow_ups:
        return []
    return [e.FollowUpNamed(person=person, topic=topic, need=need)]


def name_affected_case(complaint: Complaint, *, by: Person, case: str, note: TextRef) -> list[e.ComplaintEvent]:
    """Name another case that was touched by what is upheld, with a note. By who upheld it, also once it is closed."""
    _require_upholder(complaint, by)
    return [] if case in complaint.affected else [e.AffectedCaseNamed(case=case, note=note)]


def _require_upholder(complaint: Complaint, by: Person) -> None:
    require_raised(complaint)
    require_apart(complaint, by)
    if not complaint.upheld:
        raise refuse(
            "follow-up-of-upheld", "the complaint is not upheld", field="complaint", allowed="an upheld complaint"
        )
    if complaint.decided_by != by.id:
        raise refuse("follow-up-by-decider", "this person did not uphold it", field="actor", allowed="who upheld it")
