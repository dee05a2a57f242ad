"""The key that signs checkpoints: made once, kept under the data folder for its owner alone, or given by setting; and which are trusted.

Beside the key is kept what it signed last, so that it never signs a record that lacks what it has signed before. Where a backup
was restored nobody knows what it signed since that: it signs no more, and another goes on from what the backup holds.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from infra.folder import make_private, write_private
from infra.problems import CannotStart
from infra.seals.configured import Sealing
from infra.seals.note import Checkpoint, Signer, Verifier, read_checkpoint

KEY: Final = "key"
TRUSTED: Final = "trusted"
LAST: Final = "last"
RESTORED: Final = "restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """That the record began anew: at an instant (UTC), from a backup of so many events, the last at `position`, made at an instant.

    `keys` are those that signed until then, as they are written, and sign no more.
    """

    at: datetime
    made_at: datetime
    events: int
    position: int
    keys: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """How every checkpoint from then on says so."""
        return f"restored {self.events} {self.at:%Y-%m-%dT%H:%M:%SZ}"


class KeyFolder:
    """The folder `seals` of the data folder."""

    def __init__(self, data: Path, sealing: Sealing) -> None:
        self._folder = data / "seals"
        self._sealing = sealing

    def signer(self) -> Signer:
        """The key that signs; it is made if there is none yet. Raises CannotStart for one that can't be used."""
        key = self._sealing.key or self._kept() or self.renew()
        for one in self.restored():
            if str(key.verifier) in one.keys:
                raise CannotStart(
                    f"The key that signs, {key.verifier.name}+{key.verifier.id.hex()}, may have signed what came after the"
                    f" backup that was restored on {one.at:%-d %B %Y}; set another: `assay seal --print-new-key` makes one."
                )
        if key.verifier.name != self._sealing.origin and self._sealing.named:
            raise CannotStart(
                f"The key that signs is that of {key.verifier.name}, and ASSAY_SEAL_ORIGIN is {self._sealing.origin};"
                " set it back, or make another key with `assay seal --new-key`."
            )
        self._trust(key.verifier)
        return key

    def renew(self) -> Signer:
        """Make another key, which signs from now on; the former one stays trusted for what it signed.

        Raises CannotStart where the key is given by setting.
        """
        if self._sealing.key:
            raise CannotStart("The key is given by ASSAY_SEAL_KEY; set another there.")
        make_private(self._folder)
        key = Signer.make(self._sealing.origin)
        self._trust(key.verifier)
        write_private(self._folder / KEY, f"{key.secret}\n")
        return key

    def begin_anew(self, restored: Restored) -> Restored:
        """Note that a backup was restored, and have another key sign from now on; a key that is given by setting only stops.

        Returns the note, with the keys that sign no more.
        """
        for key in (before := self.trusted()):
            self._trust(key)  # what one that is given signed stays trusted after it was set otherwise
        noted = replace(restored, keys=tuple(str(one) for one in before))
        make_private(self._folder)
        write_private(self._folder / RESTORED, f"{self._read(RESTORED)}{msgspec.json.encode(noted).decode()}\n")
        if not self._sealing.key:
            self.renew()
        return noted

    def restored(self) -> Sequence[Restored]:
        """What is noted of backups that were restored, the earliest first."""
        lines = self._read(RESTORED).splitlines()
        return [msgspec.json.decode(line, type=Restored) for line in lines]

    def trusted(self) -> list[Verifier]:
        """The keys by which checkpoints are checked on this machine, in the order in which they came to sign."""
        keys = [Verifier.read(line) for line in self._read(TRUSTED).splitlines() if line.strip()]
        given = [self._sealing.key.verifier] if self._sealing.key else []
        return [*keys, *(one for one in given if one not in keys)]

    def last(self, *keys: Verifier) -> Checkpoint | None:
        """What was signed last, as far as this machine knows, if it was by one of these keys."""
        with suppress(ValueError):
            last = read_checkpoint(self._read(LAST))
            return last if any(last.signed_by(key) for key in keys) else None
        return None

    def signed(self, checkpoint: str) -> None:
        """Note what was signed."""
        make_private(self._folder)
        write_private(self._folder / LAST, checkpoint)

    def _kept(self) -> Signer | None:
        text = self._read(KEY)
        if not text:
            return None
        try:
            return Signer.read(text)
        except ValueError as problem:
            raise CannotStart(
                f"{self._folder / KEY} can't be read ({problem}); restore it from a backup of the folder, or delete it:"
                " checkpoints are then signed by another key, which those who hold them must be told."
            ) from None

    def _trust(self, key: Verifier) -> None:
        if key not in self.trusted() or (self._sealing.key and str(key) not in self._read(TRUSTED)):
            make_private(self._folder)
            write_private(self._folder / TRUSTED, f"{self._read(TRUSTED)}{key}\n")

    def _read(self, name: str) -> str:
        try:
            return (self._folder / name).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""
