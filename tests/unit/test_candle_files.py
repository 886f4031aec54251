"""Candle files as people have them: times, numbers, symbols and damage; no row vanishes."""

import gzip
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alphapulse_resources.candle_files import CandleFile, CandleFileError, read_candles
from alphapulse_resources.candle_files.spellings import same_symbol
from alphapulse_resources.frames import TIMEFRAMES

MINUTE = timedelta(minutes=1)
START = datetime(2024, 1, 1, tzinfo=UTC)


def read_text(tmp_path: Path, text: str, **options: object) -> CandleFile:
    path = tmp_path / "candles.csv"
    path.write_text(text)
    return read_candles(path, **{"timeframe": "1m", **options})  # type: ignore[arg-type]  # options vary


def one_row(tmp_path: Path, moment: str, **options: object) -> datetime:
    file = read_text(tmp_path, f'time,open,high,low,close,volume\n"{moment}",1,2,0.5,1.5,10\n', **options)
    assert file.rejects == []
    found = file.candles["ts"][0]
    assert isinstance(found, datetime)
    return found


@pytest.mark.parametrize(
    "written",
    [
        "2024-02-13 21:05:00", "2024-02-13T21:05:00Z", "2024-02-13T22:05:00+01:00", "2024-02-13 21:05",
        "2024-02-13 21:05:00 UTC", "2024-02-14T02:35:00.000000+0530", "2024-02-13T21:05:00.000000000Z",
        "2024-02-13 09:05 PM", "02/13/2024 9:05PM", "13.02.2024 21:05", "13/02/24 21:05:00",
        "13-Feb-2024 21:05", "Feb 13, 2024 9:05 pm", "13 February 2024 21:05", "20240213 210500",
        "202402132105", "20240213210500",
        "2024/2/13 21:05", "2024.02.13, 21:05", "1707858300", "1707858300.0", "1707858300000",
        " 1707858300000000", "1707858300000000000", "13.02.2024 22:05:00.000 GMT+0100", "'2024-02-13 21:05'",
    ],
)  # fmt: skip
def test_a_time_is_understood_however_it_is_written(tmp_path: Path, written: str) -> None:
    assert one_row(tmp_path, written) == datetime(2024, 2, 13, 21, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "hour"), [("2019-10-17 12-AM", 0), ("2019-10-17 09-AM", 9), ("2019-10-17 12-PM", 12)]
)
def test_twelve_hour_clocks_know_noon_and_midnight(tmp_path: Path, written: str, hour: int) -> None:
    assert one_row(tmp_path, written, timeframe="1h") == datetime(2019, 10, 17, hour, tzinfo=UTC)


@pytest.mark.parametrize("written", ["1.58E+12", "12", "yesterday", "2024-13-01", "4102444800", "2024-02-30"])
def test_a_time_that_is_none_or_lost_its_digits_is_never_guessed(tmp_path: Path, written: str) -> None:
    rows = f"time,open,high,low,close,volume\n{written},1,2,0.5,1.5,10\n2024-01-01T00:00:00Z,1,2,0.5,1.5,10\n"
    file = read_text(tmp_path, rows)
    assert file.candles["ts"].to_list() == [START]
    assert [(reject.reason, reject.payload["line"]) for reject in file.rejects] == [
        ("time not understood", 2)
    ]


def test_a_column_may_change_its_way_of_writing_times(tmp_path: Path) -> None:
    times = (
        "1704067200",
        "2024-01-01 00:01",
        "2024-01-01T00:02:00Z",
        "x",
        "2024-01-01T01:03:00+01:00",
        "1.1.2024",
    )
    rows = "".join(f"{moment},1,2,0.5,1.5,10\n" for moment in times)
    file = read_text(tmp_path, "time,open,high,low,close,volume\n" + rows, day_first=True)
    assert file.candles["ts"].to_list() == [START + n * MINUTE for n in (0, 1, 2, 3, 0)]
    assert [reject.payload["line"] for reject in file.rejects] == [5]
    assert file.time_unit == "s"


