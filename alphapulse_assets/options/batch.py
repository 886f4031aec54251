"""From quotes to greeks, and from a chain to what it sums up to. Pure: frames in, frames out."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

import numpy as np
import polars as pl

from alphapulse_assets.options import black76
from alphapulse_assets.options.black76 import DAYS_A_YEAR
from alphapulse_assets.options.max_pain import max_pain
from alphapulse_assets.options.model import EXPIRY_SCHEMA, TOTAL_SCHEMA
from alphapulse_assets.options.smile import at_maturity, between, wings

DAY_US: Final = 86_400e6
MATURITIES: Final = (7, 30, 90, 180)
"""Days of `atm_iv_7d` and the like (ours)."""
SKEW_DAYS: Final = 30


class Summaries(NamedTuple):
    """What chains sum up to: EXPIRY_SCHEMA and TOTAL_SCHEMA."""

    expiries: pl.DataFrame
    totals: pl.DataFrame


def with_greeks(quotes: pl.DataFrame) -> pl.DataFrame:
    """Quotes with delta, gamma, vega, theta and the version of their rules; null where undefined.

    `quotes` has ts, expiry, strike (dollars), kind (call, put), mark_iv (percent), underlying_price (dollars)
    and interest_rate (a share; null is none).
    """
    years = (pl.col("expiry") - pl.col("ts")).dt.total_microseconds() / (DAY_US * DAYS_A_YEAR)
    inputs = quotes.select(
        pl.col("underlying_price").fill_null(float("nan")).alias("forward"),
        pl.col("strike"),
        (pl.col("mark_iv") / 100).fill_null(float("nan")).alias("volatility"),
        years.alias("years"),
        pl.col("interest_rate").fill_null(0.0).alias("rate"),
        (pl.col("kind") == "call").alias("is_call"),
    )
    found = black76.greeks(*(inputs[name].to_numpy() for name in inputs.columns))
    columns = {name: pl.Series(values).fill_nan(None) for name, values in found._asdict().items()}
    return quotes.with_columns(**columns, logic_version=pl.lit(black76.LOGIC_VERSION, pl.Int32))


def summarise(chain: pl.DataFrame) -> Summaries:
    """What each snapshot of a chain sums up to, expiry by expiry and together.

    `chain` has currency, ts, known_at, expiry, strike, kind, mark_iv (percent), delta, open_interest and
    volume_24h (coins), underlying_price and index_price (dollars). A row of the result rests on the rows of
    its own snapshot, and on no other.
    """
    expiries: list[dict[str, Any]] = []
    totals: list[dict[str, Any]] = []
    ordered = chain.sort("expiry", "strike", "kind")  # sums of floats rest on their order
    for (currency, ts), snapshot in _parts(ordered, "currency", "ts"):
        key = {"currency": currency, "ts": ts, "known_at": snapshot["known_at"].max()}
        rows = [
            {**key, "expiry": expiry, **_expiry(options)} for (expiry,), options in _parts(snapshot, "expiry")
        ]
        expiries += rows
        totals.append({**key, **_total(snapshot, rows, ts)})
    return Summaries(
        pl.DataFrame(expiries, schema=EXPIRY_SCHEMA, orient="row"),
        pl.DataFrame(totals, schema=TOTAL_SCHEMA, orient="row"),
    )


def _parts(frame: pl.DataFrame, *by: str) -> Iterator[tuple[tuple[Any, ...], pl.DataFrame]]:
    """The parts of a frame in order of their key."""
    yield from sorted(frame.partition_by(by, as_dict=True, maintain_order=True).items())


def _sums(options: pl.DataFrame) -> dict[str, Any]:
    """Open interest and volume of calls and puts, and puts over calls; null where there are no calls."""
    is_call = pl.col("kind") == "call"
    sums = options.select(
        pl.col("open_interest").filter(is_call).sum().alias("calls_open_interest"),
        pl.col("open_interest").filter(~is_call).sum().alias("puts_open_interest"),
        pl.col("volume_24h").filter(is_call).sum().alias("calls_volume_24h"),
        pl.col("volume_24h").filter(~is_call).sum().alias("puts_volume_24h"),
    ).row(0, named=True)
    held, traded = sums["calls_open_interest"], sums["calls_volume_24h"]
    return {
        **sums,
        "put_call_open_interest": sums["puts_open_interest"] / held if held else None,
        "put_call_volume": sums["puts_volume_24h"] / traded if traded else None,
        "contracts": options.height,
    }


def _expiry(options: pl.DataFrame) -> dict[str, Any]:
    """One expiry of one snapshot."""
    is_call = pl.col("kind") == "call"
    held = pl.col("open_interest").fill_null(0.0)
    strikes = (
        options.group_by("strike")
        .agg(
            held.filter(is_call).sum().alias("calls"),
            held.filter(~is_call).sum().alias("puts"),
            # without interest the put of a strike has the call's delta less one
            (pl.col("delta") + pl.when(is_call).then(0.0).otherwise(1.0)).mean().alias("call_delta"),
            pl.col("mark_iv").filter(pl.col("mark_iv") > 0).mean(),
        )
        .sort("strike")
        .with_columns(pl.col("call_delta", "mark_iv").fill_null(float("nan")))
    )
    forward = options["underlying_price"].median()
    strike, calls, puts, delta, volatility = (strikes[name].to_numpy() for name in strikes.columns)
    shape = wings(strike, delta, volatility, forward if isinstance(forward, float) else 0.0)
    return {
        "forward": forward,
        **_sums(options),
        "max_pain": max_pain(strike, calls, puts),
        "atm_iv": shape.at_the_money,
        "skew_25d": shape.skew,
        "butterfly_25d": shape.butterfly,
    }


def _total(snapshot: pl.DataFrame, rows: list[dict[str, Any]], ts: datetime) -> dict[str, Any]:
    """All expiries of one snapshot: sums, and volatility at fixed distances in time."""
    left = [(row["expiry"] - ts).total_seconds() / 86_400 for row in rows]
    years = np.asarray(left) / DAYS_A_YEAR
    volatility, skew = (
        np.asarray([row[name] for row in rows], dtype=np.float64) for name in ("atm_iv", "skew_25d")
    )
    levels = {f"atm_iv_{days}d": at_maturity(years, volatility, days / DAYS_A_YEAR) for days in MATURITIES}
    return {
        "index_price": snapshot["index_price"].median(),
        **_sums(snapshot),
        "expiries": len(rows),
        **levels,
        "skew_30d": between(years, skew, SKEW_DAYS / DAYS_A_YEAR),
    }
