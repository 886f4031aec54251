"""What the simulator plants between its stories and its prices is found, and nothing of its control coins."""

from datetime import UTC, datetime
from typing import Final

import numpy as np
import polars as pl
import pytest

from alphapulse_assets.news.aggregates.aggregation import aggregates
from alphapulse_assets.news.aggregates.correlation import correlations
from alphapulse_assets.news.aggregates.lead_lag import DEMONSTRATED, ECHO, LEADS, NOTHING, TOO_LITTLE
from alphapulse_sim.instruments import Catalogue, epoch_ms
from alphapulse_sim.intervals import DAY, HOUR, MINUTE
from alphapulse_sim.market import Market
from alphapulse_sim.stories import Stories

END: Final = epoch_ms("2024-06-01")
START: Final = END - 6 * DAY
COINS: Final = ("BTC", "ETH", "LTC")  # LTC is a control
SEEN: Final = 5 * MINUTE
"""How long after its publication a story is known here."""
_TIME: Final = pl.Datetime("us", "UTC")


def at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


@pytest.fixture(scope="module")
def found() -> pl.DataFrame:
    market, catalogue = Market(7), Catalogue()
    told = [
        each for each in Stories(market, catalogue).between(START, END) if set(each.coins).intersection(COINS)
    ]
    numbers = {story.key: number for number, story in enumerate(told)}
    texts = pl.DataFrame(
        {
            "text_id": list(numbers.values()),
            "known_at": [at(story.at + SEEN) for story in told],
            "kind": ["news"] * len(told),
            "source": [story.outlet for story in told],
            "cluster_id": [numbers.get(each.copy_of or each.key, own) for own, each in enumerate(told)],
        },
        schema_overrides={"known_at": _TIME},
    )  # fmt: skip
    links = pl.DataFrame(
        [(number, coin, 0.95) for number, story in enumerate(told) for coin in story.coins],
        schema={"text_id": pl.Int64, "coin": pl.String, "confidence": pl.Float64},
        orient="row",
    )
    # a model that reads the tone with errors
    error = np.random.default_rng(0).normal(0, 0.3, len(told))
    tone = np.clip(np.array([story.tone for story in told]) + error, -1, 1)
    scores = texts.select(
        "text_id",
        pl.lit("linear").alias("model"),
        pl.lit("1").alias("model_version"),
        pl.Series("score", tone),
        pl.lit(0.7).alias("confidence"),
        *(pl.lit(None, pl.Float64).alias(name) for name in ("negative", "neutral", "positive")),
    )
    said = aggregates(texts, links, scores, at(START), at(END)).filter(pl.col("score").is_not_null())
    bars = [prices(market, catalogue, number, coin) for number, coin in enumerate(COINS)]
    return correlations(said, pl.concat(bars), at(END - DAY))


def prices(market: Market, catalogue: Catalogue, number: int, coin: str) -> pl.DataFrame:
    listing = catalogue.find("binance", "spot", f"{coin}USDT")
    assert listing is not None
    bars = market.bars(listing, "1h", START - HOUR, END, END)
    return pl.DataFrame(
        {
            "ts": [at(int(ts)) for ts in bars.ts],
            **{name: getattr(bars, name).astype(float) for name in ("high", "low", "close")},
        },
        schema_overrides={"ts": _TIME},
    ).with_columns(instrument_id=pl.lit(number, pl.Int32), coin=pl.lit(coin))


def test_sentiment_is_found_to_lead_by_one_hour(found: pl.DataFrame) -> None:
    told = found.filter(pl.col("verdict").is_in(DEMONSTRATED), pl.col("days") == 30)
    assert {row[:4] for row in told.select("coin", "verdict", "against", "lag").rows()} == {
        ("BTC", LEADS, "return", 1),
        ("ETH", LEADS, "return", 1),
    }
    assert (told["correlation"] > 0.4).all()
    assert (told["low"] > told["shuffled_best"]).all()
    spike = found.filter(days=30, series="spike", against="return", lag=1, coin="BTC").row(0, named=True)
    assert spike["correlation"] == pytest.approx(0.6, abs=0.15)  # as the simulator says of means by the hour
    assert spike["verdict"] in (LEADS, ECHO)


def test_a_control_coin_has_no_demonstrated_relation(found: pl.DataFrame) -> None:
    control = found.filter(coin="LTC")
    assert set(control.filter(pl.col("lag").abs() <= 6)["verdict"]) == {NOTHING}
    assert set(control["verdict"]) <= {NOTHING, TOO_LITTLE}
