"""Hard rules of a candle: what may be stored, what goes to quarantine, what is left out and why.

Pure: frames in, frames out. A row that breaks a rule is never mended and never dropped in silence: it is in
`quarantined` with every reason and the row as it came, or it is counted in `duplicates` or `forming`.
"""

import json
import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import polars as pl

from alphapulse_assets.core.timeframes import bar_length, bar_open
from alphapulse_resources.frames import CANDLE_SCHEMA

LOGIC_VERSION: Final = 2
"""Bumped whenever the same input would be judged differently."""

RULES: Final[dict[str, str]] = {
    "missing_time": "the row has no open time",
    "missing_value": "open, high, low, close or volume is null, NaN or infinite",
    "unreadable_value": "quote_volume, trades or taker_buy_volume is given but no finite (or whole) number",
    "non_positive_price": "open, high, low or close is zero or less",
    "high_below_low": "the high is below the low",
    "high_below_body": "the high is below the open or the close",
    "low_above_body": "the low is above the open or the close",
    "negative_volume": "volume, quote_volume or taker_buy_volume is below zero",
    "negative_trades": "the number of trades is below zero",
    "taker_exceeds_volume": "takers bought more than was traded at all",
    "absurd_price": "a price is above 1e15 or below 1e-18: no pair of currencies is that far apart",
    "absurd_volume": "volume or taker_buy_volume is above 1e21: more than there is of any coin",
    "absurd_quote_volume": "quote_volume is above 1e21: more than there is of any currency",
    "absurd_trades": "the number of trades is above 1e9: a time or a volume in the wrong column",
    "misaligned_time": "the open time is not on the timeframe's grid (weeks start on Monday)",
    "future": "the open time is later than now",
    "outside_window": "the open time is outside the window that was asked for",
    "before_epoch": "the open time is before 2009-01-03, when there was no market",
    "conflicting_duplicate": "the same open time came with different values; which one is true is unknown",
}
"""Every reason a row can be quarantined for, with its meaning. The names are stable: they are stored."""

GENESIS: Final = datetime(2009, 1, 3, tzinfo=UTC)
"""Day of Bitcoin's first block: nothing can have been traded before it."""

TAKER_TOLERANCE: Final = 1e-9
"""Relative slack of taker_buy_volume <= volume: both are decimal texts rounded to doubles (ours)."""

HIGHEST_PRICE: Final = 1e15
"""A bitcoin costs some 1e11 Iranian rials, and some 1e14 of the cheapest coins (ours)."""
LOWEST_PRICE: Final = 1e-18
"""The smallest part of a coin of Ethereum; the cheapest coins cost 1e-14 bitcoins (ours)."""
HIGHEST_VOLUME: Final = 1e21
"""Of the most plentiful coins there are some 1e18 pieces; a bar of a week turns them over a thousand times.
Also for quote volume: a week of the world's trading in rials is 1e18. Sums of ten thousand such fit a
double (ours)."""
MOST_TRADES: Final = 1_000_000_000
"""The busiest weeks of the busiest pair have some 3e8 trades. Times in seconds are above it since 2001
(ours)."""
# the check of the tables, sql/migrations/0020_bounds.sql, has the same numbers

QUARANTINE_SCHEMA: Final = pl.Schema(
    {"ts": pl.Datetime("us", "UTC"), "reasons": pl.List(pl.String), "payload": pl.String()}
)

_PRICES: Final = ("open", "high", "low", "close")
_REQUIRED: Final = ("ts", *_PRICES, "volume")
_OPTIONAL: Final = ("quote_volume", "trades", "taker_buy_volume")


@dataclass(frozen=True, slots=True)
class Validated:
    """The verdict on a frame: rows given = candles + quarantined + duplicates + forming.

    `candles` has CANDLE_SCHEMA, sorted by `ts`, every `ts` once. `quarantined` has QUARANTINE_SCHEMA, sorted
    by `ts` (null last): `reasons` are names in RULES, `payload` is JSON text of the row as it came, where
    numbers JSON cannot hold are the strings "NaN", "Infinity" and "-Infinity".
    """

    candles: pl.DataFrame
    quarantined: pl.DataFrame
    duplicates: int  # identical repeats that were collapsed
    forming: int  # rows of bars not closed yet at `now`, left out


