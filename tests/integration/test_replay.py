"""`alphapulse replay`: real captures give exactly their book states; any lost message is noticed."""

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alphapulse_assets.order_book.book.events import Cause
from alphapulse_assets.order_book.session.replay import Replay
from alphapulse_resources.streams.capture import Kind, Record, read_captures
from alphapulse_resources.streams.messages import DepthDiff
from alphapulse_resources.streams.venues import ADAPTERS
from tests.integration.cli_support import Said, run, run_process

REAL = {"binance": ("BINANCE", 176, 177, 4), "binanceusdm": ("BINANCE_FUTURES", 756, 764, 4)}
each_capture = pytest.mark.parametrize("venue", sorted(REAL))


def capture(shared_data: Path, venue: str) -> list[Path]:
    name = REAL[venue][0]
    return [shared_data / "binance_capture" / f"{name}{end}" for end in (".ws.1.0", ".0", ".http.0.0")]


def replay(*arguments: object) -> Said:
    return run("replay", "--venue", *map(str, arguments))


def report(*arguments: object) -> Any:
    said = replay(*arguments, "--json")
    assert said.code == 0, said.err
    return said.json


@each_capture
def test_a_real_capture_gives_exactly_its_book_states(shared_data: Path, venue: str) -> None:
    _, states, depth, books = REAL[venue]
    found = report(venue, *capture(shared_data, venue))
    assert (found["book_states"], found["depth_messages"], len(found["symbols"])) == (states, depth, books)
    assert (found["gaps"], found["crossed"], found["resyncs"], found["malformed"]) == (0, 0, 0, 0)
    assert (found["unsynced"], found["snapshots_unused"]) == ([], 0)
    assert found["messages"] == depth + found["trades"] + sum(found["other"].values())


@each_capture
def test_the_order_of_the_files_does_not_matter(shared_data: Path, venue: str) -> None:
    files = capture(shared_data, venue)
    forth, back = (report(venue, *order)["symbols"] for order in (files, reversed(files)))
    assert {name: book["digest"] for name, book in forth.items()} == {
        name: book["digest"] for name, book in back.items()
    }


@each_capture
def test_every_lost_message_is_noticed_at_the_next_of_its_symbol(shared_data: Path, venue: str) -> None:
    """Each depth message is dropped in turn; where a snapshot holds what was lost, the book stays right."""
    records = [record for record in read_captures(capture(shared_data, venue)) if matters(record)]
    whole = replayed(venue, records)
    following = next_of_symbol(venue, records)
    assert len(following) == REAL[venue][2]
    noticed = covered = 0
    for number, next_at in enumerate(following, 1):
        lossy = replayed(venue, records, drop=number)
        (symbol,) = lossy.tally.dropped_symbols
        assert others(lossy, symbol) == others(whole, symbol)
        book, gaps = lossy.manager.books[symbol], [e for e in lossy.events if e.cause in GAPS]
        assert [(event.symbol, event.at) for event in gaps] == ([(symbol, next_at)] if next_at else [])
        assert book.counts.crossed == 0
        noticed += book.wants_snapshot
        covered += book.counts.covered_gaps
        if not book.wants_snapshot and gaps:
            assert book.bids() == whole.manager.books[symbol].bids()
    first_and_last = 2 * len(whole.manager.books)
    assert noticed + covered == len(following) - first_and_last
    assert noticed > 10 * covered


GAPS = (Cause.GAP, Cause.COVERED_GAP)


def matters(record: Record) -> bool:
    return record.kind is Kind.HTTP or b"depthUpdate" in record.body


def replayed(venue: str, records: list[Record], drop: int | None = None) -> Replay:
    made = Replay(ADAPTERS[venue], drop=drop)
    for record in records:
        made.feed(record)
    return made


def next_of_symbol(venue: str, records: list[Record]) -> list[float | None]:
    """For each depth message: when the next of its symbol came; None if it is a symbol's first or last."""
    seen: list[tuple[str, float]] = []
    for record in records:
        if record.kind is Kind.FRAME:
            (message,) = ADAPTERS[venue].decode(record.body)
            assert isinstance(message, DepthDiff)
            seen.append((message.symbol, record.at))
    result: list[float | None] = []
    for number, (symbol, _) in enumerate(seen):
        before = any(name == symbol for name, _ in seen[:number])
        later = [at for name, at in seen[number + 1 :] if name == symbol]
        result.append(later[0] if before and later else None)
    return result


