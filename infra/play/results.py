"""A results file: one row a submission, one column a criterion of the scheme, each cell a level of its scale."""

import csv
from pathlib import Path

from domain.scheme import Scheme
from infra.problems import CannotStart

Results = dict[str, dict[str, str]]
"""Submission's number in the file → criterion → level."""


def read_results(path: Path, scheme: Scheme, *, only: Results | None = None) -> Results:
    """Read a results file; `only` are the rows it may have, where it accompanies another.

    Raises CannotStart naming every fault with its line and column, and what is allowed.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
    except OSError as problem:
        raise CannotStart(f"{path} can't be read: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise CannotStart(f"{path} is not UTF-8 text; save it as CSV in UTF-8.") from None
    faults: list[str] = []
    head = [name.strip() for name in rows[0]] if rows else []
    wanted = ["submission", *scheme.criteria]
    if sorted(head) != sorted(wanted):
        raise CannotStart(f"{path}: line 1: the columns are {', '.join(head) or 'none'}; allowed: {', '.join(wanted)}.")
    results: Results = {}
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        if len(row) != len(head):
            faults.append(f"line {number}: has {len(row)} cells; allowed: {len(head)}")
            continue
        cells = dict(zip(head, (cell.strip() for cell in row), strict=True))
        name = cells.pop("submission")
        if not name or name in results:
            faults.append(f"line {number}: submission: {'is empty' if not name else f'{name} is there twice'}")
        if only is not None and name not in only:
            faults.append(f"line {number}: submission: {name} is not in the results; allowed: {', '.join(only)}")
        faults += [
            f"line {number}: {code}: {level!r} is not on the scale; allowed: {', '.join(scheme.scale)}"
            for code, level in cells.items()
            if level not in scheme.scale
        ]
        results[name] = {code: cells[code] for code in scheme.criteria}
    if not results and not faults:
        faults.append("there is no row")
    if faults:
        raise CannotStart(f"{path}: " + f"\n{path}: ".join(faults))
    return results