def test_naive_times_are_read_in_the_zone_given_and_changed_clocks_are_rejects(tmp_path: Path) -> None:
    times = ("2024-03-31 01:30", "2024-03-31 02:30", "2024-03-31 03:30", "2024-10-27 02:30")
    rows = "".join(f"{moment},1,2,0.5,1.5,10\n" for moment in times)
    file = read_text(tmp_path, "time,open,high,low,close,volume\n" + rows, timezone="Europe/Berlin")
    assert file.candles["ts"].to_list() == [
        datetime(2024, 3, 31, 0, 30, tzinfo=UTC), datetime(2024, 3, 31, 1, 30, tzinfo=UTC)
    ]  # fmt: skip
    assert [reject.payload["line"] for reject in file.rejects] == [3, 5]
    assert "clocks changed" in file.rejects[0].reason
    assert "times without a zone read as Europe/Berlin" in file.assumptions


def dates_file(dates: list[str]) -> str:
    return "date,open,high,low,close,volume\n" + "".join(f"{day},1,2,0.5,1.5,10\n" for day in dates)


@pytest.mark.parametrize(
    ("dates", "first"),
    [
        (["01/02/2024", "13/02/2024"], datetime(2024, 2, 1, tzinfo=UTC)),
        (["01/02/2024", "02/13/2024"], datetime(2024, 1, 2, tzinfo=UTC)),
        (["01/02/2024", "02/02/2024", "03/02/2024"], datetime(2024, 2, 1, tzinfo=UTC)),
        (["02/03/2024", "02/02/2024", "02/01/2024"], datetime(2024, 2, 3, tzinfo=UTC)),
    ],
)
def test_day_or_month_first_is_found_over_the_whole_column(
    tmp_path: Path, dates: list[str], first: datetime
) -> None:
    file = read_text(tmp_path, dates_file(dates), timeframe="1d")
    assert file.candles["ts"][0] == first
    assert any("first in dates such as" in assumption for assumption in file.assumptions)


def test_dates_that_tell_nothing_are_an_error_until_someone_says(tmp_path: Path) -> None:
    text = dates_file(["01/02/2024", "05/07/2024"])
    with pytest.raises(CandleFileError, match="could have the day or the month first"):
        read_text(tmp_path, text, timeframe="1d")
    file = read_text(tmp_path, text, timeframe="1d", day_first=True)
    assert file.candles["ts"].to_list() == [
        datetime(2024, 2, 1, tzinfo=UTC),
        datetime(2024, 7, 5, tzinfo=UTC),
    ]


def test_dates_that_contradict_each_other_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(CandleFileError, match="some dates have the day first and some the month"):
        read_text(tmp_path, dates_file(["13/02/2024", "02/13/2024"]), timeframe="1d")


def test_seconds_and_milliseconds_mixed_in_one_file_are_told_apart(tmp_path: Path) -> None:
    text = "unix,open,high,low,close,volume\n1704067260,1,2,0.5,1.5,10\n1704067200000,1,2,0.5,1.5,10\n"
    file = read_text(tmp_path, text)
    assert file.candles["ts"].to_list() == [START + MINUTE, START]
    assert file.time_unit == "mixed"
    assert any("1 in s, 1 in ms" in assumption for assumption in file.assumptions)


@pytest.mark.parametrize("timeframe", ["1m", "1h", "1d", "3d", "1w"])
@pytest.mark.parametrize("last", [timedelta(milliseconds=1), timedelta(microseconds=1), timedelta(seconds=1)])
def test_times_that_are_all_a_bars_last_instant_are_turned_into_open_times(
    tmp_path: Path, timeframe: str, last: timedelta
) -> None:
    step = TIMEFRAMES[timeframe]
    opens = [START + n * step for n in range(3)]
    text = dates_file([(opened + step - last).isoformat() for opened in opens])
    file = read_text(tmp_path, text, timeframe=timeframe)
    assert file.candles["ts"].to_list() == opens
    assert f"'date' holds close times: one {timeframe} taken off" in file.assumptions
    kept = read_text(tmp_path, text, timeframe=timeframe, time_is="open")
    assert kept.candles["ts"][0] == opens[0] + step - last


