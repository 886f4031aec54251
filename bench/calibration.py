"""`python -m bench.calibration FILE...`: how often the scores were right at each level, on candles in files.

Each file is looked at in its own timeframe, as long as it is, with three random walks beside it: patterns and
scores by the platform's own code, of the file's timeframe and those that follow from it. Shorter timeframes,
the market and sentiment are not in a file, so their parts of the scores are unknown. Success rates are those
of the file's own past, as of each midnight. What is printed is Markdown: every level of every score.
"""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import polars as pl
import typer

from alphapulse_assets.core.bars import is_sound
from alphapulse_assets.core.statistics import Interval
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.patterns.calibration.calibration import calibration
from alphapulse_assets.patterns.calibration.pieces import condensed
from alphapulse_assets.patterns.calibration.walks import Found
from alphapulse_assets.patterns.evaluation.performance import ABOVE, BELOW, performance, verdict
from alphapulse_assets.patterns.evaluation.performance_stats import WALKS
from alphapulse_assets.patterns.evaluation.random_walk import SEED, matched_walk
from alphapulse_assets.patterns.evaluation.success import COUNT_SCHEMA, SUCCESS_SCHEMA, success_history
from alphapulse_assets.patterns.events.arrays import micros_of
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_resources.candle_files import CandleFileError, read_candles

HORIZON: Final = DEFAULT.outcomes.history_horizon
DAY: Final = timedelta(days=1)
_TIMEFRAMES: Final = ("1m", "5m", "15m", "1h", "4h", "1d")


def candles_of(path: Path) -> tuple[pl.DataFrame, str]:
    """The sound candles of a file in order of time, and the timeframe that its name says or its rows prove.

    Raises:
        ValueError: none of the timeframes reads it.
    """
    named = [name for name in _TIMEFRAMES if name in path.stem.replace("_", "-").split("-")]
    said = ""
    for timeframe in named or _TIMEFRAMES:
        try:
            read = read_candles(path, timeframe=timeframe, any_symbol=True)
        except CandleFileError as error:
            said = str(error)
            continue
        rows = read.candles.unique("ts", keep="last").sort("ts")
        prices = (pl.col("high"), pl.col("low"), pl.col("close"), pl.col("volume"))
        return rows.filter(pl.col("low") > 0, is_sound(*prices)), timeframe
    raise ValueError(f"{path}: no timeframe fits; {said}")