def validate(
    frame: pl.DataFrame,
    timeframe: str,
    *,
    now: datetime,
    window: tuple[datetime, datetime] | None = None,
    payloads: int | None = None,
) -> Validated:
    """Judge every row of `frame` (bars of `timeframe`, any order) by RULES.

    The frame needs ts (aware datetimes), open, high, low, close, volume; other columns of CANDLE_SCHEMA are
    null where absent or NaN, and columns beyond it only live on in payloads. A bar is closed when
    ts + timeframe <= now. `window` is half-open. Only the first `payloads` quarantined rows get a payload, if
    given: a file may be bad as a whole.

    Raises:
        ValueError: a required column is absent, `ts` or `now` has no time zone, an unknown timeframe.
    """
    step = _check_arguments(frame, timeframe, now, window)
    now = now.astimezone(UTC)
    typed = _typed(frame)
    off_grid = pl.col("ts") != bar_open(timeframe)
    rules = _row_rules(off_grid, now, window)
    forming = (pl.col("ts") <= now) & (pl.col("ts") > now - step) & ~off_grid
    verdict = typed.select(
        pl.any_horizontal(*rules.values()).fill_null(False).alias("broken"),
        forming.fill_null(False).alias("forming"),
    )
    broken, is_forming = verdict["broken"] & ~verdict["forming"], verdict["forming"]
    left_out = int(is_forming.sum())
    if not broken.any() and _strictly_increasing(typed["ts"]):
        candles = typed.select(CANDLE_SCHEMA.names())
        kept = candles.filter(~is_forming) if left_out else candles
        return Validated(kept, pl.DataFrame(schema=QUARANTINE_SCHEMA), 0, left_out)
    rows = typed.with_columns(broken.alias("broken")).with_row_index("row").filter(~is_forming)
    return _sort_out(frame, rows, rules, left_out, payloads)


