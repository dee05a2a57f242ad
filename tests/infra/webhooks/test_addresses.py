"""Where word may be carried to: public addresses by https, however an address is written; and what the setting allows beside."""

import re

import pytest

from domain.refusals import Refused
from infra.webhooks.addresses import Allowed, NotAllowed, check_url, is_public, read_allowed, require_reachable, resolve

NOTHING = Allowed()
INSIDE = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "100.100.100.200",
    "169.254.169.254",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::1",
    "2002:a00:1::1",
    "2001::1",
    "2001:db8::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%lo",
    "fec0::1",
    "ff02::1",
]


@pytest.mark.parametrize("address", INSIDE)
def test_no_word_is_carried_to_an_address_inside(address: str):
    assert not is_public(address)
    with pytest.raises(NotAllowed):
        require_reachable("hooks.example", [address], NOTHING)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"]
)
def test_word_is_carried_to_a_public_address(address: str):
    assert is_public(address)
    require_reachable("hooks.example", [address], NOTHING)


def test_one_address_inside_among_those_of_a_name_is_one_too_many():
    with pytest.raises(NotAllowed, match=r"10\.0\.0\.1"):
        require_reachable("hooks.example", ["1.1.1.1", "10.0.0.1"], NOTHING)


WRITTEN = [
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "0",
    "017700000001",
    "0xa9fea9fe",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[0:0:0:0:0:ffff:7f00:1]",
    "[fe80::1]",
]


@pytest.mark.parametrize("host", WRITTEN)
def test_an_address_inside_is_refused_in_whatever_notation(host: str):
    with pytest.raises(Refused) as refusal:
        check_url(f"https://{host}/hook", NOTHING)
    assert (refusal.value.rule, refusal.value.field) == ("webhook-address", "url")

    with pytest.raises((NotAllowed, OSError)):
        require_reachable(host, resolve(host.strip("[]"), 443), NOTHING)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "https://",
        "https:///hook",
        "//hooks.example/",
        "hooks.example",
        "",
        "https://user@hooks.example/",
        "https://user:pw@hooks.example/",
        "https://hooks.example@10.0.0.1/",
        "https://hooks.example/#part",
        "https://hooks.example:0/",
        "https://hooks.example:70000/",
        "https://hooks.example:port/",
        "https://hooks.example\\@10.0.0.1/",
        "https://hooks.example/a b",
        "https://hooks.example/\r\nHost: x",
        "https://hökers.example/",
        "https://[::1/",
        "https://[fe80::1%25lo]/",
        "https://hooks..example/",
        "https://%31%32%37.0.0.1/",
        "https://hooks.example/" + "x" * 2_000,
    ],
)
def test_what_is_no_https_address_of_a_host_is_refused(url: str):
    with pytest.raises(Refused) as refusal:
        check_url(url, NOTHING)
    assert refusal.value.rule == "webhook-address"


@pytest.mark.parametrize("url", ["https://hooks.example/", "https://hooks.example:8443/a?b=c", "https://1.1.1.1/hook"])
def test_an_https_address_of_a_host_is_taken(url: str):
    assert check_url(url, NOTHING) == url


def test_the_setting_allows_hosts_by_name_and_networks_and_then_also_http():
    allowed = read_allowed(" Hooks.internal , 10.1.0.0/16, ::1, 127.0.0.1 ")

    assert check_url("http://hooks.internal/", allowed)
    assert check_url("http://10.1.2.3/", allowed)
    assert check_url("http://[::1]:8080/", allowed)
    require_reachable("hooks.internal.", ["192.168.0.1"], allowed)
    require_reachable("other.example", ["10.1.9.9", "::ffff:10.1.9.9"], allowed)
    for url in ("http://10.2.0.1/", "https://10.2.0.1/", "http://other.example/"):
        with pytest.raises(Refused):
            check_url(url, allowed)


@pytest.mark.parametrize("said", ["10.1.0.0/40", "10.1.0.1/16", "a b", "1.2.3", "https://hooks.example", "*"])
def test_a_setting_that_names_neither_is_refused(said: str):
    with pytest.raises(ValueError, match=re.escape(said)):
        read_allowed(f"hooks.example,{said}")
