"""Payloads of live data: cut by bytes, numbered without a hole, read back as they were."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphapulse_resources.broadcast.wire import (
    MOST_BYTES,
    UnreadableError,
    item,
    large_item,
    most_of_item,
    new_rows,
    pack,
    unpack,
)

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


@given(st.lists(ANY_TEXT, max_size=200), st.integers(1, 2**62))
def test_payloads_fit_whatever_the_text_and_lose_nothing(texts: list[str], first: int) -> None:
    items = [item("w", number, [text]) for number, text in enumerate(texts)]
    payloads = pack("1-of-1-abcd/books", first, items)
    largest = max(len(b"%d " % (2**64 - 1) + payload) for payload in payloads)
    assert largest <= MOST_BYTES
    read = [unpack(b"7 " + payload) for payload in payloads]
    assert [each.number for each in read] == list(range(first, first + len(read)))
    assert [told for each in read for told in each.items] == [["w", n, [t]] for n, t in enumerate(texts)]


def test_bytes_count_and_not_characters() -> None:
    whale = item("w", 1, ["\U0001f40b" * 1_000])  # 4,000 bytes
    assert len(pack("p", 1, [whale, whale])) == 2
    assert len(pack("p", 1, [item("w", 1, ["w" * 1_000])] * 2)) == 1


def test_an_item_that_fits_in_no_payload_is_refused_and_its_key_is_told_instead() -> None:
    large = item("ph", 1, ["x" * most_of_item("p")])
    with pytest.raises(ValueError, match="fits in no payload"):
        pack("p", 1, [large])
    (payload,) = pack("p", 1, [large_item("ph", 1, [60, "2026-01-01"])])
    assert list(unpack(b"0 " + payload).items) == [["ph", 1, None, [60, "2026-01-01"]]]


def test_nothing_to_tell_is_a_beat_with_a_number() -> None:
    (payload,) = pack("p", 12, [])
    beat = unpack(b"0 " + payload)
    assert (beat.number, list(beat.items), beat.transaction) == (12, [], None)


def test_values_are_as_json_has_them() -> None:
    told = item("t", 1, [datetime(2026, 1, 2, 3, tzinfo=UTC), float("nan"), None, True])
    assert told == b'["t",1,["2026-01-02T03:00:00Z",null,null,true]]'
    assert new_rows("open_interest") == b'["!","open_interest"]'


@pytest.mark.parametrize("payload", [b"", b"7", b"x [1]", b"7 {}", b'7 [2,"p",1,[]]', b"7 [1]"])
def test_what_is_none_of_ours_is_said_to_be(payload: bytes) -> None:
    with pytest.raises(UnreadableError):
        unpack(payload)
