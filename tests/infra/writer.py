"""A process that writes to the record as fast as it can: `python -m tests.infra.writer URL NAME THREADS SECONDS`.

Each thread writes to a stream of its own and, together with it, to one that all threads of the process compete for.
It says how many events it has written.
"""

import sys
import threading
import time

from infra.store.records import PostgresRecords
from services.ports import StaleStream
from tests.infra.toy import CODEC, batch, change, reading


def write(records: PostgresRecords, own: str, shared: str, deadline: float, written: list[int]) -> None:
    version = 0
    while time.monotonic() < deadline:
        latest = len(records.load(shared)[shared]) if version % 5 == 0 else None
        changes = [change(own, version, reading(version))]
        if latest is not None:
            changes.append(change(shared, latest, reading(version)))
        try:
            records.append(batch(*changes))
        except StaleStream:
            continue
        version += 1
        written.append(len(changes))


def main(url: str, name: str, threads: int, seconds: float) -> None:
    written: list[int] = []
    deadline = time.monotonic() + seconds
    with PostgresRecords(url, CODEC, pool_size=threads) as records:
        writers = [
            threading.Thread(target=write, args=(records, f"{name}-{n}", f"{name}-shared", deadline, written))
            for n in range(threads)
        ]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
    sys.stdout.write(str(sum(written)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4]))
