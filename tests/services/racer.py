"""A process that assigns an assessor when it is told to go: `python -m tests.services.racer URL CASE`.

It says `ready` when it has connected, waits for a line, and says what it recorded.
"""

import sys
from datetime import UTC, datetime

from domain.ids import PROCESS_ROLE
from infra.bootstrap import open_app
from services.assessment import assign_assessor
from services.ports import Command


def main(url: str, case: str) -> None:
    with open_app(url, pool_size=2) as app:
        app.records.load(case)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        command = Command(id=f"race for {case}", actor=case, role=PROCESS_ROLE, at=datetime.now(UTC))
        receipt = assign_assessor(app.office, command, case=case)
        sys.stdout.write(" ".join(type(event).__name__ for event in receipt.events[case]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