def test_a_close_time_column_alone_gives_open_times_and_beside_an_open_time_is_not_used(
    tmp_path: Path,
) -> None:
    closes = read_text(tmp_path, "close_time,open,high,low,close,volume\n2024-01-01 00:01,1,2,0.5,1.5,10\n")
    both = (
        "close_time,open,high,low,close,volume,open_time\n2024-01-01 00:09,1,2,0.5,1.5,10,2024-01-01 00:00\n"
    )
    assert closes.candles["ts"].to_list() == [START]
    assert read_text(tmp_path, both).candles["ts"].to_list() == [START]
    closed = read_text(tmp_path, both, time_is="close")
    assert closed.candles["ts"].to_list() == [START + 8 * MINUTE]


def test_rows_without_trades_are_counted_as_absent_and_broken_ones_are_rejects(tmp_path: Path) -> None:
    text = (
        "Timestamp,Open,High,Low,Close,Volume_(BTC),Volume_(Currency),Weighted_Price\n"
        "1325317920,4.39,4.39,4.39,4.39,0.45558087,2.0000000193,4.39\n"
        "1325317980,NaN,NaN,NaN,NaN,NaN,NaN,NaN\n"
        "1325318040,,,,,0,0,\n"
        "1325318100,4.39,NaN,4.39,4.39,1,4.39,4.39\n"
        "1325318160,4.39,oops,4.39,4.39,1,4.39,4.39\n"
        "1325318220,NaN,NaN,NaN,NaN,5,NaN,NaN\n"
        "1325318280,4.39,4.39,4.39,4.39,inf,4.39,4.39\n"
    )
    file = read_text(tmp_path, text)
    assert (file.candles.height, file.absent, file.rows) == (1, 2, 7)
    assert file.candles["quote_volume"].to_list() == [2.0000000193]
    assert [(reject.reason, reject.payload["line"]) for reject in file.rejects] == [
        ("high is missing", 5), ("high is not a number", 6), ("open is missing", 7),
        ("volume is not a number", 8),
    ]  # fmt: skip
    assert file.rejects[1].payload["fields"]["High"] == "oops"
    assert file.rejects[1].ts == datetime(2011, 12, 31, 7, 56, tzinfo=UTC)


def test_ragged_lines_are_rejects_with_their_line_and_the_others_are_read(tmp_path: Path) -> None:
    text = (
        "time,open,high,low,close,volume\n1704067200,1,2,0.5,1.5,10\n1704067260,1,2,0.5\n\n"
        '1704067320,1,2,0.5,1.5,10,99\n1704067380,"1,2,0.5,1.5,10\n1704067440,1,2,0.5,1.5,10,\n'
    )
    file = read_text(tmp_path, text)
    assert file.candles["ts"].dt.minute().to_list() == [0, 4]
    assert [reject.payload["line"] for reject in file.rejects] == [3, 5, 6]
    assert file.rejects[0].payload["fields"] == ["1704067260", "1", "2", "0.5"]
    assert file.rejects[0].reason == "has 4 fields where the file has 6 columns"
    assert file.rejects[2].reason == "its quotes do not close"


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    bad=st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), min_size=1).filter(
            lambda line: line.strip(" \t\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0") and line.strip()
        ),
        max_size=6,
    )
)
def test_every_line_of_a_damaged_file_is_a_candle_a_reject_or_counted(tmp_path: Path, bad: list[str]) -> None:
    good = "1704067200,1,2,0.5,1.5,10"
    lines = [part for line in bad for part in (line, good)]
    path = tmp_path / "damaged.csv"
    text = "\n".join(["time,open,high,low,close,volume", good, *lines])
    path.write_text(text, encoding="utf-8", newline="")
    file = read_candles(path, timeframe="1m")
    assert file.rows == 1 + len(lines)
    assert file.candles.height >= 1 + len(bad)


