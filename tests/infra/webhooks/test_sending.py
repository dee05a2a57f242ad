"""One sending goes to the very address that was looked at, ends in time whatever the other side does, and is led nowhere else."""

import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from infra.webhooks.addresses import Allowed, read_allowed
from infra.webhooks.sending import HOPS, READ, Answer, send
from tests.infra.webhooks.receiver import certificate, drip, listening, receiving, saying

HERE = read_allowed("127.0.0.1")
"""Loopback by its address: names have to lead there."""


def sent(url: str, allowed: Allowed = HERE, **said: Any) -> Answer:
    return send(url, b'{"a":1}', {"Content-Type": "application/json"}, allowed, **said)


def test_what_is_taken_has_arrived_and_the_host_is_named_as_it_was_asked_for():
    def leads_here(_: str, __: int) -> Sequence[str]:
        return ["127.0.0.1"]

    with receiving() as receiver:
        port = receiver.url.rpartition(":")[2]
        answer = sent(f"http://hooks.example:{port}", read_allowed("hooks.example"), resolving=leads_here)

    assert answer == Answer(204)
    assert answer.arrived
    [got] = receiver.got
    assert (got.headers["host"], got.body) == (f"hooks.example:{port.partition('/')[0]}", b'{"a":1}')


def test_a_name_is_asked_once_and_the_connection_goes_to_what_it_led_to_then():
    """A name that leads outside first and inside the second time gets nobody inside: it is not asked again."""
    asked: list[str] = []

    def leads_elsewhere(host: str, _: int) -> Sequence[str]:
        asked.append(host)
        return ["192.0.2.1"] if len(asked) == 1 else ["127.0.0.1"]

    with receiving() as receiver:
        port = receiver.url.split(":")[2].partition("/")[0]
        outside = read_allowed("192.0.2.0/24")
        answer = sent(f"https://hooks.example:{port}/", outside, limit=0.5, resolving=leads_elsewhere)

    assert asked == ["hooks.example"]
    assert (answer.status, receiver.got) == (0, [])


def test_a_name_that_leads_inside_is_not_connected_to():
    def leads_inside(_: str, __: int) -> Sequence[str]:
        return ["1.1.1.1", "127.0.0.1"]

    with receiving() as receiver:
        port = receiver.url.split(":")[2].partition("/")[0]
        answer = sent(f"https://hooks.example:{port}/", Allowed(), resolving=leads_inside)

    assert "127.0.0.1, which is not a public address" in answer.error
    assert receiver.got == []


@pytest.mark.parametrize(
    "there",
    ["http://10.0.0.1/", "http://hooks.example/", "http://169.254.169.254/latest/", "https://[::1]/", "file:///etc"],
)
@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_to_an_address_inside_is_not_followed(status: int, there: str):
    with receiving(lambda _: (status, {"Location": there})) as receiver:
        answer = sent(receiver.url)

    assert not answer.arrived
    assert "led to where nothing is sent" in answer.error
    assert len(receiver.got) == 1


def test_a_redirect_to_a_name_that_leads_inside_is_not_followed():
    def leads(host: str, _: int) -> Sequence[str]:
        return ["127.0.0.1"] if host == "127.0.0.1" else ["10.0.0.1"]

    with receiving(lambda _: (307, {"Location": "https://inside.example/"})) as receiver:
        answer = sent(receiver.url, resolving=leads)

    assert "10.0.0.1, which is not a public address" in answer.error


def test_a_redirect_that_keeps_what_is_sent_is_followed_a_few_times():
    with receiving() as last, receiving(lambda _: (307, {"Location": last.url})) as first:
        assert sent(first.url).arrived
        assert [one.body for one in last.got] == [b'{"a":1}']

    with receiving(lambda _: (307, {"Location": "/again"})) as round_about:
        answer = sent(round_about.url)
    assert "led on more than" in answer.error
    assert len(round_about.got) == HOPS + 1


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_would_lose_what_is_sent_is_a_failure(status: int):
    with receiving() as last, receiving(lambda _: (status, {"Location": last.url})) as first:
        assert sent(first.url) == Answer(status, f"answered {status}")
    assert last.got == []


def test_the_receiver_may_ask_to_be_left_alone_for_a_while():
    with receiving(lambda _: (503, {"Retry-After": "40"})) as receiver:
        assert sent(receiver.url) == Answer(503, "answered 503", 40.0)
    with receiving(lambda _: (429, {"Retry-After": "99999999"})) as receiver:
        assert sent(receiver.url).wait == 3_600.0
    with receiving(lambda _: (503, {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"})) as receiver:
        assert sent(receiver.url).wait == 0.0


def silent(connection: Any) -> None:
    """Say nothing, until the other side goes."""
    connection.settimeout(5)
    with suppress(OSError):
        while connection.recv(65_536):
            pass


def endless(connection: Any) -> None:
    """A body that never ends, taken at once in as large pieces as it goes."""
    try:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65_536)
    except OSError:
        pass


@pytest.mark.parametrize("raw", [silent, drip], ids=["silent", "a byte now and then"])
def test_who_does_not_answer_in_time_is_not_waited_for(raw: Callable[[Any], None]):
    with saying(raw) as url:
        began = time.monotonic()
        answer = sent(url, limit=0.4)
        assert time.monotonic() - began < 3

    assert answer.error == "no answer within 0 seconds"


def test_little_of_an_answer_is_read():
    with saying(endless) as url:
        assert sent(url).status == 200
    assert READ <= 4_096


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"hello\r\n\r\n",
        b"HTTP/1.1 banana\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"\x00" * 200_000,
    ],
    ids=["nothing", "no HTTP", "no status", "no length", "no end"],
)
def test_rubbish_is_a_failure_and_no_fault_of_ours(said: bytes):
    def rubbish(connection: Any) -> None:
        with suppress(OSError):
            connection.sendall(said)

    with saying(rubbish) as url:
        answer = sent(url)
    assert not answer.arrived
    assert "no connection, or none that can be understood" in answer.error


def test_nobody_there_is_a_failure():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert "no connection" in sent(f"http://127.0.0.1:{port}/").error
    assert "no connection" in sent("https://nowhere.invalid/", Allowed(), resolving=_nowhere).error


def _nowhere(_: str, __: int) -> Sequence[str]:
    raise OSError("there is no such name")


def test_by_https_the_certificate_has_to_be_that_of_the_name(tmp_path: Path):
    """The connection goes to an address, and who answers there has to prove that it is the host that was named."""
    trusted, serving = certificate(tmp_path, "hooks.example")

    def leads_here(_: str, __: int) -> Sequence[str]:
        return ["127.0.0.1"]

    def answer(connection: Any) -> None:
        try:
            with serving.wrap_socket(connection, server_side=True) as secure:
                said = b""
                while b'{"a":1}' not in said:
                    said += secure.recv(65_536)
                secure.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        except OSError:
            pass

    with listening(answer) as port:
        right = sent(f"https://hooks.example:{port}/", HERE, resolving=leads_here, tls=trusted)
        other = sent(f"https://other.example:{port}/", HERE, resolving=leads_here, tls=trusted)
        strange = sent(f"https://hooks.example:{port}/", HERE, resolving=leads_here)
    assert right == Answer(204)
    assert (other.status, strange.status) == (0, 0)
