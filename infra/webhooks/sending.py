"""One sending: to the very address that was looked at, within a time, along few redirects, and little of the answer is read."""

import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import urljoin

import httpcore

from domain.refusals import Refused
from infra.webhooks.addresses import Allowed, NotAllowed, Resolve, check_url, require_reachable, resolve

LIMIT: Final = 15.0
"""Seconds that one sending takes at most, with its redirects."""
CONNECT: Final = 5.0
HOPS: Final = 3
READ: Final = 4_096
"""Bytes of an answer's body that are read; nothing is made of them."""
TRIED: Final = 3
"""Addresses of one name that are tried."""
LONGEST_WAIT: Final = 3_600.0
"""Seconds for which a receiver may ask to be left alone."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a sending: the status, 0 where there was none, why it did not arrive, and for how long to wait, in seconds."""

    status: int
    error: str = ""
    wait: float = 0.0

    @property
    def arrived(self) -> bool:
        """Whether it was taken."""
        return 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """Whether the receiver wants no more of it."""
        return self.status == 410


def send(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    allowed: Allowed,
    *,
    limit: float = LIMIT,
    resolving: Resolve = resolve,
    tls: ssl.SSLContext | None = None,
) -> Answer:
    """Send `body` to `url`, and along a redirect that keeps what is sent (307, 308). It raises nothing for what goes wrong on the way."""
    guard = Guard(allowed, time.monotonic() + limit, resolving)
    try:
        for _ in range(HOPS + 1):
            status, there, wait = _post(guard, check_url(url, allowed), body, headers, tls)
            if status not in {307, 308} or not there:
                return Answer(status, "" if 200 <= status < 300 else f"answered {status}", wait)
            url = urljoin(url, there)
    except NotAllowed as refusal:
        return Answer(0, str(refusal))
    except Refused as refusal:
        return Answer(0, f"led to where nothing is sent: {refusal.reason}")
    except httpcore.TimeoutException:
        return Answer(0, f"no answer within {limit:.0f} seconds")
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, OSError) as error:
        return Answer(0, f"no connection, or none that can be understood ({type(error).__name__})")
    return Answer(0, f"led on more than {HOPS} times")


def _post(
    guard: "Guard", url: str, body: bytes, headers: Mapping[str, str], tls: ssl.SSLContext | None
) -> tuple[int, str, float]:
    """The status of an answer, where it leads on to, and for how long to wait."""
    times = {"connect": CONNECT, "read": guard.left(), "write": guard.left(), "pool": CONNECT}
    with (
        httpcore.ConnectionPool(ssl_context=tls or _trusting(), network_backend=guard, max_connections=1) as pool,
        pool.stream(
            "POST", url, headers=list(headers.items()), content=body, extensions={"timeout": times}
        ) as response,
    ):
        size = 0
        for chunk in response.iter_stream():
            size += len(chunk)
            if size >= READ:
                break
        said = {name.lower(): value.decode("latin-1") for name, value in response.headers}
        wait = said.get(b"retry-after", "")
        seconds = min(float(wait), LONGEST_WAIT) if wait.isdecimal() and wait.isascii() and len(wait) < 9 else 0.0
        return response.status, said.get(b"location", ""), seconds


@cache
def _trusting() -> ssl.SSLContext:
    """Whom this machine trusts; made once, which takes as long as several sendings."""
    return ssl.create_default_context()


class Guard(httpcore.NetworkBackend):
    """Connects to addresses that were looked at, and ends whatever goes on beyond the time."""

    def __init__(self, allowed: Allowed, until: float, resolving: Resolve = resolve) -> None:
        self._allowed, self._until, self._resolving = allowed, until, resolving
        self._network = httpcore.SyncBackend()

    def left(self) -> float:
        """Seconds that are left; raises TimeoutException where none is."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to what the name leads to, if all of it may be connected to."""
        try:
            leads_to = self._resolving(host, port)
        except OSError:
            raise httpcore.ConnectError("the name leads nowhere") from None
        require_reachable(host, leads_to, self._allowed)
        failed: Exception = httpcore.ConnectError("the name leads nowhere")
        for one in leads_to[:TRIED]:
            try:
                patience = min(timeout or CONNECT, self.left())
                stream = self._network.connect_tcp(one, port, patience, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
            else:
                return _Timed(stream, self)
        raise failed


class _Timed(httpcore.NetworkStream):
    """A stream on which no more is waited for than there is time left, however the other side spreads what it says."""

    def __init__(self, stream: httpcore.NetworkStream, guard: Guard) -> None:
        self._stream, self._guard = stream, guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, min(timeout or CONNECT, self._guard.left()))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, min(timeout or CONNECT, self._guard.left()))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        patience = min(timeout or CONNECT, self._guard.left())
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, patience), self._guard)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