def test_a_bare_volume_beside_a_base_volume_is_the_quote_volume(tmp_path: Path) -> None:
    text = "time,open,high,low,close,volume_btc,volume\n1704067200,100,100,100,100,2,200\n"
    row = read_text(tmp_path, text).candles.row(0, named=True)
    assert (row["volume"], row["quote_volume"]) == (2, 200)


def test_volumes_named_the_wrong_way_round_are_told_by_the_price(tmp_path: Path) -> None:
    text = "time,open,high,low,close,Volume ETH,Volume BTC\n1704067200,0.05,0.05,0.05,0.05,5,100\n"
    row = read_text(tmp_path, text).candles.row(0, named=True)
    assert (row["volume"], row["quote_volume"]) == (100, 5)


def test_a_moving_average_of_the_volume_is_not_taken_for_a_volume(tmp_path: Path) -> None:
    text = "time,open,high,low,close,Volume,Volume MA\n1704067200,100,101,99,100,2,3\n"
    file = read_text(tmp_path, text)
    assert file.format == "tradingview"
    assert file.candles.select("volume", "quote_volume").row(0) == (2, None)
    assert "columns not used: 'Volume MA'" in file.assumptions


def test_numbers_may_have_thousands_separators_and_currency_signs(tmp_path: Path) -> None:
    text = 'time,open,high,low,close,volume\n1704067200,"8,051.5","$8,052",8050,"1,008,051.25", 10 \n'
    assert read_text(tmp_path, text).candles.row(0)[1:6] == (8051.5, 8052.0, 8050.0, 1008051.25, 10.0)


def test_with_decimal_commas_a_point_can_only_group(tmp_path: Path) -> None:
    text = "time;open;high;low;close;volume\n1704067200;8.051,5;8.052;8050;8.051,25;1.234\n"
    file = read_text(tmp_path, text)
    assert file.candles.row(0)[1:6] == (8051.5, 8052.0, 8050.0, 8051.25, 1234.0)
    assert "numbers are written with a decimal comma" in file.assumptions


def test_a_comma_among_decimal_points_is_a_reject_and_changes_no_other_row(tmp_path: Path) -> None:
    text = 'time,open,high,low,close,volume\n1704067200,1.234,2,0.5,1.5,10\n1704067260,1,2,0.5,"1,5",10\n'
    file = read_text(tmp_path, text)
    assert file.candles["open"].to_list() == [1.234]
    assert [reject.reason for reject in file.rejects] == ["close is not a number"]


SEVERAL = (
    "time,symbol,open,high,low,close,volume\n1704067200,BTC-USDT,1,2,0.5,1.5,10\n"
    "1704067200,ETH-USDT,3,4,2.5,3.5,30\n1704067260,BTC-USDT,1,2,0.5,1.5,20\n"
)


def test_one_of_several_symbols_is_chosen_however_it_is_spelled(tmp_path: Path) -> None:
    for spelling in (
        "BTC/USDT",
        "btcusdt",
        "btc_usdt",
        "BTC/USDT:USDT",
    ):  # BTC-USDT says neither spot nor perpetual
        file = read_text(tmp_path, SEVERAL, symbol=spelling)
        assert file.candles["volume"].to_list() == [10, 20]
        assert (file.other_symbols, file.rows) == (1, 3)


def test_a_row_without_a_symbol_among_several_symbols_is_a_reject(tmp_path: Path) -> None:
    file = read_text(tmp_path, SEVERAL + "1704067320,,1,2,0.5,1.5,30\n", symbol="BTC/USDT")
    assert file.candles["volume"].to_list() == [10, 20]
    assert [(reject.reason, reject.payload["line"]) for reject in file.rejects] == [("symbol is missing", 5)]
    assert file.rows == 4


