"""PostgreSQL refuses to run as root: started by root, it runs as a system user that may touch its own folder alone."""

import errno
import os
import pwd
import struct
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

from infra.problems import CannotStart

SYSTEM_USER: Final = "assay-postgres"

_ACL: Final = "system.posix_acl_access"
_VERSION: Final = struct.pack("<I", 2)
_ENTRY: Final = struct.Struct("<HHI")  # tag, rights, id
_OWNER, _USER, _GROUP, _MASK, _OTHERS = 0x01, 0x02, 0x04, 0x10, 0x20
_NOBODY: Final = 0xFFFFFFFF
_PASS: Final = 0o1


def database_user(cluster: Path) -> pwd.struct_passwd | None:
    """Return the system user to run the PostgreSQL of `cluster` as, or None to run it as the present user.

    That is, for root, the owner of the cluster if there is one, else a user made for this.
    Raises CannotStart if that user can't be made.
    """
    if os.geteuid() != 0:
        return None
    if cluster.exists() and cluster.stat().st_uid != 0:
        return pwd.getpwuid(cluster.stat().st_uid)
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    with suppress(OSError):
        subprocess.run(command, check=False, capture_output=True)  # fails where another process just made that user
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        raise CannotStart(
            f"PostgreSQL won't run as root and the system user {SYSTEM_USER} can't be made for it; "
            "run Assay as an ordinary user, or set DATABASE_URL to a database of your own."
        ) from None


def let_through(user: pwd.struct_passwd, path: Path) -> None:
    """Let `user` pass through the folders above `path`, without letting it list or read them.

    Folders closed to others get an access control entry for this one user; the others are left as they are.
    Raises CannotStart where the file system has no such entries.
    """
    for folder in path.resolve().parents:
        status = folder.stat()
        if status.st_mode & _PASS or status.st_uid == user.pw_uid:
            continue
        try:
            _allow(folder, user.pw_uid, status.st_mode)
        except OSError:
            raise CannotStart(
                f"PostgreSQL won't run as root, and the user {user.pw_name} that it runs as can't enter {folder}; "
                "run Assay as an ordinary user, or from a folder that others may enter."
            ) from None


def _allow(folder: Path, user: int, mode: int) -> None:
    """Add the entry `user:<id>:--x` to the access control list of `folder`."""
    try:
        raw = os.getxattr(folder, _ACL)[len(_VERSION) :]
        entries = {(tag, who): rights for tag, rights, who in _ENTRY.iter_unpack(raw)}
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
        entries = {(_OWNER, _NOBODY): mode >> 6 & 7, (_GROUP, _NOBODY): mode >> 3 & 7, (_OTHERS, _NOBODY): mode & 7}
    # The mask bounds what the entries for users and groups give. Without one, the group's rights do.
    mask = entries.get((_MASK, _NOBODY), entries[_GROUP, _NOBODY])
    entries[_USER, user] = entries.get((_USER, user), 0) | _PASS
    entries[_MASK, _NOBODY] = mask | _PASS
    packed = b"".join(_ENTRY.pack(tag, rights, who) for (tag, who), rights in sorted(entries.items()))
    os.setxattr(folder, _ACL, _VERSION + packed)