def _check_arguments(
    frame: pl.DataFrame, timeframe: str, now: datetime, window: tuple[datetime, datetime] | None
) -> timedelta:
    """Refuse what cannot be judged at all; the length of a bar."""
    absent = [name for name in _REQUIRED if name not in frame.columns]
    if absent:
        raise ValueError(
            f"candles lack the required column {', '.join(absent)}; the frame has {', '.join(frame.columns)}"
        )
    if any(moment.tzinfo is None for moment in (now, *(window or ()))):
        raise ValueError("`now` and `window` need a time zone; give UTC datetimes")
    dtype = frame.schema["ts"]
    if dtype != pl.Null and not (isinstance(dtype, pl.Datetime) and dtype.time_zone):
        raise ValueError(
            f"the open times (ts) are {dtype}, which names no instant; give Datetime with a time zone"
        )
    return bar_length(timeframe)


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame in CANDLE_SCHEMA, with null for what is no finite number, plus a mask `unreadable`."""
    columns = [_readable(frame.schema, name) for name in CANDLE_SCHEMA]
    return frame.select(*columns, _unreadable(frame.schema).alias("unreadable"))


def _readable(schema: pl.Schema, name: str) -> pl.Expr:
    """Column `name` in its dtype of CANDLE_SCHEMA; null where it cannot be read."""
    wanted = CANDLE_SCHEMA[name]
    if name not in schema:
        return pl.lit(None, dtype=wanted).alias(name)
    column = pl.col(name)
    if isinstance(schema[name], pl.Datetime):
        column = column.dt.convert_time_zone("UTC")
    if schema[name] != wanted:
        column = column.cast(wanted, strict=False)
    return pl.when(column.is_finite()).then(column).alias(name) if wanted == pl.Float64 else column


def _unreadable(schema: pl.Schema) -> pl.Expr:
    """Whether an optional column tells something that is lost when it is read; NaN tells nothing."""
    lost = [pl.lit(False)]
    for name in _OPTIONAL:
        if name not in schema or schema[name] == pl.Null or schema[name] == pl.Int64:
            continue
        told = pl.col(name).cast(pl.Float64, strict=False)
        read = pl.col(name).cast(CANDLE_SCHEMA[name], strict=False).cast(pl.Float64)
        unread = pl.col(name).is_not_null() & ((told != read) | told.is_infinite()).fill_null(True)
        lost.append(unread & ~told.is_nan().fill_null(False))
    return pl.any_horizontal(*lost)


def _row_rules(
    off_grid: pl.Expr, now: datetime, window: tuple[datetime, datetime] | None
) -> dict[str, pl.Expr]:
    """The rules one row can break by itself: name -> mask over the typed frame (null means unbroken)."""
    ts, high, low = pl.col("ts"), pl.col("high"), pl.col("low")
    start, end = window or (None, None)
    return {
        "missing_time": ts.is_null(),
        "missing_value": pl.any_horizontal(pl.col(*_PRICES, "volume").is_null()),
        "unreadable_value": pl.col("unreadable"),
        "non_positive_price": pl.any_horizontal(pl.col(*_PRICES) <= 0),
        "high_below_low": high < low,
        "high_below_body": (high < pl.col("open")) | (high < pl.col("close")),
        "low_above_body": (low > pl.col("open")) | (low > pl.col("close")),
        "negative_volume": pl.any_horizontal(pl.col("volume", "quote_volume", "taker_buy_volume") < 0),
        "negative_trades": pl.col("trades") < 0,
        "taker_exceeds_volume": pl.col("taker_buy_volume") > pl.col("volume") * (1 + TAKER_TOLERANCE),
        "absurd_price": pl.any_horizontal(
            (pl.col(*_PRICES) > HIGHEST_PRICE) | ((pl.col(*_PRICES) < LOWEST_PRICE) & (pl.col(*_PRICES) > 0))
        ),
        "absurd_volume": pl.any_horizontal(pl.col("volume", "taker_buy_volume") > HIGHEST_VOLUME),
        "absurd_quote_volume": pl.col("quote_volume") > HIGHEST_VOLUME,
        "absurd_trades": pl.col("trades") > MOST_TRADES,
        "misaligned_time": off_grid,
        "future": ts > now,
        "outside_window": (ts < start) | (ts >= end) if window else pl.lit(False),
        "before_epoch": ts < GENESIS,
    }


def _strictly_increasing(ts: pl.Series) -> bool:
    return bool((ts.to_physical().diff().drop_nulls() > 0).all())


def _sort_out(
    frame: pl.DataFrame, rows: pl.DataFrame, rules: dict[str, pl.Expr], left_out: int, limit: int | None
) -> Validated:
    """The long way, for frames that are out of order, repeat a time or break a rule."""
    repeats, conflicting = _repeats(frame, rows.select("row", "ts"))
    rules = rules | {"conflicting_duplicate": pl.col("ts").is_in(conflicting.implode())}
    rows = rows.filter(~pl.col("row").is_in(repeats.implode()))
    refused = pl.col("broken") | rules["conflicting_duplicate"].fill_null(False)
    reasons = pl.concat_list(pl.when(mask).then(pl.lit(name)) for name, mask in rules.items())
    bad = rows.filter(refused).sort("ts", nulls_last=True, maintain_order=True)
    kept = bad["row"] if limit is None else bad["row"].head(limit)
    payloads: list[str | None] = [_payload(row) for row in frame[kept].iter_rows(named=True)]
    payloads += [None] * (bad.height - len(payloads))
    return Validated(
        candles=rows.filter(~refused).select(CANDLE_SCHEMA.names()).sort("ts"),
        quarantined=bad.select(
            "ts",
            reasons.list.drop_nulls().alias("reasons"),
            pl.Series("payload", payloads, dtype=pl.String),
        ),
        duplicates=len(repeats),
        forming=left_out,
    )


def _repeats(frame: pl.DataFrame, rows: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Row numbers that only repeat an earlier row, and times that came in more than one version."""
    repeated = rows.filter(pl.col("ts").is_duplicated() & pl.col("ts").is_not_null())
    values = [name for name in CANDLE_SCHEMA if name in frame.columns]
    as_came = frame[repeated["row"]].select(pl.col(values).name.prefix("came_"))
    known = repeated.hstack(as_came)
    versions = known.unique(as_came.columns, keep="first", maintain_order=True)
    conflicting = versions.filter(pl.col("ts").is_duplicated())["ts"].unique()
    return known.join(versions, on="row", how="anti")["row"], conflicting


def _payload(row: dict[str, Any]) -> str:
    """A row as JSON text, exactly as it came."""
    return json.dumps({name: _json_value(value) for name, value in row.items()}, default=str)


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