def test_several_symbols_without_a_choice_are_an_error_that_lists_them(tmp_path: Path) -> None:
    with pytest.raises(CandleFileError, match="several symbols, say which one: BTC-USDT, ETH-USDT"):
        read_text(tmp_path, SEVERAL)
    with pytest.raises(CandleFileError, match="holds no SOL/USDT, only BTC-USDT, ETH-USDT"):
        read_text(tmp_path, SEVERAL, symbol="SOL/USDT")


def test_symbols_of_other_pairs_are_not_the_same() -> None:
    assert same_symbol("BTC/USDT", "BTCUSDT")
    assert not same_symbol("BTC/USDT", "BTC/USD")


def test_metatraders_date_and_time_columns_are_put_together(tmp_path: Path) -> None:
    header = "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\n"
    text = header + "2024.01.01\t00:01:00\t1\t2\t0.5\t1.5\t10\n"
    assert read_text(tmp_path, text).candles["ts"].to_list() == [START + MINUTE]


def test_yfinances_three_header_lines_are_understood(tmp_path: Path) -> None:
    text = (
        "Price,Close,High,Low,Open,Volume\nTicker,BTC-USD,BTC-USD,BTC-USD,BTC-USD,BTC-USD\nDate,,,,,\n"
        "2024-01-01,1.5,2,0.5,1,10\n2024-01-02,1.5,2,0.5,1,20\n"
    )
    file = read_text(tmp_path, text, timeframe="1d")
    assert (file.format, file.rows) == ("yfinance", 2)
    # Yahoo's volume of crypto is what it cost: coins are that divided by the close
    assert file.candles.row(0)[:7] == (START, 1, 2, 0.5, 1.5, 10 / 1.5, 10)


def test_bitfinexs_order_of_columns_is_told_by_the_prices(tmp_path: Path) -> None:
    rows = "".join(f"{1704067200000 + n * 60000},1,1.5,2,0.5,10\n" for n in range(3))
    assert read_text(tmp_path, rows).candles.row(0)[1:5] == (1, 2, 0.5, 1.5)


def test_a_file_of_another_timeframe_is_refused_by_name(tmp_path: Path) -> None:
    rows = "".join(f"{1704067200 + n * 3600},1,2,0.5,1.5,10\n" for n in range(20))
    with pytest.raises(CandleFileError, match="its rows are 1h apart, not 1m"):
        read_text(tmp_path, "time,open,high,low,close,volume\n" + rows)


