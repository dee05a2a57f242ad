"""`python -m bench [NAME…]` runs the benchmarks named, or all, prints a line for each row and fails if one misses.

Each benchmark is a module here with `rows() -> list[Row]`. Its rows are also written to `bench/results/NAME.json`.
"""

import json
import os
import platform
import sys
from importlib import import_module
from pathlib import Path
from typing import Final

from bench.row import Row

BENCHMARKS: Final = (
    "store", "command", "workflow", "projector", "importing", "scale", "figures", "api", "startup", "verify", "replay", "export",
)  # fmt: skip
RESULTS: Final = Path(__file__).parent / "results"


def main(names: list[str]) -> int:
    """Run the benchmarks and return the exit status."""
    if unknown := set(names) - set(BENCHMARKS):
        print(f"Unknown: {', '.join(sorted(unknown))}. There are: {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    print("what | value | base | ratio | target | ok/MISS", flush=True)
    missed = False
    for name in names or BENCHMARKS:
        rows: list[Row] = import_module(f"bench.{name}").rows()
        for row in rows:
            print(row, flush=True)
            missed = missed or not row.is_met
        save(name, rows)
    return int(missed)


def save(name: str, rows: list[Row]) -> None:
    """Write the rows of one benchmark, with what they were measured on."""
    machine = {"python": platform.python_version(), "machine": platform.platform(), "cores": os.cpu_count()}
    kept = [
        {
            "what": row.what,
            "unit": row.unit,
            "value": row.value,
            "base": row.base,
            "ratio": row.ratio,
            "target": row.target,
            "at_least": row.at_least,
            "met": row.is_met,
        }
        for row in rows
    ]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps({"on": machine, "rows": kept}, indent=2) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
