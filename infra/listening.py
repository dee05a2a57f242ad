"""Sockets of our own services: bound before anybody is answered, so that a port that is taken is said in one sentence."""

import socket

from infra.problems import CannotStart


def bind(host: str, port: int, *, what: str, variable: str) -> socket.socket:
    """A TCP socket on `host` and `port` (0: any free one), on which nobody is heard yet.

    Raises CannotStart, with `what` wanted to listen and the `variable` that moves it, where the port is taken.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        bound = socket.socket(family, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
        except OSError:
            bound.close()
            raise
    except OSError as problem:
        raise taken(host, port, problem, what=what, variable=variable) from problem
    return bound


def require_free(host: str, port: int, *, what: str, variable: str) -> None:
    """Raise CannotStart where `port` (0: any free one) is taken on `host` already."""
    if not port:
        return
    with bind(host, port, what=what, variable=variable) as bound:
        try:
            bound.listen(1)  # two may be bound, but only one heard
        except OSError as problem:
            raise taken(host, port, problem, what=what, variable=variable) from problem


def taken(host: str, port: int, problem: OSError, *, what: str, variable: str) -> CannotStart:
    """What to tell the user of it."""
    return CannotStart(
        f"{what} can't listen on {host}:{port} ({problem.strerror or problem}); stop what does, or set {variable} to"
        " another port."
    )
