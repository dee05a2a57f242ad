"""Money given back: never more than was paid, always with a reason, and whatever the outcome. Source: handbook, Money."""

from domain.refusals import refuse
from domain.submission import side_events as s
from domain.submission.state import Submission, require_registered
from domain.texts import TextRef


def refund_fee(case: Submission, *, kind: str, amount: int, reason: TextRef) -> list[s.FeeRefunded]:
    """Give a fee back, or a part of it. What went back altogether stays so: to ask again changes nothing."""
    require_registered(case)
    if case.fees.get(kind) != "paid" or not case.charges[kind]:
        paid = ", ".join(sorted(one for one, state in case.fees.items() if state == "paid" and case.charges[one]))
        raise refuse(
            "refund-of-paid", f"no {kind} fee was paid here", field="kind", allowed=f"a fee paid ({paid or 'none yet'})"
        )
    left = case.charges[kind] - case.refunded.get(kind, 0)
    if not left:
        return []
    if not 0 < amount <= left:
        raise refuse(
            "refund-within-paid",
            f"{amount} can't be given back of a {kind} fee of which {left} is left",
            field="amount",
            allowed=f"1 to {left}",
        )
    return [s.FeeRefunded(kind=kind, amount=amount, reason=reason)]