def others(made: Replay, symbol: str) -> dict[str, tuple[Any, ...]]:
    return {
        name: (book.state, book.last_id, book.counts.book_states, book.features)
        for name, book in made.manager.books.items()
        if name != symbol
    }


@each_capture
def test_a_dropped_message_is_told_on_the_command_line(shared_data: Path, venue: str) -> None:
    found = report(venue, *capture(shared_data, venue), "--drop", 100)
    assert (found["gaps"], found["resyncs"], found["crossed"]) == (1, 0, 0)
    assert found["dropped"]["symbols"] == found["unsynced"]
    assert found["symbols"][found["unsynced"][0]]["features"] is None
    (gap,) = (event for event in found["events"] if event["cause"] == "gap")
    assert (gap["from"], gap["to"]) == ("synced", "broken")
    assert gap["detail"]["seen"] > gap["detail"]["expected"]


def levels(*pairs: tuple[float, float]) -> list[list[str]]:
    return [[f"{price:.8f}", f"{size:.8f}"] for price, size in pairs]


def frame(at: float, symbol: str, first: int, last: int, pu: int | None = None, **sides: Any) -> str:
    data = {"e": "depthUpdate", "E": int(at * 1000), "s": symbol, "U": first, "u": last, "b": [], "a": []}
    if pu is not None:
        data |= {"T": int(at * 1000) - 1, "ps": symbol.split("_")[0], "pu": pu}
    return f"{at}: " + json.dumps({"stream": f"{symbol.lower()}@depth@100ms", "data": data | sides})


def answer(at: float, url: str, last_id: int, **extra: Any) -> str:
    body = {"lastUpdateId": last_id, "bids": levels((99, 1)), "asks": levels((101, 1))} | extra
    return f"{url} -> {at}: " + json.dumps(body)


def write(path: Path, lines: list[str]) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


SPOT_URL = "https://api.binance.us/api/v3/depth?symbol=BTCUSD&limit=1000"
COIN_URL = "https://dapi.binance.com/dapi/v1/depth?symbol=BTCUSD_PERP&limit=1000"


@pytest.fixture
def binanceus(tmp_path: Path) -> tuple[Path, Path]:
    """One book with two snapshots: the second helps after a gap."""
    http = write(tmp_path / "BINANCE_US.http.0.0", [answer(2.5, SPOT_URL, 102), answer(6.5, SPOT_URL, 106)])
    lines = ["wss://stream.binance.us:9443/stream?streams=btcusd@depth@100ms <-> 1.0"]
    lines += [frame(float(n), "BTCUSD", 99 + n, 99 + n, b=levels((98, n))) for n in range(2, 11)]
    return http, write(tmp_path / "BINANCE_US.ws.1.0", lines)


def test_binance_us_speaks_binances_protocol(binanceus: tuple[Path, Path]) -> None:
    found = report("binanceus", *binanceus)
    assert (found["book_states"], found["gaps"], found["snapshots_unused"]) == (8, 0, 1)
    assert found["symbols"]["BTCUSD"]["old"] == 2


def test_after_a_gap_the_next_snapshot_recorded_mends_the_book(binanceus: tuple[Path, Path]) -> None:
    found = report("binanceus", *binanceus, "--drop", 3)
    assert (found["gaps"], found["resyncs"], found["unsynced"], found["snapshots_unused"]) == (1, 1, [], 0)
    causes = [(event["cause"], event["to"]) for event in found["events"]]
    assert causes == [
        ("snapshot", "synced"),
        ("gap", "broken"),
        ("requested", "resyncing"),
        ("snapshot", "synced"),
    ]
    assert found["symbols"]["BTCUSD"]["bids"] == 2


def test_coin_margined_futures_are_joined_by_pu_and_measured_in_contracts(tmp_path: Path) -> None:
    name = "BTCUSD_PERP"
    lines = [frame(2.0, name, 90, 95, 80), frame(2.1, name, 97, 110, 95, b=levels((98.99, 7)))]
    lines += [frame(3.0, name, 130, 140, 110), frame(3.1, name, 150, 150, 140, b=levels((98.99, 9)))]
    http = write(
        tmp_path / "BINANCE_DELIVERY.http.0.0", [answer(2.5, COIN_URL, 100, symbol=name, pair="BTCUSD")]
    )
    ws = write(tmp_path / "BINANCE_DELIVERY.ws.1.0", lines)
    found = report("binancecoinm", ws, http)
    assert (found["book_states"], found["gaps"], found["unsynced"]) == (4, 0, [])
    assert found["symbols"][name]["features"]["bid_slope"] == pytest.approx(slope((100.0, 1), (101.0, 10)))
    assert report("binancecoinm", ws, http, "--drop", 3)["unsynced"] == [name]