def rates(outcomes: pl.DataFrame, last: datetime) -> pl.DataFrame:
    """SUCCESS_SCHEMA as of each midnight that the outcomes reach."""
    known = outcomes.filter(pl.col("horizon") == HORIZON, pl.col("directed_pct").is_not_null())
    if known.is_empty():
        return SUCCESS_SCHEMA.to_frame()
    first = known["known_at"].min()
    begin = first.replace(hour=0, minute=0, second=0, microsecond=0) + DAY  # type: ignore[union-attr]
    times = [begin + number * DAY for number in range((last - begin) // DAY + 1)]
    if not times:
        return SUCCESS_SCHEMA.to_frame()
    moments = pl.Series("known_at", times, dtype=pl.Datetime("us", "UTC"))
    places = pl.DataFrame({"until": moments, "place": range(len(times))})
    length = micros_of(str(known["timeframe"][0])) * HORIZON
    counts = (
        known.sort("known_at")
        .join_asof(places, left_on="known_at", right_on="until", strategy="forward")
        .drop_nulls("place")
        .select(
            *("timeframe", "family", "pattern", "direction", "regime", "place"),
            stretch=pl.col("confirmed_at").dt.epoch("us") // length,
            n=pl.lit(1, pl.Int64),
            right=(pl.col("directed_pct") > 0).cast(pl.Int64),
        )
    )
    return success_history(counts.select(COUNT_SCHEMA.names()).cast(dict(COUNT_SCHEMA)), times)


def looked_at(candles: pl.DataFrame, timeframe: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """CALIBRATION_SCHEMA and PERFORMANCE_SCHEMA of a file's candles, walks beside them."""
    first, last = candles["ts"][0], candles["ts"][-1] + bar_length(timeframe)
    found = Found(candles, timeframe, 1)
    history = rates(found.outcomes, last)
    real = found.scored(history, first)
    scores, outcomes = [], []
    for number in range(WALKS):
        walked = Found(matched_walk(candles, SEED + number), timeframe, 1).scored(history, first)
        scores.append(condensed(*walked, number))
        outcomes.append(walked[1])
    walk = pl.concat([told for told, _ in scores]), pl.concat([came for _, came in scores])
    return calibration(condensed(*real), walk, last), performance(real[1], pl.concat(outcomes), last)


def levels(told: pl.DataFrame, horizon: int) -> list[str]:
    """A table of every level of every score at a horizon."""
    shown = told.filter(pl.col("horizon") == horizon)
    lines = [
        "| score | level | evidence | clusters | right | 95 % | after costs | mean ATR | walk | walk, 95 % |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in shown.iter_rows(named=True):
        lines.append(
            f"| {row['score']} | {row['level']} | {row['evidence']:,} | {row['clusters']:,} "
            f"| {_share(row['right_share'])} | {_share(row['right_low'])} to {_share(row['right_high'])} "
            f"| {_share(row['paid_share'])} | {row['mean_atr'] or 0.0:+.3f} "
            f"| {_share(row['walk_right'])} | {_share(row['walk_low'])} to {_share(row['walk_high'])} |"
        )
    return lines


def horizons(told: pl.DataFrame) -> list[str]:
    """A table of the share right beside the walks' at every level and horizon, and one of the slopes."""
    bars = told["horizon"].unique().sort().to_list()
    head = " | ".join(f"{each} bars" for each in bars)
    lines = [f"| right / walk, % | level | {head} |", "|---|---|" + "---|" * len(bars)]
    cells = {
        (
            row["score"],
            row["level"],
            row["horizon"],
        ): f"{_points(row['right_share'])} / {_points(row['walk_right'])}"
        for row in told.iter_rows(named=True)
    }
    for score, level in (
        told.sort("score", "place").select("score", "level").unique(maintain_order=True).rows()
    ):
        shares = " | ".join(cells.get((score, level, each), "") for each in bars)
        lines.append(f"| {score} | {level} | {shares} |")
    lines += ["", f"| points a level | | {head} |", "|---|---|" + "---|" * len(bars)]
    slopes = told.unique(["score", "horizon"], keep="first", maintain_order=True)
    for (score,), rows in slopes.partition_by("score", as_dict=True, maintain_order=True).items():
        by = {row["horizon"]: row for row in rows.iter_rows(named=True)}
        lines.append(f"| {score} | real | " + " | ".join(_slope(by.get(each)) for each in bars) + " |")
        walks = (_walk_slope(by.get(each)) for each in bars)
        lines.append(f"| {score} | walk | " + " | ".join(walks) + " |")
    return lines


def _slope(row: dict[str, Any] | None) -> str:
    if row is None or row["slope"] is None:
        return ""
    return f"{100 * row['slope']:+.1f} ({100 * row['slope_low']:+.1f} to {100 * row['slope_high']:+.1f})"


def _walk_slope(row: dict[str, Any] | None) -> str:
    if row is None or row["walk_slope"] is None:
        return ""
    return f"{100 * row['walk_slope']:+.1f} (p {row['walk_trend_p']:.3f})"


def verdicts(told: pl.DataFrame) -> str:
    """How many patterns stand out by q and effect, and how many did by two intervals apart."""
    counts = dict(told.group_by("verdict").len().iter_rows())
    apart = sum(_apart(row) is not None for row in told.iter_rows(named=True))
    named = told.filter(pl.col("verdict") != "no demonstrated edge")
    held = named.filter(pl.col("sign_holds")).height
    tested = told["p_value"].count()
    return (
        f"Patterns: of {told.height:,} rows {tested:,} could be tested; {counts.get(ABOVE, 0)} above and "
        f"{counts.get(BELOW, 0)} below chance at q 0.05, {held} of them with the same sign in both halves. "
        f"Two intervals apart name {apart}."
    )


def _apart(row: dict[str, Any]) -> str | None:
    if row["p_value"] is None:
        return None
    walk = Interval(row["walk_rate"], row["walk_low"], row["walk_high"])
    said = verdict(Interval(row["hit_rate"], row["hit_low"], row["hit_high"]), walk, row["base_rate"])
    return said if said in (ABOVE, BELOW) else None


def _share(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.1f} %"


def _points(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:.1f}"


def report(path: Path, horizon: int) -> list[str]:
    """The Markdown of one file."""
    candles, timeframe = candles_of(path)
    told, judged = looked_at(candles, timeframe)
    span = f"{candles['ts'][0]:%Y-%m-%d} to {candles['ts'][-1]:%Y-%m-%d}"
    return [
        f"### {path.stem} ({timeframe}, {candles.height:,} bars, {span})",
        "",
        *levels(told, horizon),
        "",
        *horizons(told),
        "",
        verdicts(judged),
        "",
    ]


def main(
    files: Annotated[list[Path], typer.Argument(help="Candle files, of any kind that imports take.")],
    horizon: Annotated[int, typer.Option(help="Bars after which the levels are shown.")] = HORIZON,
) -> None:
    """Print the calibration of the scores on each file."""
    for path in files:
        for line in report(path, horizon):
            typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
