"""The handbook's words for what the record holds as names and numbers, and the tokens that stand for what it doesn't hold.

A token such as `{person:person-…}`, `{text:text-…}` or `{time:2027-03-12T23:59:00+00:00}` is put into words where a
sentence is shown, by whoever may look into the vault, in the reader's time zone.
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

TASKS: Final = {
    "submit-within": "submitting the portfolio",
    "portfolio-before-date": "handing the portfolio in before the booked date",
    "screen-within": "screening the portfolio",
    "return-within": "handing the returned portfolio in again",
    "assign-again-after": "looking for an assessor again",
    "accept-within": "accepting the assignment",
    "preview-within": "the preview of the portfolio",
    "visit-on-date": "the visit",
    "assess-within": "the assessment",
    "mark-blind-within": "marking the portfolio blind",
    "moderate-within": "the moderation",
    "evidence-within": "providing further evidence",
    "review-within": "the final review",
    "results-within": "telling the provider the result",
    "earn-again-before-end": "earning the accreditation again",
    "extension-ends": "deciding the reaccreditation",
    "confirm-within": "confirming the year",
    "take-up-concern-within": "finding a reviewer for the concern",
    "review-concern-within": "the review of the concern",
    "answer-concern-within": "telling who raised the concern what came of it",
    "look-at-change-within": "looking at a notified change",
    "approve-scrutiny-within": "approving the scrutiny of a conflict",
    "sign-scrutiny-within": "the statement on what was scrutinised",
    "review-policy-within": "the review of the policy",
    "acknowledge-appeal-within": "acknowledging the appeal",
    "admit-appeal-within": "saying whether the appeal is heard",
    "decide-appeal-within": "deciding the appeal",
    "carry-out-remedy-within": "carrying out the remedy",
    "others-within": "looking after the other cases that were touched",
    "renew-training-within": "renewing the training",
    "renew-appointment-within": "renewing the appointment",
    "confirm-conflicts-within": "saying whether the conflicts declared are all",
    "ask-about-conflicts-on": "asking everybody about their conflicts",
    "look-at-year-on": "looking at the year of each scheme",
    "schedule-standardisation-within": "scheduling a standardisation session for the year",
    "plan-sampling-within": "planning the year's sampling",
    "verify-credential-within": "verifying what was stated anew",
    "look-again-at-accounts-on": "looking once more at what linked accounts have in hand",
    "attend-standardisation-on": "the standardisation session",
    "record-standardisation-within": "recording who attended the standardisation session",
    "answer-case-questionnaire-within": "the questionnaire on the case",
    "consider-proposal-within": "considering the proposal",
    "acknowledge-complaint-within": "acknowledging the complaint",
    "answer-complaint-within": "answering the complaint",
    "answer-complaint-again-within": "answering the complaint a second time",
    "review-complaint-within": "the committee's review of the complaint",
    "escalate-complaint-within": "taking the complaint further",
    "see-to-affected-within": "looking after another case that the complaint touched",
    "report-within": "the report on the workforce",
    "note-report-within": "noting the report on the workforce",
    "open-plan-within": "opening a plan for the person's development",
    "agree-plan-within": "agreeing the plan",
    "plan-period": "the end of the plan's period",
    "plan-for-need-within": "proposing an activity for the need",
    "approve-activity-within": "approving or declining the activity",
    "record-activity-within": "recording the activity",
    "answer-questionnaire-within": "the questionnaire on the activity",
    "reflect-within": "the reflection on the activity",
    "review-impact-within": "the review of the activity's impact",
    "act-on-finding-within": "acting on a finding of the audit",
    "verify-action-within": "verifying an action of the audit",
    "close-audit-within": "closing the audit",
    "review-risk-within": "the review of the risk",
    "see-risk-review-within": "the board's look at the review of the risk",
    "confirm-risk-review-within": "the board's confirmation of the review of the risk",
    "draw-sample-on": "drawing from the assessments completed",
    "look-at-sample-within": "looking at an assessment of the sample",
    "finish-sampling-within": "closing the year's sampling with a report",
    "answer-erasure-within": "answering the request to be erased",
    "approve-letting-go-within": "deciding what is let go",
    "let-go-within": "letting go what was approved",
    "erase-rest-on": "erasing what was kept on a ground that has ended",
    "review-hold-within": "the review of the hold",
}
"""What the clock of each rule is for."""

_TOKEN: Final = re.compile(r"\{([a-z]+):([^{}]+)\}")


def task(rule: str) -> str:
    """Return what the clock of `rule` is for."""
    return TASKS.get(rule, plain(rule))


def plain(name: str) -> str:
    """Return a name of the scheme or the record as words: `partially_met` → `partially met`."""
    return name.replace("_", " ").replace("-", " ")


def happened(name: str) -> str:
    """Return the kind of an event in words: `PortfolioSubmitted.1` → `Portfolio submitted`."""
    return re.sub("(?<=.)[A-Z]", lambda found: f" {found[0].lower()}", name.partition(".")[0])


def token(kind: str, value: str) -> str:
    """Return the token for a thing of `kind` (`person`, `provider`, `text`, `submission`, `window`, …) with this id."""
    return f"{{{kind}:{value}}}"


def time(at: datetime) -> str:
    """Return the token for an instant (UTC)."""
    return token("time", at.isoformat())


def people(ids: Sequence[str]) -> str:
    """Return the tokens of several people as a list in words."""
    return listed([token("person", one) for one in ids])


def listed(items: Sequence[str]) -> str:
    """Return `a`, `a and b`, `a, b and c`, or `none`."""
    if not items:
        return "none"
    *most, last = items
    return f"{', '.join(most)} and {last}" if most else last


def money(amount: int, currency: str = "") -> str:
    """Return an amount in minor units (hundredths) in words: `575.00 GBP`."""
    return f"{amount / 100:,.2f} {currency}".rstrip()


def counted(number: int, noun: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def tokens(sentence: str) -> list[tuple[str, str]]:
    """Return the kind and id of each token in `sentence`, so that all can be looked up at once."""
    return [(kind, value) for kind, value in _TOKEN.findall(sentence)]


def resolve(sentence: str, word: Callable[[str, str], str]) -> str:
    """Return `sentence` with `word(kind, id)` in the place of each token."""
    return _TOKEN.sub(lambda found: word(found[1], found[2]), sentence)