def slope(*points: tuple[float, float]) -> float:
    return sum(x * y for x, y in points) / sum(x * x for x, _ in points)


def bybit_line(number: int, kind: str, u: int, symbol: str = "BTCUSDT", **sides: Any) -> str:
    data = {"s": symbol, "b": [], "a": [], "u": u, "seq": 7 * u} | sides
    ts = 1_674_691_200_000 + 100 * number
    return json.dumps(
        {"topic": f"orderbook.500.{symbol}", "type": kind, "ts": ts, "data": data, "cts": ts - 5}
    )


BOOK = {"b": levels((99, 1), (98, 2)), "a": levels((101, 1), (102, 2))}


@pytest.fixture
def bybit_zip(tmp_path: Path) -> Path:
    """Snapshot, 8 deltas, and after them a restart with 3 more."""
    lines = [bybit_line(0, "snapshot", 50, **BOOK)]
    lines += [bybit_line(n, "delta", 50 + n, b=levels((97, n))) for n in range(1, 9)]
    lines += [bybit_line(10, "snapshot", 1, **BOOK)]
    lines += [bybit_line(10 + n, "delta", 1 + n, a=levels((103, n))) for n in range(1, 4)]
    path = tmp_path / "2023-01-26_BTCUSDT_ob500.data.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("2023-01-26_BTCUSDT_ob500.data", "\n".join(lines) + "\n")
    return path


def test_bybits_archive_is_read_as_it_is(bybit_zip: Path) -> None:
    found = report("bybit", bybit_zip)
    assert (found["messages"], found["book_states"], found["gaps"], found["resyncs"]) == (13, 13, 0, 0)
    assert found["symbols"]["BTCUSDT"]["snapshots"] == 2
    assert [event["cause"] for event in found["events"]] == ["snapshot", "service_restart"]
    assert found["first_at"] == "2023-01-26T00:00:00Z"


@pytest.mark.parametrize(
    ("drop", "gaps", "resyncs", "states"),
    [(1, 1, 1, 4), (2, 1, 1, 5), (5, 1, 1, 8), (9, 0, 0, 12), (12, 1, 0, 11)],
)
def test_a_lost_line_of_bybits_archive_is_noticed(
    bybit_zip: Path, drop: int, gaps: int, resyncs: int, states: int
) -> None:
    """A restart mends what was broken before it; a line lost just before it leaves no trace in the ids."""
    found = report("bybit", bybit_zip, "--drop", drop)
    assert (found["gaps"], found["resyncs"], found["book_states"]) == (gaps, resyncs, states)


