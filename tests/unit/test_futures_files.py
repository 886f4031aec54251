"""Reading files of funding rates and open interest: shapes of venues and collectors, and what is refused."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from alphapulse_resources.candle_files.model import CandleFileError, OtherInstrumentError
from alphapulse_resources.futures_history.files import FileOptions, FuturesFile, read_file
from alphapulse_resources.futures_history.labels import SEAM, label_over_rest, times_in_file, times_over_rest
from alphapulse_resources.futures_history.settlements import intervals, missing, to_minutes, with_intervals

T0 = datetime(2024, 1, 1, tzinfo=UTC)
MS = 1_704_067_200_000  # T0
HOUR_MS = 3_600_000


def read(path: Path, text: str | bytes, **said: Any) -> FuturesFile:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    options = {"kind": "funding", "venue": "binanceusdm", "symbol": "BTC/USDT:USDT", **said}
    return read_file(path, FileOptions(**options))


def rows(file: FuturesFile, *columns: str) -> list[tuple[Any, ...]]:
    (symbol,) = file.symbols
    return list(symbol.rows.select(columns).iter_rows())


EIGHT = (T0, 1e-4), (T0 + timedelta(hours=8), -2e-4)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "binance.json",
            json.dumps(
                [
                    {"symbol": "BTCUSDT", "fundingTime": MS, "fundingRate": "0.0001", "markPrice": "42000"},
                    {"symbol": "BTCUSDT", "fundingTime": MS + 8 * HOUR_MS, "fundingRate": "-0.0002"},
                ]
            ),
        ),
        (
            "bybit.json",
            json.dumps(
                {
                    "retCode": 0,
                    "result": {
                        "category": "linear",
                        "list": [
                            {"symbol": "BTCUSDT", "fundingRate": r, "fundingRateTimestamp": str(t)}
                            for t, r in ((MS, "0.0001"), (MS + 8 * HOUR_MS, "-0.0002"))
                        ],
                    },
                }
            ),
        ),
        (
            "okx.json",  # what was paid is realizedRate
            json.dumps(
                {
                    "code": "0",
                    "data": [
                        {
                            "instId": "BTC-USDT-SWAP",
                            "fundingRate": "0.7",
                            "realizedRate": r,
                            "fundingTime": str(t),
                        }
                        for t, r in ((MS, "0.0001"), (MS + 8 * HOUR_MS, "-0.0002"))
                    ],
                }
            ),
        ),
        (
            "kraken.json",  # fundingRate is dollars a contract
            json.dumps(
                {
                    "rates": [
                        {"timestamp": t, "fundingRate": 4.2, "relativeFundingRate": r}
                        for t, r in (("2024-01-01T00:00:00Z", 1e-4), ("2024-01-01T08:00:00Z", -2e-4))
                    ]
                }
            ),
        ),
        (
            "gate.json",
            f'[{{"t": {MS // 1000}, "r": "0.0001"}}, {{"t": {MS // 1000 + 28800}, "r": "-0.0002"}}]',
        ),
        (
            "archive.csv",
            "calc_time,funding_interval_hours,last_funding_rate\n"
            f"{MS},8,0.0001\n{MS + 8 * HOUR_MS},8,-0.0002\n",
        ),
        ("semicolons.csv", "Date (UTC);Funding Rate\n2024-01-01 00:00;0,0001\n2024-01-01 08:00;-0,0002\n"),
        (
            "offset.csv",
            "time,funding_rate\n2024-01-01T03:00:00+03:00,0.0001\n2024-01-01T11:00:00+03:00,-0.0002\n",
        ),
        (
            "lines.ndjson",
            f'{{"timestamp":{MS},"rate":1e-4}}\n{{"timestamp":{MS + 8 * HOUR_MS},"rate":-2e-4}}\n',
        ),
        ("columns.json", f'{{"t": [{MS}, {MS + 8 * HOUR_MS}], "r": ["0.0001", "-0.0002"]}}'),
        (
            "pandas.json",
            f'{{"fundingTime": {{"0": {MS}, "1": {MS + 8 * HOUR_MS}}}, "rate": {{"0": 1e-4, "1": -2e-4}}}}',
        ),
        ("freqtrade.json", f"[[{MS}, 0.0001, 0, 0, 0, 0], [{MS + 8 * HOUR_MS}, -0.0002, 0, 0, 0, 0]]"),
        ("percent.csv", f"timestamp,Funding Rate (%)\n{MS},0.01\n{MS + 8 * HOUR_MS},-0.02\n"),
    ],
)
def test_funding_of_many_shapes_is_the_same_two_settlements(tmp_path: Path, name: str, text: str) -> None:
    found = rows(read(tmp_path / name, text, venue="unknown"), "ts", "rate")
    assert [ts for ts, _ in found] == [ts for ts, _ in EIGHT]
    assert [rate for _, rate in found] == pytest.approx([rate for _, rate in EIGHT], abs=1e-15)


def test_columns_without_names_are_told_by_their_numbers(tmp_path: Path) -> None:
    text = f"BTC,{MS},0.0001\n"
    with pytest.raises(CandleFileError, match="--column"):
        read(tmp_path / "f.csv", text)
    told = {"time": "1", "rate": "2"}
    found = rows(read(tmp_path / "f.csv", f"{MS},0.0001\n{MS + 8 * HOUR_MS},-0.0002\n", columns=told), "rate")
    assert found == [(1e-4,), (-2e-4,)]


def test_jitter_is_rounded_to_the_minute_and_kept_beside_it(tmp_path: Path) -> None:
    text = f"fundingTime,fundingRate\n{MS + 17},0.0001\n{MS + 8 * HOUR_MS - 3},0.0001\n"
    found = rows(read(tmp_path / "f.csv", text), "ts", "settled_at_original")
    assert found == [
        (T0, T0 + timedelta(milliseconds=17)),
        (T0 + timedelta(hours=8), T0 + timedelta(hours=8, milliseconds=-3)),
    ]


@pytest.mark.parametrize("kind", ["csv", "parquet", "feather"])
def test_times_without_a_zone_are_refused_whatever_the_file_is(tmp_path: Path, kind: str) -> None:
    naive = [datetime(2024, 1, 1, 3) + timedelta(hours=8 * n) for n in range(6)]
    frame, path = pl.DataFrame({"date": naive, "rate": [1e-4] * 6}), tmp_path / f"f.{kind}"
    {"csv": frame.write_csv, "parquet": frame.write_parquet, "feather": frame.write_ipc}[kind](path)  # type: ignore[operator]
    with pytest.raises(CandleFileError, match=r"(?s)say no zone.*--timezone.*UTC\+3, UTC\+11, UTC-5"):
        read(path, path.read_bytes())
    told = rows(read(path, path.read_bytes(), timezone="Europe/Istanbul"), "ts")
    assert told[:2] == [(T0,), (T0 + timedelta(hours=8),)]


def test_an_hour_that_the_clocks_skip_is_no_moment(tmp_path: Path) -> None:
    text = "date,rate\n2024-03-31 02:00,0.0001\n2024-03-31 10:00,0.0001\n2024-03-31 18:00,0.0001\n"
    (symbol,) = read(tmp_path / "f.csv", text, timezone="Europe/Berlin").symbols
    assert symbol.rows["ts"].to_list() == [
        datetime(2024, 3, 31, 8, tzinfo=UTC),
        datetime(2024, 3, 31, 16, tzinfo=UTC),
    ]
    assert len(symbol.rejects) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("<html>", "web page"),
        ("timestamp,rate\n", "not one row"),
        (f"timestamp,x\n{MS},1\n", "no column gives a rate"),
        (f"{MS},0.0001\n{MS + 8},0.0001\n", "header|names its columns"),
        ("timestamp,rate\n" + "".join(f"{MS + n * 60_000},0.0001\n" for n in range(9)), "1 minutes apart"),
        ("timestamp,rate\n" + "".join(f"{MS + n * 8 * HOUR_MS},0.01\n" for n in range(9)), "--unit"),
        ("timestamp,rate\n" + "".join(f"{MS + n * HOUR_MS},0.00125\n" for n in range(9)), "--unit"),
        (f"date,open,high,low,close,volume\n{MS},0.0001,0.0002,0.0001,0.0001,0\n", "--column rate=close"),
    ],
)
def test_what_is_no_funding_history_is_refused_and_told_why(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(CandleFileError, match=words) as refused:
        read(tmp_path / "f.csv", text)
    assert "open, high, low, close and volume" not in str(refused.value)


def test_quiet_hourly_rates_are_taken_for_fractions(tmp_path: Path) -> None:
    text = "timestamp,rate\n" + "".join(f"{MS + n * HOUR_MS},0.0000125\n" for n in range(9))
    assert rows(read(tmp_path / "f.csv", text), "rate")[0] == (0.0000125,)


@pytest.mark.parametrize(
    ("written", "hours"),
    [("8", 8), ("480", 8), ("8h", 8), ("28800", 8), ("28800000", 8), ("2000-01-01T04:00:00.000Z", 4)],
)
def test_intervals_are_read_in_the_unit_they_are_written_in(tmp_path: Path, written: str, hours: int) -> None:
    text = f"timestamp,fundingInterval,fundingRate\n{MS},{written},0.0001\n"
    assert rows(read(tmp_path / "f.csv", text), "interval_hours") == [(hours,)]


@pytest.mark.parametrize(
    ("name", "said"),
    [("ETHUSDT-fundingRate-2024-01.csv", "ETHUSDT"), ("bybit_BTCUSDT_funding.csv", "bybit")],
)
def test_a_name_that_says_another_symbol_or_venue_is_refused_unless_told(
    tmp_path: Path, name: str, said: str
) -> None:
    text = f"timestamp,rate\n{MS},0.0001\n"
    with pytest.raises(OtherInstrumentError, match=said):
        read(tmp_path / name, text)
    assert rows(read(tmp_path / name, text, any_symbol=True), "rate") == [(1e-4,)]


def test_rows_of_other_symbols_are_left_out_and_counted(tmp_path: Path) -> None:
    text = f"symbol,timestamp,rate\nBTCUSDT,{MS},0.0001\nETHUSDT,{MS},0.0002\n"
    file = read(tmp_path / "f.csv", text)
    assert (rows(file, "rate"), file.other_symbols, file.rows) == ([(1e-4,)], 1, 2)
    both = read(tmp_path / "f.csv", text, symbol=None)
    assert [each.spelled for each in both.symbols] == ["BTCUSDT", "ETHUSDT"]


def test_open_interest_of_many_words(tmp_path: Path) -> None:
    about = {"kind": "open-interest"}
    ccxt = f'[{{"timestamp": {MS}, "openInterestAmount": 10, "openInterestValue": 420000, "info": {{}}}}]'
    bybit = {"result": {"list": [{"openInterest": "10", "timestamp": str(MS)}]}}
    columns = ("ts", "contracts", "base_amount", "quote_value")
    assert rows(read(tmp_path / "a.json", ccxt, **about), *columns) == [(T0, None, 10, 420_000)]
    assert rows(read(tmp_path / "b.json", json.dumps(bybit), **about), *columns) == [(T0, 10, None, None)]
    with pytest.raises(CandleFileError, match="no column gives open interest"):
        read(tmp_path / "c.csv", f"timestamp,price\n{MS},1\n", **about)
    with pytest.raises(CandleFileError, match="say no zone"):
        read(tmp_path / "d.csv", "date,oi\n2024-01-01 00:00:00,1\n", **about)


# labels of metrics ----------------------------------------------------------------------


def labels(*texts: str) -> pl.Series:
    return pl.Series([datetime.fromisoformat(f"2026-06-{text}:00+00:00") for text in texts])


def test_labels_are_ends_before_the_seam_and_starts_from_it_on() -> None:
    five = timedelta(minutes=5)
    before = labels("24T00:05", "24T23:55", "25T00:00")
    assert times_in_file(before, datetime(2026, 6, 24).date()).to_list() == before.to_list()
    after = labels("25T00:00", "25T23:55")
    assert times_in_file(after, datetime(2026, 6, 25).date()).to_list() == (after + five).to_list()
    coins = times_in_file(before, datetime(2026, 6, 24).date(), "binancecoinm")
    assert coins.to_list() == (before + five).to_list()


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        (("24T23:55", "25T00:00", "25T00:00", "25T00:05"), ("24T23:55", "25T00:00", "25T00:05", "25T00:10")),
        (("24T23:55", "25T00:00", "25T00:05"), ("24T23:55", "25T00:00", "25T00:10")),
        (("25T00:00", "25T00:05"), ("25T00:05", "25T00:10")),
    ],
)
def test_the_label_of_the_seam_in_days_put_together(told: tuple[str, ...], meant: tuple[str, ...]) -> None:
    assert times_in_file(labels(*told), None).to_list() == labels(*meant).to_list()


def test_labels_over_rest_are_asked_for_as_they_are_told() -> None:
    for minutes in range(-60, 60, 5):
        moment = SEAM + timedelta(minutes=minutes)
        if minutes == 0:
            continue  # its label, 23:55, was an end: only the day's file has it
        label = label_over_rest(moment)
        assert times_over_rest(pl.Series([label])).to_list() == [moment]


# settlements ----------------------------------------------------------------------


def at(*hours: float) -> list[datetime]:
    return [T0 + timedelta(hours=hour) for hour in hours]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((0, 8, 16, 24), (8, 8, 8, 8)),
        ((0, 8, 16, 20, 24), (8, 8, 8, 4, 4)),
        ((0, 4, 8, 16, 24), (4, 4, 4, 8, 8)),
        ((0, 4, 8, 16, 20, 24), (4, 4, 4, 4, 4, 4)),  # 12 is missing: no change to 8 and back
        ((0, 1, 2, 3, 11, 12), (1, 1, 1, 1, 1, 1)),
        ((0, 8, 16, 40, 48), (8, 8, 8, 8, 8)),
        ((0, 8, 16, 17, 18), (8, 8, 8, 1, 1)),
        ((0, 4, 8, 16), (4, 4, 4, None)),  # a change, or 12 is missing: what comes next will tell
        ((0, 8, 12, 16), (None, None, 4, 4)),
        ((0, 8, 16, 32), (8, 8, 8, 8)),  # nobody settles every 16 hours: 24 is missing
        ((0,), (None,)),
        ((), ()),
    ],
)
def test_intervals_follow_from_neighbours(hours: tuple[int, ...], expected: tuple[float | None, ...]) -> None:
    assert tuple(intervals(at(*hours))) == expected


def test_missing_settlements_are_those_the_interval_says() -> None:
    frame = pl.DataFrame({"ts": at(0, 4, 8, 20, 24, 28)}).with_columns(
        interval_hours=pl.lit(None, pl.Float64)
    )
    (hole,) = missing(with_intervals(frame))
    assert (hole.start, hole.end, hole.count) == (*at(12, 20), 2)


def test_an_interval_that_was_told_is_kept() -> None:
    frame = pl.DataFrame({"ts": at(0, 8, 16), "interval_hours": [None, 4.0, None]})
    assert with_intervals(frame)["interval_hours"].to_list() == [8, 4, 8]


def test_minutes_are_the_nearest_ones() -> None:
    moments = pl.Series([T0 + timedelta(milliseconds=17), T0 - timedelta(milliseconds=3), T0])
    assert to_minutes(moments).to_list() == [T0] * 3


def test_what_comes_later_changes_no_interval_that_was_told() -> None:
    hours = [0, 8, 16, 24, 28, 32, 36, 44, 52, 60, 61, 62, 63, 67, 71, 75]
    whole = intervals(at(*hours))
    for rows_known in range(2, len(hours)):
        early = intervals(at(*hours[:rows_known]))
        assert all(value in (None, true) for value, true in zip(early, whole, strict=False))
    assert whole == [8, 8, 8, 8, 4, 4, 4, 8, 8, 8, 1, 1, 1, 4, 4, 4]