GARBAGE = {
    "binary": bytes(range(256)) * 8,
    "empty": b"",
    "blank": b"\n\n  \n",
    "web page": b"<!DOCTYPE html>\n<html><body>404</body></html>",
    "one line": b"hello\n",
    "header only": b"time,open,high,low,close,volume\n",
    "wrong columns": b"name,age,city,street,house,zip\nAda,36,London,Main,1,1\n",
    "no volume": b"time,open,high,low,close\n1704067200,1,2,0.5,1.5\n",
    "no times": b"time,open,high,low,close,volume\nx,1,2,0.5,1.5,10\n",
    "unknown header": b"a,b,c,d,e,f\n1704067200,1,2,0.5,1.5,10\n",
    "headless, five columns": b"1704067200,1,2,0.5,1.5\n",
    "headless, no candle order": b"1704067200,1,0.1,7,0.2,10\n",
    "damaged parquet": b"PAR1" + b"x" * 40 + b"PAR1",
    "damaged feather": b"ARROW1" + b"x" * 40,
    "damaged gzip": gzip.compress(b"x" * 1000)[:-9],
    "damaged zip": b"PK\x03\x04" + b"x" * 40,
    "json object": b'{"code": -1121, "msg": "Invalid symbol."}',
    "json ragged": b"[[1, 2], [3]]",
    "json cut off": b"[[1704067200000, 1, 2",
    "json empty": b"[]",
    "endless line": b"x" * 300_000,
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_an_error_that_names_the_file_and_what_is_needed(tmp_path: Path, name: str) -> None:
    path = tmp_path / "garbage.csv"
    path.write_bytes(GARBAGE[name])
    with pytest.raises(CandleFileError, match=r"garbage\.csv") as caught:
        read_candles(path, timeframe="1m")
    assert "needed: a time, open, high, low, close and volume" in str(caught.value)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    data=st.binary(max_size=400),
    magic=st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b", b"PAR1", b"ARROW1", b"["]),
)
def test_random_bytes_never_raise_anything_else(tmp_path: Path, data: bytes, magic: bytes) -> None:
    path = tmp_path / "random"
    path.write_bytes(magic + data)
    with pytest.raises(CandleFileError):
        read_candles(path, timeframe="1m")


def test_the_error_for_unknown_columns_lists_the_columns_found(tmp_path: Path) -> None:
    with pytest.raises(CandleFileError, match="columns found: 'time', 'open', 'high', 'low', 'price'"):
        read_text(tmp_path, "time,open,high,low,price\n1704067200,1,2,0.5,1.5\n")


@pytest.mark.parametrize(
    ("options", "message"),
    [({"timeframe": "7m"}, "'7m' is not known; one of 1m"), ({"timezone": "Mars/Base"}, "use an IANA name")],
)
def test_unknown_timeframes_and_zones_are_named(
    tmp_path: Path, options: dict[str, object], message: str
) -> None:
    with pytest.raises(CandleFileError, match=message):
        read_text(tmp_path, "x", **options)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CandleFileError, match=r"nowhere\.csv: cannot be read \(No such file"):
        read_candles(tmp_path / "nowhere.csv", timeframe="1m")


REAL = [
    ("ADA_BTC-5m.feather", "5m", 5720, datetime(2018, 1, 10, 4, 55), datetime(2018, 1, 30, 4, 50)),
    ("ETH_BTC-5m.feather", "5m", 5760, datetime(2018, 1, 10, 4, 55), datetime(2018, 1, 30, 4, 50)),
    ("UNITTEST_BTC-1m.feather", "1m", 13681, datetime(2017, 11, 4, 23, 2), datetime(2017, 11, 14, 22, 59)),
    ("XRP_USDT_USDT-5m-futures.feather", "5m", 1999, datetime(2021, 11, 15), datetime(2021, 11, 21, 22, 30)),
    ("Coinbase_BTCUSD_1h.csv", "1h", 20111, datetime(2017, 7, 1, 11), datetime(2019, 10, 17, 9)),
]


@pytest.mark.parametrize(("name", "timeframe", "rows", "first", "last"), REAL, ids=[row[0] for row in REAL])
def test_real_files_are_read_whole(
    shared_data: Path, name: str, timeframe: str, rows: int, first: datetime, last: datetime
) -> None:
    file = read_candles(shared_data / "candles" / name, timeframe=timeframe)
    assert (file.candles.height, file.rejects, file.absent) == (rows, [], 0)
    assert file.candles["ts"].min() == first.replace(tzinfo=UTC)
    assert file.candles["ts"].max() == last.replace(tzinfo=UTC)
    assert file.candles.select(
        pl.all_horizontal(pl.col("high") >= pl.col("low"), pl.col("low") > 0).all()
    ).item()


def test_the_real_coinbase_file_has_its_volumes_in_their_places(shared_data: Path) -> None:
    file = read_candles(shared_data / "candles" / "Coinbase_BTCUSD_1h.csv", timeframe="1h", symbol="BTC/USD")
    first = file.candles.row(0, named=True)
    assert (file.format, file.has_header) == ("cryptodatadownload", True)
    assert first["ts"] == datetime(2019, 10, 17, 9, tzinfo=UTC)
    assert (first["volume"], first["quote_volume"]) == (61.25, 492394.56)
    assert "volume taken from 'volume_btc', quote volume from 'volume'" in file.assumptions
    assert int((file.candles["volume"] == 0).sum()) == 28
    assert not math.isnan(file.candles["quote_volume"].sum())