def test_a_truncated_archive_is_read_as_far_as_it_goes(bybit_zip: Path, tmp_path: Path) -> None:
    text = "\n".join(bybit_line(n, "delta" if n else "snapshot", 50 + n, **BOOK) for n in range(2000))
    with zipfile.ZipFile(bybit_zip, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("part.data", text)
    raw = bytearray(bybit_zip.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    bybit_zip.write_bytes(raw)
    found = report("bybit", bybit_zip)
    assert found["malformed"] >= 1
    assert found["book_states"] > 100


def coinbase_line(at: int, number: int, channel: str, events: list[dict[str, Any]]) -> str:
    moment = f"2023-02-09T20:32:{at:02d}.000000001Z"
    message = {"channel": channel, "timestamp": moment, "sequence_num": number, "events": events}
    return f"{1675974700.5 + at}: {json.dumps(message)}"


def coinbase_book(kind: str, product: str, price: float) -> dict[str, Any]:
    sides = (("bid", price), ("offer", price + 1)) if kind == "snapshot" else (("bid", price),)
    return {
        "type": kind,
        "product_id": product,
        "updates": [{"side": side, "price_level": str(at), "new_quantity": "1"} for side, at in sides],
    }


def coinbase_lines(product: str) -> Iterator[str]:
    yield "wss://advanced-trade-ws.coinbase.com <-> 1675974700.0"
    yield 'wss://advanced-trade-ws.coinbase.com <- 1675974700.1: {"type":"subscribe","channel":"level2"}'
    yield coinbase_line(0, 0, "subscriptions", [{"subscriptions": {"level2": [product]}}])
    yield coinbase_line(1, 1, "l2_data", [coinbase_book("snapshot", product, 99.0)])
    yield coinbase_line(2, 2, "l2_data", [coinbase_book("update", product, 99.25)])
    yield coinbase_line(3, 3, "heartbeats", [{"current_time": "x", "heartbeat_counter": 1}])
    yield coinbase_line(4, 4, "l2_data", [coinbase_book("update", product, 99.5)])
    yield coinbase_line(5, 5, "l2_data", [coinbase_book("snapshot", product, 98.0)])


def test_a_coinbase_gap_shows_on_any_channel_and_on_its_connection_only(tmp_path: Path) -> None:
    files = [
        write(tmp_path / f"COINBASE.ws.{number}.0", list(coinbase_lines(product)))
        for number, product in enumerate(("BTC-USD", "ETH-USD"))
    ]
    whole = report("coinbase", *files)
    assert (whole["messages"], whole["book_states"], whole["gaps"]) == (12, 8, 0)
    lossy = report("coinbase", *files, "--drop", 3)
    (symbol,) = lossy["dropped"]["symbols"]
    assert (lossy["gaps"], lossy["resyncs"], lossy["book_states"]) == (1, 1, 6)
    (gap,) = (event for event in lossy["events"] if event["cause"] == "connection_gap")
    assert (gap["symbol"], gap["detail"]) == (symbol, {"expected": 2, "seen": 3})


def test_garbage_lines_are_counted_with_their_numbers(binanceus: tuple[Path, Path]) -> None:
    http, ws = binanceus
    lines = ws.read_text().splitlines()
    lines[3:3] = [
        "garbage",
        '3.2: {"stream":"btcusd@depth","data":{"e":"depthUpdate","s":"BTCUSD"',
        "4.0: [/b]",
    ]
    write(ws, lines)
    found = report("binanceus", http, ws)
    assert (found["malformed"], found["book_states"]) == (3, 8)
    places = [(Path(line["place"]).name, line["symbol"]) for line in found["malformed_lines"]]
    assert places == [(f"{ws.name}:4", ""), (f"{ws.name}:5", "BTCUSD"), (f"{ws.name}:6", "")]
    said = replay("binanceus", http, ws)
    assert said.code == 0
    assert f"{ws.name}:5" in said.out
    assert "BTCUSD" in said.out


def test_a_file_without_anything_readable_is_an_error(tmp_path: Path) -> None:
    garbage = write(tmp_path / "garbage", ["one", "two"])
    said = replay("binance", garbage, "--json")
    assert (said.code, said.json["malformed"]) == (1, 2)
    assert "nothing could be read" in said.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("binance", "/no/such/file"), "there is no file"),
        (("deribit", __file__), "has no stream adapter"),
        (("binance", __file__, "--speed", "slow"), "speed 'slow' is not known"),
    ],
)
def test_what_cannot_be_replayed_is_said(arguments: tuple[str, ...], message: str) -> None:
    said = replay(*arguments)
    assert said.code == 1
    assert message in said.err


def test_a_drop_beyond_the_end_is_said(binanceus: tuple[Path, Path]) -> None:
    said = replay("binanceus", *binanceus, "--drop", 99)
    assert said.code == 0
    assert "only 9 depth messages" in said.err


def test_the_recorded_pace_takes_its_time_and_gives_the_same_books(tmp_path: Path) -> None:
    lines = [frame(2.0 + n / 10, "BTCUSD", 103 + n, 103 + n, b=levels((98, n))) for n in range(4)]
    files = write(tmp_path / "http", [answer(2.0, SPOT_URL, 102)]), write(tmp_path / "ws", lines)
    recorded, fastest = (report("binanceus", *files, "--speed", speed) for speed in ("recorded", "max"))
    assert recorded["symbols"] == fastest["symbols"]
    assert recorded["book_states"] == 5
    assert recorded["seconds"] >= 0.3  # it cannot be faster than what was recorded


def test_the_command_prints_one_json_object_in_a_process_of_its_own(binanceus: tuple[Path, Path]) -> None:
    said = run_process("replay", "--venue", "binanceus", *map(str, binanceus), "--json")
    assert said.code == 0, said.err
    assert said.json["book_states"] == 8
    assert said.err == ""
