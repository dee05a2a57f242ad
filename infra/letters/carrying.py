"""The ways out: a connection to an SMTP server that takes one letter after another, or files in the data folder.

What became of a letter is told by what is raised: nothing (it was taken), `Refused` (never try again), `Later` (try again),
or `Away` (the server could not be reached, or takes nothing at all; the letter itself was not tried).
"""

from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from typing import Final, Protocol

import aiosmtplib

from infra.folder import make_private
from infra.letters.configured import Mail, Server


class NotSent(Exception):
    """A letter was not sent; `reply` is the code of the answer, without its words, which may name people."""

    def __init__(self, reply: str) -> None:
        super().__init__(reply)
        self.reply = reply


class Refused(NotSent):
    """The server will not take this letter."""


class Later(NotSent):
    """The server did not take this letter now, or it is not known whether it did."""


class Away(NotSent):
    """The server can't be reached, or takes no letters from us."""


class Way(Protocol):
    """A way out, used by one at a time."""

    async def carry(self, letter: str, message: EmailMessage, to: str) -> None:
        """Bring one message to one address. Raises NotSent."""
        ...

    async def close(self) -> None:
        """Leave."""
        ...


class Files:
    """Writes each letter into a folder, as a file by its id: the same one again takes its own place."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_private(folder)

    async def carry(self, letter: str, message: EmailMessage, to: str) -> None:
        """Write the message. Raises Away where the folder can't be written."""
        del to  # it stands in the message
        path = self._folder / f"{letter}.eml"
        try:
            new = path.with_suffix(".new")
            new.write_bytes(message.as_bytes())
            new.chmod(0o600)
            new.replace(path)
        except OSError as error:
            raise Away(f"file-{error.errno}") from error

    async def close(self) -> None:
        """Nothing is open."""


class Smtp:
    """A connection to the server, made when first needed, kept for many letters, and made anew when it was lost."""

    def __init__(self, server: Server, mail: Mail) -> None:
        self._server, self._mail = server, mail
        self._client: aiosmtplib.SMTP | None = None

    async def carry(self, letter: str, message: EmailMessage, to: str) -> None:
        """Send the message. Raises NotSent."""
        del letter  # it stands in the message
        client = await self._connected()
        try:
            await client.mail(self._mail.sender)
        except (aiosmtplib.SMTPException, OSError) as error:
            await self._drop()
            raise Away(f"sender-{_code(error)}") from error
        handed_over = False
        try:
            await client.rcpt(to)
            handed_over = True
            await client.data(message.as_bytes())
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
            await self._reset(client)
            raise (Refused if 500 <= error.code < 600 else Later)(_code(error)) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            await self._drop()
            raise (Later if handed_over else Away)(_code(error)) from error

    async def check(self) -> None:
        """Make sure that it lets us in and takes letters from us, without sending one. Raises Away."""
        client = await self._connected()
        try:
            await client.mail(self._mail.sender)
            await client.rset()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Away(f"sender-{_code(error)}") from error
        finally:
            await self.close()

    async def close(self) -> None:
        """Say good-bye, if there is somebody to hear it."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=2.0)
            client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.security == "smtps",
            start_tls=server.security == "starttls",
            timeout=self._mail.timeout,
        )
        try:
            await client.connect()
            await client._ehlo_or_helo_if_needed()  # noqa: SLF001 - so that rubbish is noticed before a letter is begun
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            raise Away(_code(error)) from error
        self._client = client
        return client

    async def _reset(self, client: aiosmtplib.SMTP) -> None:
        """Let the connection forget the letter that was not taken."""
        try:
            await client.rset()
        except (aiosmtplib.SMTPException, OSError):
            await self._drop()

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


LEAST_CODE: Final = 200


def _code(error: BaseException) -> str:
    """What may be kept of an answer: its code, or what kind of failure it was."""
    code = getattr(error, "code", 0)
    if isinstance(code, int) and code >= LEAST_CODE:
        return str(code)
    if isinstance(error, TimeoutError):
        return "no-answer"
    return "no-connection" if isinstance(error, OSError | aiosmtplib.SMTPServerDisconnected) else "rubbish"


def way_out(mail: Mail, folder: Path) -> Way:
    """A new way out: to the server of `mail`, or into `folder`."""
    return Smtp(mail.server, mail) if mail.server else Files(folder)
