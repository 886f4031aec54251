"""What a stream run tells: rows of its batches, watched books, beats; numbers jump where it told less."""

from datetime import UTC, datetime
from typing import Any

import pytest

from alphapulse_assets.order_book.session.live_beat import LiveBeat
from alphapulse_assets.streaming import derived_rows, pattern_rows
from alphapulse_resources.broadcast.bus import BusError
from alphapulse_resources.broadcast.wire import MOST_BYTES, unpack
from alphapulse_resources.streams import announcing, feeds, tables
from alphapulse_resources.streams.announcing import Announcer, LaneAnnouncer
from alphapulse_resources.streams.storing import Stored
from alphapulse_resources.streams.tables import StreamTable

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
TABLES = {
    table.name: table
    for module in (tables, derived_rows, pattern_rows, feeds)
    for table in vars(module).values()
    if isinstance(table, StreamTable)
}


class Line:
    """A bus that keeps what it is given, or fails."""

    def __init__(self, *, in_transaction: bool = True) -> None:
        self.in_transaction = in_transaction
        self.sent: list[bytes] = []
        self.fails = False

    def publish(self, topic: str, payloads: list[bytes]) -> None:
        if self.fails:
            raise BusError("nobody is there")
        self.sent += payloads

    def listen(self, topic: str) -> Any:
        raise NotImplementedError

    def close(self) -> None:
        pass


def announcer(line: Line | None = None) -> Announcer:
    return Announcer(None, line or Line(), "topic", "1-of-1")  # type: ignore[arg-type]


def row_of(table: StreamTable, **values: Any) -> tuple[Any, ...]:
    made = {
        name: NOW
        if "Datetime" in str(kind) and "List" not in str(kind)
        else '{"a":1}'
        if name in table.json
        else [1.5]
        if "List" in str(kind)
        else "word"
        if str(kind) == "String"
        else 1
        for name, kind in table.columns.items()
    }
    return tuple((made | values)[name] for name in table.columns)


def numbers(payloads: list[bytes]) -> list[int]:
    return [unpack(b"0 " + payload).number for payload in payloads]


@pytest.mark.parametrize("feed", feeds.FEEDS, ids=lambda feed: feed.table)
def test_every_feed_is_of_a_table_that_streams_have_with_its_columns(feed: feeds.Feed) -> None:
    table = TABLES[feed.table]
    (payload,) = announcer().lane("any").payloads([(table, [row_of(table)])])
    ((code, instrument_id, values),) = unpack(b"0 " + payload).items
    assert (code, instrument_id, len(values)) == (feed.code, 1, len(feed.told))
    told = dict(zip(feed.told, values, strict=True))
    assert all(told[name] == {"a": 1} for name in feed.json)
    assert set(feed.key) <= set(feed.told)
    assert set(feed.json) <= set(table.json)


def test_numbers_run_on_and_jump_where_something_was_not_told() -> None:
    lane = announcer().lane("books")
    batch = [(TABLES["trades_1s"], [row_of(TABLES["trades_1s"])] * 100)]
    first = lane.payloads(batch)
    lane.settle(Stored(announced=True), first)
    second = lane.payloads(batch)
    assert numbers(first + second) == list(range(1, len(first + second) + 1))
    lane.settle(Stored(announced=False), second)  # stored, but the server took no notification
    third = lane.payloads([])
    assert numbers(third) == [numbers(second)[-1] + 2]
    lane.untold()  # the transaction failed, or nobody knows
    assert numbers(lane.payloads([])) == [numbers(third)[0] + 2]
    assert lane.announcer.dropped == 1


def test_a_row_that_is_too_large_is_told_by_its_key() -> None:
    table = TABLES["chart_pattern_events"]
    large = row_of(table, lines='{"x":"' + "y" * 9_000 + '"}', pattern_id=77, stage="complete")
    payloads = announcer().lane("derived").payloads([(table, [large, row_of(table)])])
    assert all(len(payload) <= MOST_BYTES for payload in payloads)
    items = [item for payload in payloads for item in unpack(b"0 " + payload).items]
    assert items[0] == ["ph", 1, None, [1, "2026-05-04T12:00:00Z", 77, "complete"]]
    assert items[1][2] is not None


def test_a_row_that_cannot_be_told_holds_up_no_writer() -> None:
    lane = announcer().lane("any")
    bad = row_of(TABLES["trades_1s"], complete=object())
    assert lane.payloads([(TABLES["trades_1s"], [bad])]) == []
    assert numbers(lane.payloads([])) == [2]


def test_of_a_book_only_the_newest_state_waits_and_one_lane_tells_it() -> None:
    told = announcer()
    books, candles = told.lane("books", tells_books=True), told.lane("candles")
    table = TABLES["live_books"]
    for update in range(5):
        told.put_book(row_of(table, update_id=update))
    assert _items(candles, []) == []
    assert [item[2][1] for item in _items(books, [])] == [4]
    assert _items(books, []) == []


def test_a_full_queue_of_the_server_silences_until_there_is_room_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    told = announcer()
    lane = told.lane("books")
    for usage, silent in ((0.1, False), (0.5, True), (0.4, True), (0.24, False), (0.3, False)):
        told.note([], usage)
        assert told.silent is silent
        assert (lane.payloads([]) == []) is silent
    assert [record.message for record in caplog.records if "50% full" in record.message]


def test_after_a_failure_the_bus_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(in_transaction=False)
    told = announcer(line)
    lane = told.lane("books")
    line.fails = True
    payloads = lane.payloads([])
    assert lane.announcement(payloads) is not None
    lane.settle(Stored(announced=True, transaction=7), payloads)
    assert told.silent
    assert lane.payloads([]) == []
    line.fails = False
    monkeypatch.setattr(announcing, "monotonic", lambda: 1e12)
    payloads = lane.payloads([])
    lane.settle(Stored(announced=True, transaction=8), payloads)
    (sent,) = line.sent
    assert unpack(sent).transaction == 8
    assert unpack(sent).number == numbers(payloads)[0] > 2


def test_a_watched_book_is_told_at_once_and_then_at_most_so_often() -> None:
    beat = LiveBeat(0.1)
    assert not beat.due(0.0, watched=False, changed=True)
    assert beat.due(1.0, watched=True, changed=False)  # who begins to watch is told what there is
    assert not beat.due(1.05, watched=True, changed=True)
    assert beat.due(1.095, watched=True, changed=False)  # what changed in between waited
    assert not beat.due(2.0, watched=True, changed=False)
    assert beat.due(2.0, watched=True, changed=True)
    assert beat.due(0.5, watched=True, changed=True)  # a clock that was set back waits for none


def _items(lane: LaneAnnouncer, batch: list[Any]) -> list[Any]:
    return [item for payload in lane.payloads(batch) for item in unpack(b"0 " + payload).items]
