"""Another sink beside the database's: it gets every row, and whatever it does disturbs nobody."""

from threading import Event
from typing import Any

from alphapulse_resources.streams.sinks import SinkBeside, put_everywhere
from alphapulse_resources.streams.tables import CANDLES, FORMING_CANDLES, Row, StreamTable

SECONDS = 30.0


class Recorder:
    """Keeps what it gets; waits for leave first, and fails on what is no number."""

    name = "recorder"

    def __init__(self) -> None:
        self.leave = Event()
        self.rows: list[tuple[str, int]] = []

    def put(self, table: StreamTable, row: Row) -> None:
        assert self.leave.wait(SECONDS)
        self.rows.append((table.name, row[0] + 0))


def test_a_sink_gets_every_row_in_order() -> None:
    recorder, stored = Recorder(), list[tuple[StreamTable, Row]]()
    recorder.leave.set()
    beside = SinkBeside(recorder)
    beside.start()
    put = put_everywhere([lambda table, row: stored.append((table, row)), beside.put])
    for number in range(1000):
        put(CANDLES if number % 2 else FORMING_CANDLES, (number,))
    assert beside.close(SECONDS)
    assert recorder.rows == [(table.name, row[0]) for table, row in stored]
    assert len(stored) == 1000


def test_a_slow_sink_holds_up_nobody_and_what_it_misses_is_counted() -> None:
    recorder = Recorder()
    beside = SinkBeside(recorder, most_rows=10)
    beside.start()
    for number in range(100):
        beside.put(CANDLES, (number,))  # would block for ever if it waited
    recorder.leave.set()
    assert not beside.close(SECONDS)
    taken = len(recorder.rows)
    assert 10 <= taken <= 11  # what waited, and the one in its hands
    assert beside.missed == 100 - taken


def test_a_sink_that_fails_misses_that_row_alone() -> None:
    recorder = Recorder()
    recorder.leave.set()
    beside = SinkBeside(recorder)
    beside.start()
    rows: list[Any] = [1, "no number", 3]
    for each in rows:
        beside.put(CANDLES, (each,))
    assert not beside.close(SECONDS)
    assert [value for _, value in recorder.rows] == [1, 3]
    assert beside.missed == 1


def test_a_single_sink_is_called_without_a_detour() -> None:
    put = Recorder().put
    assert put_everywhere([put]) == put
