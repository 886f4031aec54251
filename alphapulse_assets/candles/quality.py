"""Soft rules: what looks odd about sound candles, and one score per instrument and day.

Pure. A flag never changes or removes a candle, it says that an analyst may want to look. Every flag looks at
its own bar and at earlier ones only: the flags of a prefix are the prefix of the flags.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import polars as pl

from alphapulse_assets.core.timeframes import bar_length
from alphapulse_resources.frames import CANDLE_SCHEMA

LOGIC_VERSION: Final = 1
"""Bumped whenever the same candles would be flagged or scored differently."""

FLAGS: Final[dict[str, str]] = {
    "jump": "the close moved far more than it used to; score: |robust z| of the log return",
    "stale": "a run of bars stands still at one price; score: bars in the run so far, at most the window",
    "zero_volume": "nothing was traded; score: 1",
    "volume_outlier": "far more was traded than used to be; score: robust z of log(1 + volume)",
    "cross_venue": "the close is far from the same pair's elsewhere; score: distance in basis points",
    "wick": "the bar spans far more than bars used to; score: robust z of log(high / low)",
}
"""Every flag with its meaning and the unit of its score. The names are stable: they are stored."""

FLAG_SCHEMA: Final = pl.Schema(
    {"ts": pl.Datetime("us", "UTC"), "flag": pl.String(), "score": pl.Float64(), "detail": pl.String()}
)

MAD_TO_SIGMA: Final = 1.4826
"""From median absolute deviation to standard deviation of a normal (Rousseeuw & Croux 1993)."""


@dataclass(frozen=True, slots=True)
class QualityRules:
    """Thresholds of the flags and weights of the score, each with its source.

    The robust z of a value x is (x - median) / (MAD_TO_SIGMA * MAD) over the bars before it (Iglewicz &
    Hoaglin 1993). They call 3.5 an outlier of a normal sample; tails of bars are far heavier, so the
    thresholds are ours: on real bars 0 to 2 flags a day at 5m (2018, 2021), 47 on a thin 1m pair (2017).
    """

    window_bars: int = 1440  # ours: a day of minutes, so every hour of the day is in it
    min_bars: int = 60  # ours: fewer bars make no scale
    jump_z: float = 12.0  # ours
    wick_z: float = 12.0  # ours
    volume_z: float = 8.0  # ours: log volume has lighter tails than returns
    min_price_scale: float = 2e-4  # ours: 2 bps per bar, so that a market at rest does not flag every tick
    stale_bars: int = 15  # ours: a quarter of an hour without one tick
    cross_venue_bps: float = 100.0  # ours: several times a usual USDT/USD basis plus fees of both venues
    timely_seconds: float = 90.0  # ours: REST polls each minute and then needs some seconds

    # ours: share of a flagged bar that counts against consistency; cross_venue has its own part of the score
    flag_weights: Mapping[str, float] = field(
        default_factory=lambda: {
            "jump": 1.0,
            "stale": 1.0,
            "wick": 0.5,
            "volume_outlier": 0.25,
            "zero_volume": 0.1,
            "cross_venue": 0.0,
        }
    )
    # ours: what is not there cannot be analysed, so completeness comes first
    score_weights: Mapping[str, float] = field(
        default_factory=lambda: {
            "completeness": 0.35,
            "validity": 0.20,
            "consistency": 0.20,
            "agreement": 0.15,
            "timeliness": 0.10,
        }
    )

    @property
    def warmup_bars(self) -> int:
        """Bars `before` that make the flags independent of where a batch starts: two windows and a return."""
        return 2 * self.window_bars + 1


DEFAULT_RULES: Final = QualityRules()


def flag(
    candles: pl.DataFrame,
    timeframe: str,
    *,
    before: pl.DataFrame,
    reference: pl.DataFrame | None = None,
    rules: QualityRules = DEFAULT_RULES,
) -> pl.DataFrame:
    """The flags of `candles`: FLAG_SCHEMA sorted by ts and flag, `detail` is JSON text.

    `candles` and `before` have CANDLE_SCHEMA and passed validation (sorted, sound, closed). `before` are the
    bars just before: with `rules.warmup_bars` of them the flags do not depend on where the batch starts, with
    fewer the first bars are judged against what there is (jump, wick and volume after two times `min_bars`).
    `reference` (ts, close) is the same pair at another venue; without it nothing is cross_venue.

    Raises:
        ValueError: unknown timeframe, or bars that are not in order of time.
    """
    step = bar_length(timeframe)
    bars = pl.concat([before.select(CANDLE_SCHEMA.names()), candles.select(CANDLE_SCHEMA.names())])
    if (bars["ts"].to_physical().diff().drop_nulls() <= 0).any():
        raise ValueError(
            "bars to flag are not in order of time, each once; is `before` really before `candles`?"
        )
    elapsed = (pl.col("ts").diff() / pl.lit(step)).alias("bars_since")
    table = bars.with_columns(elapsed).with_columns(*_measures())
    for name, floor in (("log_return", rules.min_price_scale), ("log_range", rules.min_price_scale)):
        table = _with_robust_z(table, name, rules, floor)
    table = _with_robust_z(_with_still_run(table), "log_volume", rules, None)
    table = table.slice(before.height)
    found = [
        *_outliers(table, rules),
        _stale(table, rules),
        _picked(table, "zero_volume", pl.col("volume") == 0, pl.lit(1.0), []),
    ]
    if reference is not None:
        found.append(_cross_venue(table, reference, rules))
    return pl.concat(found).sort("ts", "flag")


def _measures() -> list[pl.Expr]:
    """What the robust rules look at; a return over missing bars is scaled to one bar (random walk)."""
    log_return = (pl.col("close") / pl.col("close").shift(1)).log() / pl.col("bars_since").sqrt()
    return [
        log_return.alias("log_return"),
        (pl.col("high") / pl.col("low")).log().alias("log_range"),
        pl.col("volume").log1p().alias("log_volume"),
    ]


def _with_robust_z(table: pl.DataFrame, name: str, rules: QualityRules, floor: float | None) -> pl.DataFrame:
    """Adds `<name>_median`, `<name>_scale` and `<name>_z` of the bars before each bar.

    Each deviation is from the median known at its own time, so that one pass over the bars does. A scale
    below `floor` is the floor; without a floor, a scale of zero (more than half of the values are equal)
    gives no z at all.
    """
    median, scale = f"{name}_median", f"{name}_scale"

    def trailing(values: pl.Expr) -> pl.Expr:
        return values.shift(1).rolling_median(rules.window_bars, min_samples=rules.min_bars)

    table = table.with_columns(trailing(pl.col(name)).alias(median))
    spread = MAD_TO_SIGMA * trailing((pl.col(name) - pl.col(median)).abs())
    spread = pl.when(spread > 0).then(spread) if floor is None else spread.clip(lower_bound=floor)
    table = table.with_columns(spread.alias(scale))
    return table.with_columns(((pl.col(name) - pl.col(median)) / pl.col(scale)).alias(f"{name}_z"))


def _with_still_run(table: pl.DataFrame) -> pl.DataFrame:
    """Adds `still_bars`: bars in a row, none missing, that stood still at this price (0: it moved)."""
    still = (pl.col("high") == pl.col("low")) & (pl.col("open") == pl.col("close"))
    goes_on = still & (pl.col("open") == pl.col("close").shift(1)) & (pl.col("bars_since") == 1)
    table = table.with_columns(still.alias("still"), (~goes_on.fill_null(False)).cum_sum().alias("still_run"))
    length = pl.col("still").cast(pl.Int64).cum_sum().over("still_run")
    return table.with_columns(pl.when("still").then(length).otherwise(0).alias("still_bars"))


def _outliers(table: pl.DataFrame, rules: QualityRules) -> list[pl.DataFrame]:
    """The three rules that compare a bar with the bars before it."""
    jump, wick, volume = pl.col("log_return_z").abs(), pl.col("log_range_z"), pl.col("log_volume_z")
    return [
        _picked(table, "jump", jump > rules.jump_z, jump, _evidence("log_return", "bars_since")),
        _picked(table, "wick", wick > rules.wick_z, wick, _evidence("log_range")),
        _picked(table, "volume_outlier", volume > rules.volume_z, volume, _evidence("log_volume", "volume")),
    ]


def _evidence(name: str, *more: str) -> list[pl.Expr]:
    return [pl.col(name, f"{name}_median", f"{name}_scale", *more)]


def _stale(table: pl.DataFrame, rules: QualityRules) -> pl.DataFrame:
    run = pl.col("still_bars").clip(upper_bound=rules.window_bars)
    return _picked(
        table, "stale", run >= rules.stale_bars, run.cast(pl.Float64), [pl.col("close").alias("price")]
    )


def _cross_venue(table: pl.DataFrame, reference: pl.DataFrame, rules: QualityRules) -> pl.DataFrame:
    elsewhere = reference.select("ts", pl.col("close").alias("reference")).filter(
        (pl.col("reference") > 0) & pl.col("reference").is_finite()
    )
    matched = table.join(elsewhere, on="ts", how="inner", validate="1:1")
    distance = (pl.col("close") / pl.col("reference") - 1).abs() * 10_000
    return _picked(
        matched, "cross_venue", distance > rules.cross_venue_bps, distance, [pl.col("close", "reference")]
    )


def _picked(
    table: pl.DataFrame, flag: str, condition: pl.Expr, score: pl.Expr, evidence: list[pl.Expr]
) -> pl.DataFrame:
    """The rows of `table` that meet `condition`, as flags with their evidence."""
    detail = pl.struct(*evidence).struct.json_encode() if evidence else pl.lit("{}")
    return table.filter(condition).select(
        "ts", pl.lit(flag).alias("flag"), score.alias("score"), detail.alias("detail")
    )


@dataclass(frozen=True, slots=True)
class DayQuality:
    """How good one instrument's day is. Parts are in 0..1, None where there is nothing to judge by."""

    score: float | None  # 0..100: weighted mean of the parts there are
    coverage_of_score: float  # 0..1: how much of the weight those parts have
    completeness: float | None  # minutes that are there or verifiably never were / expected
    present_share: float | None  # minutes that are there / expected
    validity: float | None  # 1 - quarantined / (present + quarantined)
    consistency: float | None  # 1 - share of flagged bars, each by its heaviest flag
    timeliness: float | None  # share of live rows that arrived in time
    agreement: float | None  # 1 - share of compared bars that differ from the reference venue


