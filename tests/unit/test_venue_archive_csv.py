"""Archives as published over the years: header or none, milliseconds or microseconds, damaged rows."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import pytest

from alphapulse_resources.frames import CANDLE_SCHEMA
from alphapulse_resources.venues.archive import unzip
from alphapulse_resources.venues.binance.archive_csv import COLUMNS, read_csv
from alphapulse_resources.venues.model import ErrorKind, VenueError
from alphapulse_resources.venues.rows import MISALIGNED, OUTSIDE

START = datetime(2025, 1, 1, tzinfo=UTC)
END = START + timedelta(days=1)
MS = 1_735_689_600_000


def line(minute: int, unit: int = 1, offset: int = 0, close: str = "1.75") -> str:
    ts = (MS + minute * 60_000 + offset) * unit
    return f"{ts},1.5,2,1,{close},10,{ts + 60_000 * unit - 1},17,42,4,7,0"


@pytest.mark.parametrize("unit", [1, 1000], ids=["milliseconds", "microseconds"])
@pytest.mark.parametrize("header", ["", ",".join(COLUMNS) + "\n"], ids=["no header", "header"])
def test_header_and_unit_are_found_by_looking(unit: int, header: str) -> None:
    frame, rejects, _ = read_csv(f"{header}{line(0, unit)}\n{line(1, unit)}\n".encode(), START, END)
    assert frame.schema == CANDLE_SCHEMA
    assert frame.row(0) == (START, 1.5, 2.0, 1.0, 1.75, 10.0, 17.0, 42, 4.0)
    assert frame["ts"].to_list() == [START, START + timedelta(minutes=1)]
    assert rejects == []


def test_what_is_no_candle_is_rejected_with_reason_time_and_text() -> None:
    text = "\n".join(
        [
            line(3),
            line(0, close="n/a"),
            line(1, close="inf"),
            line(1, offset=7_000),
            line(1440),
            "oops",
            f"{10**25},1,1,1,1,1,1,1,1,1,1,0",
            f"{9 * 10**17},1,1,1,1,1,1,1,1,1,1,0",
            line(2),
        ]
    )
    frame, rejects, _ = read_csv(text.encode(), START, END)
    assert frame["ts"].to_list() == [START + timedelta(minutes=2), START + timedelta(minutes=3)]
    reason = "a field is missing or not a finite number"
    assert [(reject.reason, reject.ts) for reject in rejects] == [
        (reason, START),
        (reason, START + timedelta(minutes=1)),
        (MISALIGNED, START + timedelta(minutes=1, seconds=7)),
        (OUTSIDE, END),
        (reason, None),
        (reason, None),
        (OUTSIDE, None),
    ]
    assert rejects[0].payload["close"] == "n/a"
    assert rejects[4].payload["open_time"] == "oops"


@pytest.mark.parametrize("content", [b"", b"\n", ",".join(COLUMNS).encode()])
def test_a_file_without_rows_has_no_candles(content: bytes) -> None:
    frame, rejects, _ = read_csv(content, START, END)
    assert (frame.height, frame.schema, rejects) == (0, CANDLE_SCHEMA, [])


def packed(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, line(0) * 100)
    return file.getvalue()


def test_the_csv_in_a_zip_is_found() -> None:
    assert unzip(packed("BTCUSDT-1m-2025-01-01.csv")) == (line(0) * 100).encode()


@pytest.mark.parametrize(
    "content",
    [b"<html>", packed("readme.txt"), packed("a.csv")[:60] + b"\x00" * 20 + packed("a.csv")[80:]],
    ids=["html", "no csv", "damaged"],
)
def test_an_archive_without_a_readable_csv_is_a_bad_body(content: bytes) -> None:
    with pytest.raises(VenueError) as caught:
        unzip(content)
    assert caught.value.kind is ErrorKind.BAD_BODY
