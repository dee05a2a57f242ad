"""Which part of a file is asked for: one range of bytes (RFC 9110), or all of it where what is asked for is anything else."""

import re
from typing import Final

_ONE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


class NotSatisfiable(Exception):
    """The file has none of the bytes that are asked for."""


def asked(header: str | None, size: int) -> tuple[int, int] | None:
    """Return the first byte asked for and the one behind the last, None for the whole file.

    Several ranges, and what is no range, are answered with the whole, as the standard has it. Raises NotSatisfiable.
    """
    found = _ONE.fullmatch((header or "").replace(" ", ""))
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:
        if not int(last):
            raise NotSatisfiable
        return max(0, size - int(last)), size
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise NotSatisfiable
    return int(first), min(int(last) + 1, size) if last else size