def score_day(
    *,
    expected: int,
    present: int,
    venue_had_none: int,
    quarantined: int,
    flags: pl.DataFrame,
    live_delays: pl.Series | None = None,
    compared: int | None = None,
    rules: QualityRules = DEFAULT_RULES,
) -> DayQuality:
    """The quality of a day (or of any stretch) of one instrument, from counts of bars.

    `expected` bars should exist, `present` are stored, `venue_had_none` are verified never to have existed,
    `quarantined` rows were refused. `flags` has FLAG_SCHEMA, of these bars. `live_delays` are the seconds
    from close to receipt of the bars that came live (None or empty: nothing was). `compared` is the number
    of bars that had a reference (None or 0: none). Parts without a basis drop out and the weights of the
    others are scaled up; `coverage_of_score` tells how much weight there was.

    Raises:
        ValueError: a negative count, or more bars present or explained than expected.
    """
    if min(expected, present, venue_had_none, quarantined, compared or 0) < 0:
        raise ValueError("a count of bars is below zero")
    if present + venue_had_none > expected:
        raise ValueError(
            f"{present} bars present and {venue_had_none} explained are more than the {expected} expected"
        )
    live = live_delays.drop_nulls() if live_delays is not None else pl.Series(dtype=pl.Float64)
    differing = flags.filter(pl.col("flag") == "cross_venue").height
    parts = {
        "completeness": _share(present + venue_had_none, expected),
        "validity": _share(present, present + quarantined),
        "consistency": _share(present - _flagged_weight(flags, rules), present),
        "timeliness": _share(int((live <= rules.timely_seconds).sum()), len(live)),
        "agreement": _share((compared or 0) - differing, compared or 0),
    }
    weight = sum(rules.score_weights[name] for name, part in parts.items() if part is not None)
    total = sum(rules.score_weights[name] * part for name, part in parts.items() if part is not None)
    return DayQuality(
        score=100 * total / weight if weight else None,
        coverage_of_score=weight / sum(rules.score_weights.values()),
        present_share=_share(present, expected),
        **parts,
    )


def _share(part: float, whole: int) -> float | None:
    return min(max(part / whole, 0.0), 1.0) if whole else None


def _flagged_weight(flags: pl.DataFrame, rules: QualityRules) -> float:
    """Flagged bars, each counted with the weight of its heaviest flag."""
    weight = pl.col("flag").replace_strict(rules.flag_weights, return_dtype=pl.Float64)
    return float(flags.group_by("ts").agg(weight.max().alias("weight"))["weight"].sum())
