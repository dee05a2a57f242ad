"""At the edge of the API: each request has an id, a bounded body, a share of the machine, safe headers, and a line in the log."""

import asyncio
import re
import secrets
import time
from typing import Any, Final

import structlog
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra import observing
from infra.api.caller import Limits
from infra.api.positions import HEADER as POSITION
from infra.api.problems import SOON, answer, problem_of, refused

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""What every answer says; a route may say otherwise."""
CLOSING: Final = {"Connection": "close"}
STREAMED: Final = re.compile(r"/cases/[^/]+/files$")
"""Where a body of any length comes in, which the route itself takes piece by piece."""
METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
"""Those that are told apart in logs and figures; anybody may make up others."""
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})

log = structlog.get_logger()


class Edge:
    """Wraps the application; knows nothing of what is asked, only how much and by whom."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._body = limits.body
        self._seconds = limits.seconds
        self._at_once = limits.at_once
        self._under_way = 0
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._reads = RateLimitItemPerMinute(limits.reads)
        self._commands = RateLimitItemPerMinute(limits.commands)
        observing.watch("api_under_way", lambda: self._under_way)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        id = secrets.token_hex(8)
        scope.setdefault("state", {})["request"] = id
        begun, status = time.monotonic(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers["X-Request-Id"] = id
                if status < 400 and (position := scope["state"].get("position")) is not None:
                    headers.setdefault(POSITION, str(position))
                if status >= 400 and _is_streamed(scope):
                    headers.update(CLOSING)  # the rest of the body is not waited for
            await send(message)

        structlog.contextvars.bind_contextvars(request=id)
        self._under_way += 1
        method = scope["method"] if scope["method"] in METHODS else "other"
        with observing.span(method, dict(Headers(scope=scope)), request=id) as span:
            try:
                await self._within_limits(scope, receive, sending)
            finally:
                self._under_way -= 1
                route = getattr(scope.get("route"), "path", "none")  # with its names, not what was asked for
                took = time.monotonic() - begun
                span.rename(f"{method} {route}")
                span.note(status=status)
                observing.count("api_requests", method=method, route=route, status=str(status))
                observing.measure("api_request_seconds", took, method=method, route=route)
                log.info("api.answered", method=method, route=route, status=status, ms=round(1000 * took))
                structlog.contextvars.unbind_contextvars("request")

    async def _within_limits(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        if self._under_way > self._at_once:
            refusal = refused("too-busy", "too many ask at once", allowed="the same request again in a moment")
            await answer(request, problem_of(refusal, 503), {"Retry-After": SOON})(scope, receive, send)
            return
        item = self._reads if scope["method"] in READING else self._commands
        key = _asker(request)
        if not self._limiter.hit(item, key):
            reset = self._limiter.get_window_stats(item, key).reset_time
            seconds = str(max(1, round(reset - time.time())))
            refusal = refused(
                "rate-limit", f"more than {item.amount} of these requests within a minute",
                allowed=f"the same request again in {seconds} seconds",
            )  # fmt: skip
            await answer(request, problem_of(refusal, 429), {"Retry-After": seconds})(scope, receive, send)
            return
        if _is_streamed(scope):
            await self._app(scope, receive, send)
        else:
            await self._bounded(request, scope, receive, send)

    async def _bounded(self, request: Request, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the body whole, up to the limit, before anything is done with it."""
        declared = request.headers.get("content-length", "0")
        size = int(declared) if declared.isdigit() else 0
        taken: list[Message] = []
        try:
            async with asyncio.timeout(self._seconds):
                while size <= self._body and scope["method"] not in READING:
                    taken.append(message := await receive())
                    size = max(size, sum(len(one.get("body", b"")) for one in taken))
                    if message["type"] != "http.request" or not message.get("more_body"):
                        break
        except TimeoutError:
            allowed = f"the whole body within {self._seconds:.0f} seconds"
            refusal = refused("body-late", "the body did not come in time", field="body", allowed=allowed)
            await answer(request, problem_of(refusal, 408), CLOSING)(scope, receive, send)
            return
        if size > self._body:
            allowed = f"at most {self._body:,} bytes"
            refusal = refused("body-size", "the body is too large", field="body", allowed=allowed)
            await answer(request, problem_of(refusal, 413), CLOSING)(scope, receive, send)
            return
        rest = iter(taken)

        async def again() -> Message:
            return next(rest, None) or await receive()

        await self._app(scope, again, send)


def _is_streamed(scope: Scope) -> bool:
    return scope["method"] == "POST" and STREAMED.search(scope["path"]) is not None


def _asker(request: Request) -> str:
    """By whom limits count: the token, else the address."""
    token = Headers(scope=request.scope).get("authorization")
    where: Any = request.client
    return str(hash(token)) if token else f"from {where.host if where else ''}"
