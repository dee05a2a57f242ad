"""What is on record of a scheme: versions that never change, the people authorised, and its windows."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import scheme_record as record
from domain.refusals import Refused
from domain.scheme_record import SchemeRecord, WindowAnnounced, evolve, last_usable_window
from tests.domain.given import DAY, NOON, SECOND, SOURCE, fold, refused, scheme


def published(*versions: int) -> SchemeRecord:
    held = SchemeRecord()
    for version in versions:
        events = record.publish(held, scheme=scheme(version=version, digest=f"digest {version}"), source=SOURCE)
        held = fold(evolve, held, events)
    return held


def test_the_version_in_force_is_the_latest_published():
    assert SchemeRecord().latest == 0
    assert published(1, 2, 5).latest == 5


def test_the_same_content_again_changes_nothing():
    again = scheme(version=1, digest="digest 1")

    assert record.publish(published(1), scheme=again, source=SOURCE) == []
    assert record.publish(published(1, 2), scheme=again, source=SOURCE) == []


@pytest.mark.parametrize(("version", "match"), [(2, "already published with other content"), (1, "comes before")])
def test_a_published_version_never_changes_and_none_comes_in_before_it(version: int, match: str):
    with refused("scheme-versions", field="scheme.version", match=match):
        record.publish(published(2), scheme=scheme(version=version, digest="other"), source=SOURCE)


def test_who_is_authorised_is_listed_by_role_in_a_stable_order_until_it_ends():
    held = SchemeRecord()
    for person in ("person-b", "person-a", "person-b"):
        held = fold(evolve, held, record.authorise(held, person=person, role="assessor"))
    held = fold(evolve, held, record.authorise(held, person="person-a", role="chair"))

    assert held.people("assessor") == ("person-a", "person-b")
    assert record.authorise(held, person="person-a", role="chair") == []
    ended = fold(evolve, held, record.end_authority(held, person="person-a", role="assessor"))
    assert (ended.people("assessor"), ended.people("chair")) == (("person-b",), ("person-a",))
    assert record.end_authority(ended, person="person-a", role="assessor") == []


def window(name: str, closes: int, results: int) -> WindowAnnounced:
    return WindowAnnounced(window=name, opens_at=NOON, closes_at=NOON + closes * DAY, results_by=NOON + results * DAY)


WINDOWS = (window("w1", 10, 50), window("w2", 100, 140), window("w3", 200, 240))


@pytest.mark.parametrize(
    ("at", "ends", "last"),
    [
        (NOON, 300, "w3"),
        (NOON, 240, "w3"),
        (NOON, 239, "w2"),
        (NOON + 9 * DAY, 50, "w1"),
        (NOON + 10 * DAY, 50, None),
        (NOON, 49, None),
        (NOON + 201 * DAY, 300, None),
    ],
)
def test_the_last_window_of_use_is_the_last_whose_results_come_before_the_end(at, ends: int, last: str | None):
    assert last_usable_window(WINDOWS, at=at, ends_at=NOON + ends * DAY) == last


def test_a_result_that_comes_a_second_after_the_end_is_of_no_use():
    assert last_usable_window(WINDOWS[:1], at=NOON, ends_at=WINDOWS[0].results_by - SECOND) is None


def test_a_window_announced_anew_takes_the_place_of_what_was_announced_before():
    held = fold(evolve, SchemeRecord(), [*WINDOWS, window("w1", 250, 290)])

    assert [one.window for one in held.windows] == ["w2", "w3", "w1"]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("publish"), st.integers(1, 4), st.sampled_from("ab")),
            st.tuples(st.just("authorise"), st.sampled_from(["p", "q"]), st.sampled_from(["chair", "assessor"])),
            st.tuples(st.just("end"), st.sampled_from(["p", "q"]), st.sampled_from(["chair", "assessor"])),
            st.tuples(st.just("announce"), st.sampled_from(["w", "v"]), st.integers(1, 50)),
        ),
        max_size=20,
    )
)
def test_whatever_is_tried_what_was_published_stays_and_a_repetition_changes_nothing(commands: list):
    held = SchemeRecord()

    def decide(what: str, one, other) -> list[record.SchemeEvent]:
        match what:
            case "publish":
                return record.publish(held, scheme=scheme(version=one, digest=other), source=SOURCE)
            case "authorise":
                return record.authorise(held, person=one, role=other)
            case "end":
                return record.end_authority(held, person=one, role=other)
            case _:
                closes_at = NOON + other * DAY
                return [
                    WindowAnnounced(
                        window=one, opens_at=NOON, closes_at=closes_at, results_by=closes_at + timedelta(days=9)
                    )
                ]

    for command in commands:
        before = held
        try:
            held = fold(evolve, held, decide(*command))
        except Refused:
            continue
        assert before.versions.items() <= held.versions.items()
        assert held.latest >= before.latest
        assert command[0] == "announce" or decide(*command) == []
        assert [one.closes_at for one in held.windows] == sorted(one.closes_at for one in held.windows)
        assert len({one.window for one in held.windows}) == len(held.windows)
