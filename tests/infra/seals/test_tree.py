"""The tree is that of RFC 6962, in whatever pieces it grows, and its proofs convince a checker that shares nothing with it."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.pack import verify
from infra.seals.growing import HASH, LEAVES, Growing, nodes
from infra.seals.tree import around, consistency, inclusion, leaf_hash, root
from tests.independent.checking import Wrong, consistent, included, root_of, root_of_parts

LISTS = [leaf_hash(bytes([one])) for one in range(70)]


def node_of(leaves: list[bytes]):
    """What proofs are made of, from the definition itself."""

    def node(height: int, index: int) -> bytes:
        assert (index + 1) << height <= len(leaves), "a proof asked for a subtree that is not whole"
        return root_of(leaves[index << height : (index + 1) << height])

    return node


# The first eight roots over the test leaves of the reference implementation of certificate transparency.
LEAVES_OF_CT = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS_OF_CT = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


@given(st.sets(st.integers(0, 69), min_size=1, max_size=20), st.integers(1, 70))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_some_leaves_are_proven_together_by_the_parts_around_them_and_by_no_part_more_or_less(
    found: set[int], size: int
):
    indexes = sorted(one for one in found if one < size) or [size - 1]
    whole = root_of(LISTS[:size])

    others = around(node_of(LISTS[:size]), indexes, size)

    parts = [(begin, end, one) for (begin, end), one in others.items()]
    parts += [(one, one + 1, LISTS[one]) for one in indexes]
    leaves = {one: LISTS[one] for one in indexes}
    assert root_of_parts(size, parts) == verify.root_of(size, leaves, others) == whole
    assert len(others) <= sum(len(inclusion(node_of(LISTS[:size]), one, size)) for one in indexes)
    assert verify.root_of(size, leaves | {indexes[0]: bytes(32)}, others) != whole
    for gone in others:
        less = {place: one for place, one in others.items() if place != gone}
        with pytest.raises(verify.Wrong, match="lacks"):
            verify.root_of(size, leaves, less)
        with pytest.raises(Wrong):
            root_of_parts(size, [one for one in parts if one[:2] != gone])
        assert verify.root_of(size, leaves, {**others, gone: bytes(32)}) != whole


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_that_others_compute_over_the_same_leaves(size: int):
    leaves = [leaf_hash(bytes.fromhex(one)) for one in LEAVES_OF_CT[:size]]

    assert root(node_of(leaves), size).hex() == ROOTS_OF_CT[size - 1]
    assert root_of(leaves).hex() == ROOTS_OF_CT[size - 1]


def test_every_leaf_of_every_tree_is_proven_and_by_its_own_path_alone():
    for size in range(1, len(LISTS) + 1):
        leaves, whole = LISTS[:size], root_of(LISTS[:size])
        for index in range(size):
            path = inclusion(node_of(leaves), index, size)
            assert included(leaves[index], index, size, path) == whole
            if size > 1:
                assert leads(leaves[index - 1], index, size, path) != whole
                assert leads(leaves[index], (index + 1) % size, size, path) != whole
                assert leads(leaves[index], index, size, path[:-1]) != whole
            assert leads(leaves[index], index, size, [*path, whole]) != whole


def test_every_tree_is_proven_to_be_the_beginning_of_every_later_one():
    for after in range(len(LISTS) + 1):
        for before in range(after + 1):
            path = consistency(node_of(LISTS[:after]), before, after)
            one, other = root_of(LISTS[:before]), root_of(LISTS[:after])
            consistent(before, after, one, other, path)
            if 0 < before < after:
                for wrong in (
                    (sha256(one).digest(), other, path),
                    (one, sha256(other).digest(), path),
                    (one, other, path[:-1]),
                ):
                    with pytest.raises(Wrong):
                        consistent(before, after, *wrong)


@given(cuts=st.lists(st.integers(0, 700), max_size=6), size=st.integers(0, 700))
@settings(deadline=None, max_examples=60)
def test_in_whatever_pieces_it_grows_the_tree_and_its_tiles_are_the_same(cuts: list[int], size: int):
    leaves = [leaf_hash(one.to_bytes(2, "big")) for one in range(size)]
    growing, kept = Growing(), dict[tuple[int, int], bytes]()
    begin = 0
    for end in [*sorted(one for one in cuts if one < size), size]:
        kept |= {(level, number): tile for level, number, tile in growing.grow(b"".join(leaves[begin:end]))}
        begin = end
    kept |= {(level, number): tile for level, number, tile in growing.edge()}

    assert growing.size == size
    assert growing.root() == root_of(leaves) == root(nodes(lambda level, number: kept[level, number]), size)
    for number in range(-(-size // LEAVES)):
        assert kept[0, number] == b"".join(leaves[number * LEAVES : (number + 1) * LEAVES])
    assert sum(len(tile) for (level, _), tile in kept.items() if level == 1) == size // LEAVES * HASH


def leads(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    try:
        return included(leaf, index, size, path)
    except Wrong:
        return None
