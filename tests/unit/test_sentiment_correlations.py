"""Sentiment against price: what was planted is found, and nothing where nothing is."""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from alphapulse_assets.news.aggregates.correlation import correlations
from alphapulse_assets.news.aggregates.lead_lag import (
    ECHO,
    FOLLOWS,
    LAGS,
    LEADS,
    NOTHING,
    TOO_LITTLE,
    adjusted,
    lead_lag,
    verdicts,
)

HOUR: Final = timedelta(hours=1)
TODAY: Final = datetime(2024, 6, 1, tzinfo=UTC)
HOURS: Final = 92 * 24
SYMBOLS: Final = 2
Floats = NDArray[np.float64]


def drifting(random: np.random.Generator, n: int, keeps: float = 0.9) -> Floats:
    """A series that hangs together in time, as sentiment does."""
    found = np.zeros(n)
    for at, noise in enumerate(random.normal(size=n)):
        found[at] = keeps * found[at - 1] + noise
    return found / found.std()


def history(lead: int | None, *, strength: float = 0.35, seed: int = 7) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Sentiment of coins and bars of their symbols, until the end of TODAY and a day on.

    `lead`: hours after which returns of the first coin follow its sentiment; below 0 sentiment follows.
    """
    ts = [TODAY + timedelta(days=2) - (HOURS - n) * HOUR for n in range(HOURS)]
    said, bars = [], []
    for number in range(SYMBOLS):
        random = np.random.default_rng([seed, number])
        score, returns = drifting(random, HOURS), random.normal(size=HOURS)
        if number == 0 and lead is not None and lead > 0:
            returns[lead:] += strength * score[:-lead]
        if number == 0 and lead is not None and lead < 0:
            score[-lead:] += strength * 3 * returns[:lead]
        close = 100 * np.exp(np.cumsum(0.004 * returns))
        spread = 1 + 0.002 * random.random(HOURS)
        facts = {"coin": f"C{number}", "model": "linear", "model_version": "1"}
        for hours, name in ((24, "score"), (1, "zscore")):
            values = {"score": np.clip(score / 4, -1, 1), "zscore": score}
            frame = pl.DataFrame({"ts": ts, **values}).with_columns(
                hours=pl.lit(hours, pl.Int16), **{key: pl.lit(value) for key, value in facts.items()}
            )
            said.append(frame if name == "score" else frame.filter(pl.Series(random.random(HOURS) < 0.8)))
        frame = pl.DataFrame({"ts": ts, "close": close, "high": close * spread, "low": close / spread})
        bars.append(frame.with_columns(instrument_id=pl.lit(number + 1, pl.Int32), coin=pl.lit(f"C{number}")))
    both = (pl.concat(said), pl.concat(bars))
    return tuple(each.with_columns(pl.col("ts").cast(pl.Datetime("us", "UTC"))) for each in both)  # type: ignore[return-value]


@pytest.fixture(scope="module")
def planted() -> pl.DataFrame:
    return correlations(*history(3), TODAY)


def strongest(found: pl.DataFrame, verdict: str) -> list[tuple[int, int, str, str, int]]:
    own = found.filter(pl.col("verdict") == verdict)
    return own.select("instrument_id", "days", "series", "against", "lag").rows()


def test_a_planted_lead_is_found_where_it_is_and_nowhere_else(planted: pl.DataFrame) -> None:
    leads = strongest(planted, LEADS)
    assert {each[:2] + each[3:] for each in leads} == {(1, 30, "return", 3), (1, 90, "return", 3)}
    assert strongest(planted, FOLLOWS) == []
    row = planted.filter(instrument_id=1, days=90, series="level", against="return", lag=3).row(0, named=True)
    assert row["correlation"] == pytest.approx(0.33, abs=0.08)
    assert 0 < row["low"] < row["correlation"] < row["high"]
    assert row["correlation"] > 2 * row["shuffled_best"] > 0
    assert row["trials"] == planted["p"].count() == SYMBOLS * 2 * 3 * 2 * len(LAGS)
    assert row["shuffled_share"] == 0.0


def test_a_control_has_no_demonstrated_relation_though_one_in_twenty_is_below_p() -> None:
    found = correlations(*history(None), TODAY)
    assert set(found["verdict"]) == {NOTHING}
    share = float(found.select((pl.col("p") < 0.05).mean()).item())
    assert 0.005 < share < 0.1
    assert found["q"].min() > 0.05


def test_price_that_comes_first_is_not_taken_for_a_lead() -> None:
    found = correlations(*history(-2), TODAY).filter(pl.col("against") == "return")
    assert {(each[0], each[4]) for each in strongest(found, FOLLOWS)} == {(1, -2)}
    assert strongest(found, LEADS) == []


def test_what_comes_after_the_day_changes_nothing_and_again_gives_the_same(planted: pl.DataFrame) -> None:
    said, bars = history(3)
    end = TODAY + timedelta(days=1)
    assert said.filter(pl.col("ts") >= end).height
    known = correlations(said.filter(pl.col("ts") < end), bars.filter(pl.col("ts") < end), TODAY)
    assert known.equals(planted)
    assert set(known["known_at"]) == {end}


def test_a_lead_rests_on_bars_that_opened_when_the_sentiment_was_known() -> None:
    n = 400
    said, price = np.full(n, np.nan), np.full(n, np.nan)
    random = np.random.default_rng(1)
    said[100:300] = random.normal(size=200)
    price[101:301] = said[100:300]  # the very next hour
    found = lead_lag(said, price)
    assert found.correlation[LAGS.index(1)] == pytest.approx(1.0)
    assert abs(found.correlation[LAGS.index(0)]) < 0.3


def test_too_little_is_said_to_be_too_little() -> None:
    said = np.full(720, np.nan)
    said[:50] = 1.0
    found = lead_lag(said, np.random.default_rng(2).normal(size=720))
    assert np.isnan(found.correlation).all()
    nothing = np.full(len(LAGS), np.nan)
    assert set(verdicts(found.correlation, nothing, nothing, np.array(LAGS))) == {TOO_LITTLE}
    with pytest.raises(ValueError, match="hours of sentiment"):
        lead_lag(said, said[:-1])


def test_series_that_hang_together_are_worth_fewer_pairs() -> None:
    random = np.random.default_rng(3)
    slow, other = drifting(random, 2000, 0.95), drifting(random, 2000, 0.95)
    both = lead_lag(slow, other)
    assert (both.effective < 300).all()
    assert (lead_lag(slow, random.normal(size=2000)).effective > 1500).all()


def test_adjusted_probabilities_are_those_of_the_paper() -> None:
    # Benjamini and Hochberg (1995), section 3.2: of these 15 four are rejected at 0.05, three at 0.01
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
         0.6528, 0.7590, 1.0]  # fmt: skip
    q = adjusted(np.array([np.nan, *p]), np.arange(16))
    assert np.isnan(q[0])
    assert (q[1:] < 0.01).tolist() == [True] * 3 + [False] * 12
    assert q[3] == pytest.approx(0.0019 * 15 / 3)


def test_echoes_of_one_relation_do_not_allow_chance_another() -> None:
    p, families = np.full(100, 1e-9), np.zeros(100, np.int64)  # a hundred echoes
    chance, others = np.array([0.004, *np.full(99, 0.5)]), np.ones(100, np.int64)
    q = adjusted(np.concatenate([p, chance]), np.concatenate([families, others]))
    assert (q[:100] < 0.05).all()
    assert q[100] > 0.05  # taken one by one it would be 0.004 * 200 / 101


def test_the_strongest_lag_alone_tells_who_leads() -> None:
    r, q = np.zeros(len(LAGS)), np.ones(len(LAGS))
    r[LAGS.index(2)], r[LAGS.index(-1)] = -0.4, -0.3
    q[[LAGS.index(2), LAGS.index(-1)]] = 0.001
    lags, best = np.array(LAGS), np.full(len(LAGS), 0.1)
    told = verdicts(r, q, best, lags)
    assert (told[LAGS.index(2)], told[LAGS.index(-1)]) == (LEADS, ECHO)
    assert set(verdicts(r, q, best + 0.4, lags)) == {NOTHING}
