"""Pictures of leverage are small, and made of whatever is known."""

import base64
import io
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
from PIL import Image

from alphapulse_assets.core.plots import MAX_BYTES
from alphapulse_assets.futures.leverage.picture import (
    MOST_SYMBOLS,
    funding_picture,
    open_interest_picture,
)

START = datetime(2024, 5, 1, tzinfo=UTC)
HOURS = 14 * 24


def rows(symbols: int) -> pl.DataFrame:
    random = np.random.default_rng(4)
    return pl.concat(
        pl.DataFrame(
            {
                "place": [place] * HOURS,
                "label": [f"COIN{place}/USDT:USDT binanceusdm"] * HOURS,
                "ts": [START + timedelta(hours=n) for n in range(HOURS)],
                "price": 100 * np.exp(random.normal(0, 0.01, HOURS).cumsum()),
                "open_interest_base": 1e4 * np.exp(random.normal(0, 0.01, HOURS).cumsum()),
                "funding_annual": np.full(HOURS, -0.5 if place == 1 else 0.5),
            }
        )
        for place in range(1, symbols + 1)
    )


def image(markdown: str) -> Image.Image:
    assert len(markdown) <= MAX_BYTES
    return Image.open(io.BytesIO(base64.b64decode(markdown.partition("base64,")[2].rstrip(")")))).convert(
        "RGB"
    )


def test_the_largest_pictures_are_small() -> None:
    frame = rows(MOST_SYMBOLS)
    assert image(open_interest_picture(frame)).width == 700
    assert image(funding_picture(frame)).height > 500


def test_blue_is_where_shorts_pay_and_red_where_longs_do() -> None:
    picture = image(funding_picture(rows(2)))
    # the middle of the upper and of the lower row of the map
    upper, lower = (picture.getpixel((picture.width // 2, int(picture.height * at))) for at in (0.35, 0.65))
    assert isinstance(upper, tuple)
    assert isinstance(lower, tuple)
    assert upper[2] > upper[0] + 50
    assert lower[0] > lower[2] + 50


def test_what_is_not_known_breaks_no_picture() -> None:
    unknown = rows(2).with_columns(
        pl.lit(None, pl.Float64).alias(name) for name in ("price", "open_interest_base", "funding_annual")
    )
    for frame in (unknown, unknown.head(1), unknown.clear()):
        image(open_interest_picture(frame))
        image(funding_picture(frame))
