"""Keeps a backup of made-up cases, sealed twice, as this version makes it, for later versions to open: `python -m tests.infra.record_earlier`.

Run it when a migration has landed, in the version before the next one. What was kept stays: it is never made again.
"""

import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from infra.backup.manifest import read_manifest
from infra.bootstrap import open_app
from infra.cli.backup import take_backup
from infra.cli.reading import database
from infra.generate.writing import Wanted, generate
from infra.seals.configured import Sealing
from infra.seals.publishing import publish
from infra.seals.sealing import seal
from infra.settings import load_settings

EARLIER = Path(__file__).parent / "earlier"
CASES = 12


def main() -> None:
    """Keep one under the name of the latest migration."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings({"ASSAY_DATA": f"{folder}/data"})
        with database(settings, make=True) as url, open_app(url, pool_size=2) as app:
            for seed, cases in ((6, CASES), (7, 2)):
                generate(app, Wanted(cases=cases, seed=seed, until=datetime(2026, 11, 20, tzinfo=UTC), add=True))
                # By a key that is kept elsewhere and thrown away, so that none is among what is kept.
                sealed = seal(replace(settings, data=Path(folder) / "elsewhere"), url).seal
                with psycopg.connect(url, autocommit=True) as connection:
                    held = Sealing(file=Path(folder) / "held.txt")
                    if sealed:
                        publish(connection, held, sealed, datetime.now(UTC))
        made = Path(folder) / "backup"
        take_backup(settings, made)
        kept = EARLIER / read_manifest(made).migrations[-1]
        if kept.exists():
            sys.exit(f"{kept} is kept already.")
        kept.parent.mkdir(exist_ok=True)
        kept.mkdir()
        for name in ("database.dump", "manifest.json"):
            (kept / name).write_bytes((made / name).read_bytes())


if __name__ == "__main__":
    main()
