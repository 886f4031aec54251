"""Pictures: small, readable PNGs inside markdown."""

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image

from alphapulse_assets.core.plots import MAX_BYTES, MAX_SYMBOLS, coverage_picture, price_picture
from alphapulse_resources.frames import empty_candles

START = datetime(2024, 1, 1, tzinfo=UTC)
RED = (214, 69, 69)


def walk(bars: int, seed: int = 0) -> pl.DataFrame:
    close = 100 * np.exp(np.random.default_rng(seed).normal(0, 5e-4, bars).cumsum())
    ts = pl.datetime_range(START, START + timedelta(minutes=bars - 1), "1m", time_unit="us", eager=True)
    return pl.DataFrame({"ts": ts, "high": close * 1.001, "low": close * 0.999, "close": close})


def pixels(markdown: str) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The picture inside the markdown as height x width x RGB."""
    data = markdown.partition("(data:image/png;base64,")[2].removesuffix(")")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data, validate=True))).convert("RGB"))


def count_near(picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], colour: tuple[int, int, int]) -> int:
    return int((np.abs(picture.astype(int) - colour).max(axis=2) < 40).sum())


def test_the_picture_is_markdown_with_a_png_inside() -> None:
    markdown = price_picture(walk(1440), title="BTC/USDT [1m]!")
    assert markdown.startswith("![BTC/USDT 1m](data:image/png;base64,")
    height, width, _ = pixels(markdown).shape
    assert height > 200
    assert width > 500


@pytest.mark.parametrize("symbols", [1, 2, MAX_SYMBOLS, MAX_SYMBOLS + 3])
def test_pictures_stay_small_even_for_noise(symbols: int) -> None:
    noise = np.random.default_rng(7)
    frames = {
        f"S{number}": walk(1440).with_columns(
            high=pl.Series(200 + noise.exponential(40, 1440)), close=pl.Series(100 + noise.normal(0, 5, 1440))
        )
        for number in range(symbols)
    }
    markdown = price_picture(frames)
    assert len(markdown) <= MAX_BYTES
    assert ("first 6 of 9" in markdown) == (symbols == 9)


def test_missing_bars_are_marked_and_the_line_breaks() -> None:
    whole = walk(400)
    holed = whole.filter(~pl.int_range(pl.len()).is_between(150, 250))
    complete, broken = pixels(price_picture(whole)), pixels(price_picture(holed))
    assert count_near(complete, RED) == 0
    assert count_near(broken, RED) > 500
    middle = broken.shape[1] * 21 // 40
    assert count_near(broken[60:220, middle - 20 : middle + 20], (29, 78, 137)) == 0
    assert count_near(complete[60:220, middle - 20 : middle + 20], (29, 78, 137)) > 0


def test_one_missing_minute_in_a_year_can_be_seen() -> None:
    year = walk(525_600)
    assert count_near(pixels(price_picture(year.filter(pl.int_range(pl.len()) != 200_000))), RED) > 5


def test_nothing_one_bar_and_a_flat_line_can_be_drawn() -> None:
    flat = walk(50).with_columns(high=pl.lit(1.0), low=pl.lit(1.0), close=pl.lit(1.0))
    frames = {"none": empty_candles(), "one": walk(1), "flat": flat}
    assert pixels(price_picture(frames)).std() > 0
    assert pixels(price_picture({})).size > 0


def test_the_same_candles_give_the_same_picture_in_every_thread() -> None:
    frame = walk(300)
    with ThreadPoolExecutor(2) as threads:
        pictures = set(threads.map(lambda _: price_picture(frame), range(4)))
    assert len(pictures) == 1


def test_coverage_shows_losses_and_leaves_the_unknown_pale() -> None:
    def coverage(share: float | None) -> pl.DataFrame:
        days = [date(2024, 1, 1) + timedelta(days=day) for day in range(30)]
        rows = [(f"binance S{row}", day, share) for row in range(5) for day in days]
        schema = {"instrument": pl.String, "day": pl.Date, "share": pl.Float64}
        return pl.DataFrame(rows, schema=schema, orient="row")

    full, none, unknown = (pixels(coverage_picture(coverage(share))) for share in (1.0, 0.0, None))
    assert count_near(full, (29, 78, 137)) > 10 * count_near(none, (29, 78, 137))
    assert count_near(none, (164, 38, 44)) > 10 * count_near(full, (164, 38, 44))
    assert count_near(unknown, (240, 242, 244)) > count_near(full, (240, 242, 244))


def test_a_large_coverage_map_shows_the_least_complete_and_says_so() -> None:
    rows = [(f"S{row:02}", date(2024, 1, 1), row / 60) for row in range(60)]
    frame = pl.DataFrame(rows, schema=["instrument", "day", "share"], orient="row")
    markdown = coverage_picture(frame)
    assert "least complete 40 of 60" in markdown
    assert len(markdown) <= MAX_BYTES
    assert pixels(coverage_picture(frame.clear())).size > 0


def test_real_bars_with_hundreds_of_gaps_are_drawn(shared_data: Path) -> None:
    frame = pl.read_ipc(shared_data / "candles" / "UNITTEST_BTC-1m.feather").rename({"date": "ts"})
    markdown = price_picture({"UNITTEST/BTC": frame})
    assert len(markdown) <= MAX_BYTES
    assert count_near(pixels(markdown), RED) > 500
