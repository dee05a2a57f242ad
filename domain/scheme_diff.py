"""What a new version of a scheme changes, in words, and for whom; cases stay with the version that they are under.

Every part of a scheme is compared. What only the file's comments and layout changed is said to concern nobody.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from domain.scheme import Annual, Criterion, Scheme
from domain.scheme_words import (
    NOTHING,
    award_rule,
    counted,
    days,
    fee,
    length,
    lengths,
    listed,
    money,
    size,
    yes,
)

NEW = "new registrations only"
PREPARING = "providers preparing a submission"
ASSESSORS = "assessors"
PANELS = "moderators and panels"
OFFICERS = "operations officers"
HOLDERS = "holders of an award"
AGAIN = "holders who earn their award again"
APPELLANTS = "providers who appeal"
COMPLAINANTS = "whoever complains"
EVERYONE = "everyone who has a part in a case"
WORKERS = "assessors, moderators, chairs and appeals panels"
EVERYBODY = "everybody: it is another scheme"
NOBODY = "nobody"

CLOCKS = {
    "submit_within": ("time to submit, from registration", PREPARING),
    "remind_submit": ("reminders before the limit for submitting", PREPARING),
    "screen_within": ("time for screening", OFFICERS),
    "return_within": ("time to hand a returned portfolio in again", PREPARING),
    "accept_within": ("time to accept an assignment", ASSESSORS),
    "assess_within": ("time for the assessment", ASSESSORS),
    "remind_assess": ("reminders before the assessment is due", ASSESSORS),
    "moderate_within": ("time until a panel takes it up", PANELS),
    "assign_again_after": ("time until an assessor is looked for again", OFFICERS),
    "evidence_within": ("time for further evidence", PREPARING),
    "remind_evidence": ("reminders before further evidence is due", PREPARING),
    "final_review_after": ("time until the final review opens", PANELS),
    "review_within": ("time for the final review", PANELS),
    "results_within": ("time until the result is told", PREPARING),
    "validity": ("validity of an award", HOLDERS),
    "remind_validity": ("reminders before the end of an award", HOLDERS),
}
"""What each clock of a scheme is for, and whom it concerns first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One change in plain words: of what, how it was, how it is to be, and whom it concerns."""

    what: str
    before: str
    after: str
    for_whom: str

    def __str__(self) -> str:
        return f"{self.what}: {self.before} → {self.after} (for {self.for_whom})"


def differences(old: Scheme, new: Scheme) -> list[Difference]:
    """Say what changes from `old` to `new`; empty where both files have the same content."""
    found = [
        *_plain(old, new, HEAD),
        *_tree(old, new),
        *_awards(old, new),
        *_plain(old, new, RULES),
        *_clocks(old, new),
        *_fees(old, new),
        *_plain(old, new, LATER),
        *_plain(old, new, ASSURANCE),
        *_assured(old, new),
        *_named("letter", (old.letters, new.letters), str, PREPARING),
    ]
    if not found and (old.digest, old.source) != (new.digest, new.source):
        found = [Difference(what="comments, order or layout of the file", before="as it was", after="other",
                            for_whom=NOBODY)]  # fmt: skip
    return found


Part = tuple[str, Callable[[Scheme], Any], Callable[[Any], str], str]
"""A part of a scheme that is compared as a whole: what it is, where it stands, how to say it, and whom it concerns."""


def _annual(rule: Annual | None) -> str:
    if rule is None:
        return "no yearly confirmation"
    return (
        f"{counted(rule.certificates, 'yearly certificate')}, to be confirmed within {length(rule.confirm_within)},"
        f" with reminders {lengths(rule.remind_confirm)} before"
    )


def _lists(codes: Sequence[str]) -> str:
    return ", ".join(codes) or NOTHING


HEAD: Sequence[Part] = (
    ("the scheme", lambda one: one.id, str, EVERYBODY),
    ("version", lambda one: one.version, str, NEW),
    ("title", lambda one: one.title, str, NEW),
    ("time zone of every deadline", lambda one: one.calendar.zone, str, NEW),
    ("days off", lambda one: one.calendar.holidays, days, NEW),
    ("time of day at which a deadline ends", lambda one: one.calendar.day_ends, lambda at: str(at or "none"), NEW),
    ("categories of programmes", lambda one: one.categories, _lists, NEW),
    ("types of providers", lambda one: one.provider_types, _lists, NEW),
    ("size bands of providers", lambda one: one.size_bands, _lists, NEW),
    ("modes of delivery", lambda one: one.modes, _lists, NEW),
    ("subjects", lambda one: one.subjects, _lists, NEW),
    ("phases", lambda one: one.phases, _lists, NEW),
    ("route to the assessment", lambda one: one.route.kind, str, PREPARING),
    ("visit", lambda one: one.route.visit, yes, PREPARING),
    ("provisional date at registration", lambda one: one.route.provisional, yes, NEW),
    ("portfolio seen before the date", lambda one: one.route.preview_before, length, PREPARING),
    ("booking ahead of the date", lambda one: one.route.earliest_booking, length, PREPARING),
    ("time for the result counted from the date", lambda one: one.route.results_from_visit, yes, PREPARING),
    ("people to meet on a visit", lambda one: one.route.people_to_meet, listed, PREPARING),
)
RULES: Sequence[Part] = (
    ("level of award that is considered", lambda one: one.award_choice, str, PREPARING),
    ("files for each criterion", lambda one: one.files_per_criterion, str, PREPARING),
    ("size of a file", lambda one: one.file_bytes, size, PREPARING),
    ("media types of files", lambda one: one.media_types, _lists, PREPARING),
    ("guidance on drafts", lambda one: one.guidance_on_drafts, yes, PREPARING),
    ("submissions in one assessor's hands", lambda one: one.assessor_capacity, str, ASSESSORS),
    ("percentage marked a second time, blind", lambda one: one.calibration_percent, str, ASSESSORS),
    ("the same assessor when an award is earned again", lambda one: one.same_assessor_again, yes, ASSESSORS),
    ("form of moderation", lambda one: one.moderation_form, str, PANELS),
    ("people without a conflict that an item needs", lambda one: one.quorum, str, PANELS),
    ("an expert in the subject on the panel", lambda one: one.subject_expert, yes, PANELS),
    ("rounds of further evidence", lambda one: one.evidence_rounds, str, PANELS),
)
LATER: Sequence[Part] = (
    ("yearly confirmation", lambda one: one.annual, _annual, HOLDERS),
    ("criteria judged when an award is earned again", lambda one: one.light_touch, listed, AGAIN),
    ("earlier areas for consideration judged again", lambda one: one.light_touch_areas, yes, AGAIN),
    ("from when before its end an award is earned again", lambda one: one.reaccreditation_opens, length, AGAIN),
    ("validity while a submission in time is decided", lambda one: one.extension, length, AGAIN),
    ("time until a concern has a reviewer", lambda one: one.concern_taken_up, length, HOLDERS),
    ("time for the review of a concern", lambda one: one.concern_review, length, HOLDERS),
    ("time to answer who raised a concern", lambda one: one.concern_answered, length, HOLDERS),
    ("time to look at a notified change", lambda one: one.change_looked_at, length, HOLDERS),
    ("reminders to answer who raised a concern", lambda one: one.remind_answer, lengths, OFFICERS),
    ("applying for a higher level meanwhile", lambda one: one.upgrade, yes, HOLDERS),
)
ASSURANCE: Sequence[Part] = (
    ("time to appeal, from the result", lambda one: one.assurance.appeals.lodge_within, length, APPELLANTS),
    ("time to acknowledge an appeal", lambda one: one.assurance.appeals.acknowledge_within, length, APPELLANTS),
    ("time to admit an appeal", lambda one: one.assurance.appeals.admit_within, length, APPELLANTS),
    ("time to decide an appeal", lambda one: one.assurance.appeals.decide_within, length, APPELLANTS),
    ("time to carry out a remedy", lambda one: one.assurance.appeals.remedy_within, length, APPELLANTS),
    ("time to look after others affected", lambda one: one.assurance.appeals.others_within, length, OFFICERS),
    ("reminders in an appeal", lambda one: one.assurance.appeals.remind, lengths, OFFICERS),
    ("people on an appeals panel", lambda one: one.assurance.appeals.panel, str, APPELLANTS),
    ("of them from outside", lambda one: one.assurance.appeals.outsiders, str, APPELLANTS),
    ("time to acknowledge a complaint", lambda one: one.assurance.complaints.acknowledge_within, length, COMPLAINANTS),
    ("time to answer a complaint", lambda one: one.assurance.complaints.answer_within, length, COMPLAINANTS),
    ("time to take a complaint further", lambda one: one.assurance.complaints.escalate_within, length, COMPLAINANTS),
    (
        "time for the second answer to a complaint",
        lambda one: one.assurance.complaints.answer_again_within,
        length,
        COMPLAINANTS,
    ),
    ("time for the committee's review", lambda one: one.assurance.complaints.review_within, length, COMPLAINANTS),
    (
        "time to look after others that a complaint touched",
        lambda one: one.assurance.complaints.others_within,
        length,
        OFFICERS,
    ),
    ("reminders in a complaint", lambda one: one.assurance.complaints.remind, lengths, OFFICERS),
    ("people on a complaints committee", lambda one: one.assurance.complaints.committee, str, COMPLAINANTS),
    ("time to answer a questionnaire", lambda one: one.assurance.learning.answer_within, length, EVERYONE),
    ("time to consider a proposal", lambda one: one.assurance.learning.consider_within, length, OFFICERS),
    ("reminders of both", lambda one: one.assurance.learning.remind, lengths, EVERYONE),
    ("standardisation at most so long ago", lambda one: one.assurance.people.standardised_within, length, WORKERS),
    ("employment that is a conflict for", lambda one: one.assurance.people.employed_within, length, WORKERS),
    ("time to approve scrutiny", lambda one: one.assurance.people.approve_scrutiny_within, length, WORKERS),
    ("time under scrutiny", lambda one: one.assurance.people.sign_scrutiny_within, length, WORKERS),
    ("reminders of a statement on scrutiny", lambda one: one.assurance.people.remind_scrutiny, lengths, WORKERS),
    ("reminders that training expires", lambda one: one.assurance.people.remind_training, lengths, WORKERS),
    ("reminders that an appointment ends", lambda one: one.assurance.people.remind_appointment, lengths, WORKERS),
    ("what each year needs", lambda one: one.assurance.people.yearly, listed, WORKERS),
    ("reminders of a standardisation", lambda one: one.assurance.people.remind_standardisation, lengths, WORKERS),
    (
        "time to record who attended a standardisation",
        lambda one: one.assurance.people.record_standardisation_within,
        length,
        WORKERS,
    ),
)


def _plain(old: Scheme, new: Scheme, parts: Sequence[Part]) -> Iterator[Difference]:
    for what, where, say, whom in parts:
        before, after = say(where(old)), say(where(new))
        if before != after:
            yield Difference(what=what, before=before, after=after, for_whom=whom)


def _named(what: str, named: Sequence[Mapping[str, Any]], say: Callable[[Any], str], whom: str) -> Iterator[Difference]:
    """What is kept by name, in the old version and the new: added, gone, changed, or in another order."""
    old, new = named
    for name in dict.fromkeys((*old, *new)):
        before = say(old[name]) if name in old else "none"
        after = say(new[name]) if name in new else "none"
        if before != after:
            yield Difference(what=f"{what} {name}", before=before, after=after, for_whom=whom)
    if old.keys() == new.keys() and list(old) != list(new):
        yield Difference(what=f"order: {what}", before=_lists(list(old)), after=_lists(list(new)), for_whom=whom)


def _tree(old: Scheme, new: Scheme) -> Iterator[Difference]:
    whom = f"{PREPARING}, {ASSESSORS}, {PANELS}"
    yield from _named("section", (old.sections, new.sections), str, whom)
    both = [code for code in old.criteria if code in new.criteria]
    for code in dict.fromkeys((*old.criteria, *new.criteria)):
        if code not in both:
            before, after = (_title(one.criteria.get(code)) for one in (old, new))
            verb = "no longer asked for" if code in old.criteria else "newly asked for"
            yield Difference(what=f"criterion {code}, {verb}", before=before, after=after, for_whom=whom)
            continue
        was, becomes = old.criteria[code], new.criteria[code]
        for part in ("title", "guidance", "section"):
            if getattr(was, part) != getattr(becomes, part):
                yield Difference(
                    what=f"{part} of criterion {code}",
                    before=getattr(was, part),
                    after=getattr(becomes, part),
                    for_whom=whom,
                )
        signs = [{one.code: one.title for one in each.indicators} for each in (was, becomes)]
        yield from _named(f"criterion {code}, indicator", signs, str, whom)
    if [code for code in new.criteria if code in both] != both:
        yield Difference(what="order of the criteria", before=_lists(list(old.criteria)),
                         after=_lists(list(new.criteria)), for_whom=whom)  # fmt: skip
    if old.scale != new.scale:
        yield Difference(what="scale of judgements", before=" < ".join(old.scale), after=" < ".join(new.scale),
                         for_whom=f"{ASSESSORS}, {PANELS}")  # fmt: skip
    excluded = [{one.code: one.question for one in each.exclusions} for each in (old, new)]
    yield from _named("what is not accredited:", excluded, str, NEW)


def changed_criteria(old: Scheme, new: Scheme) -> frozenset[str]:
    """The codes of the criteria that `new` asks for in another way than `old`, newly, or no longer."""
    both = {*old.criteria, *new.criteria}
    return frozenset(code for code in both if old.criteria.get(code) != new.criteria.get(code))


def _title(criterion: Criterion | None) -> str:
    return criterion.title if criterion else "none"


def _awards(old: Scheme, new: Scheme) -> Iterator[Difference]:
    named = [{one.name: one for one in each.awards} for each in (old, new)]
    yield from _named("award", named, award_rule, f"{PREPARING}, {PANELS}")


def _clocks(old: Scheme, new: Scheme) -> Iterator[Difference]:
    for field in fields(old.clocks):
        values = [getattr(each.clocks, field.name) for each in (old, new)]
        before, after = (lengths(one) if isinstance(one, tuple) else length(one) for one in values)
        if before != after:
            what, whom = CLOCKS.get(field.name, (f"clock {field.name}", NEW))
            yield Difference(what=what, before=before, after=after, for_whom=whom)


def _assured(old: Scheme, new: Scheme) -> Iterator[Difference]:
    both = [each.assurance for each in (old, new)]
    yield from _named("ground for an appeal", [one.appeals.grounds for one in both], str, APPELLANTS)
    yield from _named("training asked of", [one.people.training for one in both], _lists, WORKERS)
    yield from _named("kinds of experience asked of", [one.people.experience for one in both], str, WORKERS)
    yield from _named("percentage on a panel at least:", [one.people.minima for one in both], str, WORKERS)


def _fees(old: Scheme, new: Scheme) -> Iterator[Difference]:
    if old.fees.currency != new.fees.currency:
        yield Difference(what="currency", before=old.fees.currency, after=new.fees.currency, for_whom=NEW)
    charged = [{one.kind: fee(one, each.fees.currency) for one in each.fees.items} for each in (old, new)]
    yield from _named("fee for", charged, str, f"{NEW}; no outcome changes a fee")
    paid = [
        {work: money(amount, each.fees.currency) for work, amount in each.pay.items() if amount} for each in (old, new)
    ]
    yield from _named("pay for", paid, str, f"{ASSESSORS}, {PANELS}")
