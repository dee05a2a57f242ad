"""A process in which many hand in their portfolio at once: `python -m tests.services.rush URL WINDOW AT THREADS < cases`.

It says `ready` when it has connected, reads a line of `case contact` pairs, and says of each case what came of it and in
how many seconds.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from domain.refusals import Refused
from infra.bootstrap import open_app
from services.office import Office
from services.ports import Command
from services.preparation import submit_portfolio
from tests.storing import evidence_of, given_files, store


def hand_in(office: Office, case: str, contact: str, window: str, at: datetime) -> tuple[str, float]:
    """Hand in a whole portfolio; return `in` or the rule that refused it, and the seconds that took."""
    criteria = office.records.load(case)[case][0].event.criteria
    answers = {code: f"What we do about {code}." for code in criteria}
    evidence = evidence_of(criteria)
    given_files(office, case, evidence)
    command = Command(id=f"hand in {case}", actor=contact, role="provider", at=at)
    start = time.perf_counter()
    try:
        submit_portfolio(office, command, case=case, window_id=window, answers=answers, evidence=evidence)
    except Refused as refused:
        return refused.rule, time.perf_counter() - start
    return "in", time.perf_counter() - start


def main(url: str, window: str, at: str, threads: str) -> None:
    with open_app(url, pool_size=int(threads), store=store()) as app, ThreadPoolExecutor(int(threads)) as crowd:
        app.records.load(window)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        pairs = [one.split(":") for one in sys.stdin.readline().split()]
        moment = datetime.fromisoformat(at)
        came = list(crowd.map(lambda pair: hand_in(app.office, pair[0], pair[1], window, moment), pairs))
        sys.stdout.write(json.dumps(came))


if __name__ == "__main__":
    main(*sys.argv[1:])
