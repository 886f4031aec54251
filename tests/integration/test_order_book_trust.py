"""When an order book could be trusted, by its events and its worker's last sign of life."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from candle_frames import register
from stream_rows import DAY, DELAY, HOUR, MINUTE, SECOND, event, put, shown, snapshot, today, worker

from alphapulse_resources.database.client import Database

START = today() - DAY


def now() -> datetime:
    return datetime.now(UTC)


def trust(database: Database) -> list[tuple[Any, ...]]:
    """Stretches as (state, start, end, why it ended)."""
    rows = database.rows("SELECT * FROM order_book_trust ORDER BY valid_from")
    return [(row["state"], row["valid_from"], row["valid_until"], row["ended_with"]) for row in rows]


def test_stretches_of_trust_follow_each_other(database: Database, btc: int) -> None:
    a, b, c, d = (START + n * MINUTE for n in range(4))
    put(
        database,
        "order_book_events",
        [
            event(btc, a, "none>buffering", "started"),
            event(btc, b, "buffering>synced", "snapshot"),
            event(btc, b + SECOND, "synced>synced", "covered_gap"),  # noticed; changes nothing
            event(btc, c, "synced>broken", "crossed"),
            event(btc, d, "broken>stopped", "stopped"),
        ],
    )
    assert trust(database) == [
        ("buffering", a, b, "snapshot"),
        ("synced", b, c, "crossed"),
        ("broken", c, d, "stopped"),
        ("stopped", d, None, None),
    ]
    (synced,) = shown(database, "order_book_synced", venue="binance", symbol="BTC/USDT")
    assert (synced["valid_from"], synced["seconds"], synced["began_with"]) == (b, 60.0, "snapshot")


def test_changes_of_one_moment_are_a_path_whatever_their_order(database: Database, btc: int) -> None:
    a, b, c = (START + n * MINUTE for n in range(3))
    put(
        database,
        "order_book_events",
        [
            event(btc, a, "none>resyncing", "started"),
            # a snapshot whose pending diffs break it at once, and another one asked for: as before
            event(btc, b, "synced>broken", "gap"),
            event(btc, b, "resyncing>synced", "snapshot"),
            event(btc, b, "broken>resyncing", "requested"),
            event(btc, c, "resyncing>synced", "snapshot"),
            event(btc, c + MINUTE, "broken>resyncing", "requested"),
            event(btc, c + MINUTE, "synced>broken", "gap"),
        ],
    )
    assert [row[:2] for row in trust(database)] == [
        ("resyncing", a),
        ("synced", c),
        ("resyncing", c + MINUTE),
    ]
    assert trust(database)[1][3] == "gap"  # not what came after it


@pytest.mark.parametrize(("silence", "ended"), [(timedelta(seconds=5), False), (timedelta(seconds=60), True)])
def test_an_open_stretch_ends_with_the_last_sign_of_life_of_its_run(
    database: Database, btc: int, silence: timedelta, ended: bool
) -> None:
    start, heartbeat = now() - HOUR, now() - silence
    put(database, "stream_workers", [worker("run", heartbeat)])
    put(database, "order_book_events", [event(btc, start, "buffering>synced", "snapshot")])
    assert trust(database) == [
        ("synced", start, heartbeat, "worker_lost") if ended else ("synced", start, None, None)
    ]
    (row,) = shown(database, "order_book_synced")
    until = heartbeat if ended else now()
    assert row["seconds"] == pytest.approx((until - start).total_seconds(), abs=20)


def test_a_run_that_nothing_is_known_of_vouches_for_no_time(database: Database, btc: int) -> None:
    put(database, "order_book_events", [event(btc, START, "buffering>synced", "snapshot")])
    assert trust(database) == [("synced", START, START, "worker_unknown")]
    assert shown(database, "order_book_synced") == []


def test_the_time_between_a_lost_run_and_the_next_is_nobodys(database: Database, btc: int) -> None:
    lost, again = START + 10 * MINUTE, START + 12 * MINUTE
    put(database, "stream_workers", [worker("one", lost), worker("two", now())])
    put(
        database,
        "order_book_events",
        [
            event(btc, START, "buffering>synced", "snapshot", "one"),
            event(btc, again, "none>buffering", "started", "two"),
        ],
    )
    assert trust(database) == [
        ("synced", START, lost, "worker_lost"),
        ("buffering", again, None, None),
    ]


def test_the_late_end_of_an_earlier_run_does_not_end_the_trust_in_the_next(
    database: Database, btc: int
) -> None:
    handover = START + 10 * MINUTE
    put(database, "stream_workers", [worker("one", handover + MINUTE), worker("two", now())])
    put(
        database,
        "order_book_events",
        [
            event(btc, START, "buffering>synced", "snapshot", "one"),
            event(btc, handover, "none>buffering", "started", "two"),
            event(btc, handover + SECOND, "buffering>synced", "snapshot", "two"),
            event(btc, handover + 5 * SECOND, "synced>stopped", "stopped", "one"),
        ],
    )
    assert trust(database) == [
        ("synced", START, handover, "started"),
        ("buffering", handover, handover + SECOND, "snapshot"),
        ("synced", handover + SECOND, None, None),
    ]


def test_books_of_different_instruments_have_stretches_of_their_own(database: Database, btc: int) -> None:
    (eth,) = register(database, ["ETH/USDT"])
    states = (("buffering>synced", "snapshot"), ("synced>stopped", "stopped"))
    put(
        database,
        "order_book_events",
        [
            event(i, START + (n + 2 * k) * MINUTE, *state)
            for k, i in enumerate((btc, eth))
            for n, state in enumerate(states)
        ],
    )
    assert [row["valid_from"] for row in shown(database, "order_book_synced", symbol="ETH/USDT")] == [
        START + 2 * MINUTE
    ]
    assert len(shown(database, "order_book_synced")) == 2


def test_trusted_snapshots_are_those_received_while_the_book_was_synced(database: Database, btc: int) -> None:
    (eth,) = register(database, ["ETH/USDT"])
    end = START + 10 * SECOND
    put(
        database,
        "order_book_events",
        [
            event(i, at, states, "x")
            for i in (btc, eth)
            for at, states in ((START, "broken>synced"), (end, "synced>broken"))
        ],
    )
    # by when they were received: within, within, after
    early, within, late = START - DELAY / 2, START + 5 * SECOND, end - DELAY / 2
    put(
        database,
        "order_book_snapshots",
        [snapshot(i, ts) for i in (btc, eth) for ts in (START - SECOND, early, within, late)],
    )
    query = "SELECT ts, symbol FROM trusted_snapshots('binance', 'BTC/USDT', %(start)s, %(end)s) ORDER BY ts"
    rows = database.rows(query, {"start": START - MINUTE, "end": end})
    assert [(row["ts"], row["symbol"]) for row in rows] == [(early, "BTC/USDT"), (within, "BTC/USDT")]
    assert [row["ts"] for row in database.rows(query, {"start": START, "end": end})] == [within]


def test_a_gap_tells_when_the_book_was_right_again(database: Database, btc: int) -> None:
    put(
        database,
        "order_book_events",
        [
            event(btc, START, "synced>broken", "gap"),
            event(btc, START + 2 * SECOND, "broken>synced", "snapshot"),
            event(btc, START + MINUTE, "synced>stopped", "stopped"),
        ],
    )
    gap, stop = sorted(shown(database, "book_gaps", symbol="BTC/USDT"), key=lambda row: row["ts"])
    assert (gap["cause"], gap["seconds"], gap["detail"]) == ("gap", 2.0, {"expected": 7, "seen": 9})
    assert (stop["cause"], stop["synced_again_at"], stop["seconds"]) == ("stopped", None, None)
