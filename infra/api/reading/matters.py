"""The lists of what is contested, complained about and proposed: appeals with the other cases they touched, complaints, proposals."""

from collections.abc import Iterable
from typing import Final

from psycopg.sql import SQL

from infra.api.reading.listing import Listing, View
from infra.api.reading.rows import MOST
from infra.api.reading.seen import complaints_seen
from projections import appeals, complaints, proposals


def _complaints(view: View) -> Iterable[complaints.Row]:
    return complaints_seen(view, MOST + 1)


_OTHERS: Final = SQL("SELECT * FROM {} WHERE appeal = %(id)s").format(appeals.OTHERS.identifier())
PROPOSED: Final = ("made", "deferred", "accepted", "declined", "taken-up", "withdrawn")

LISTS: Final = (
    Listing(
        path="appeals",
        operation="list_appeals",
        summary="Appeals: what each contests, where it stands and what came of it",
        tag="appeals",
        action="see-appeals",
        row=appeals.Row,
        source=appeals.APPEALS,
        models=(appeals.MODEL,),
        key=("appeal",),
        order="-lodged_at",
        sorts=("appeal", "case_id", "decided_at", "over_at", "stage"),
        filters=(
            "appeal", "case_id", "provider", "scheme", "contested", "grounds", "late", "lodged_at", "stage", "outcome",
            "remedy", "in_time", "decided_at", "over_at", "searched",
        ),
        case="appeal",
        provider="provider",
        names=("provider",),
        empty={"running": "over_at"},
        hidden=("others", "others_open"),  # a case that a conflict hides would count
    ),
    Listing(
        path="appeals/{id}/others",
        kinds=("appeal",),
        operation="list_appeal_others",
        summary="The other cases that the cause of an appeal touched",
        tag="appeals",
        action="see-appeals",
        row=appeals.Other,
        source=_OTHERS,
        models=(appeals.MODEL,),
        key=("case_id",),
        order="case_id",
        filters=("case_id", "action", "closed"),
        beside="case_id",
    ),
    Listing(
        path="complaints",
        operation="list_complaints",
        summary="Complaints that the caller may see: who has each in hand, its stage and outcome",
        tag="complaints",
        action="see-complaints",
        row=complaints.Row,
        source=_complaints,
        models=(complaints.MODEL,),
        key=("complaint",),
        order="-raised_at",
        sorts=("complaint", "stage", "closed_at"),
        filters=(
            "complaint", "case_id", "provider", "scheme", "about", "people", "raised_by", "handler", "handlers",
            "raised_at", "stage", "level", "outcome", "closed_at",
        ),
        case="complaint",
        provider="provider",
        names=("provider", "raised_by", "handler"),
        hidden=("text",),
        empty={"open": "closed_at"},
    ),
    Listing(
        path="proposals",
        operation="list_proposals",
        summary="Proposals to change criteria: by whom, where each stands, and which version took it up",
        tag="proposals",
        action="see-proposals",
        row=proposals.Row,
        source=proposals.PROPOSALS,
        models=(proposals.MODEL,),
        key=("proposal",),
        order="-made_at",
        sorts=("proposal", "stage", "consider_by", "considered_at"),
        filters=(
            "proposal", "scheme", "criteria", "proposer", "made_at", "stage", "consider_by", "considered_at", "taken_up",
        ),
        person="proposer",
        names=("proposer", "considerer"),
        texts=("text", "grounds", "reason"),
        values={"stage": PROPOSED},
        past={"overdue": "consider_by"},
    ),
)  # fmt: skip
