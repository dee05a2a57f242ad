"""What can go wrong with the store of files, told apart: out of reach for a while, full, or not as it was kept."""

import errno

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says where there is no room: on the disk, by a quota, by a limit of this process."""


class FilesOutOfReach(Exception):
    """The store of files, or the scanner, can't be used now; the same again in a while may succeed."""


class StorageFull(Exception):
    """There is no room for the file."""


class FileDamaged(Exception):
    """A file that is kept is missing, or its bytes are no longer those that its SHA-256 was made of."""


def of_system(error: OSError) -> Exception:
    """Return what an error of the system means for a file that is taken in or kept."""
    if error.errno in FULL:
        return StorageFull(error.strerror or "full")
    return FilesOutOfReach(f"the folder of files can't be used: {error.strerror or type(error).__name__}")
