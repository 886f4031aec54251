"""`alphapulse motifs`: shapes that come back in closes, judged as patterns are before any is one."""

from datetime import UTC, datetime, timedelta

from alphapulse.lookalike.similar import stretch
from alphapulse.moments import moment
from alphapulse_assets.patterns.evaluation.performance import NO_EDGE
from alphapulse_assets.patterns.motifs.judged import Judged, judged
from alphapulse_cli.client import client
from alphapulse_cli.database import CommandError
from alphapulse_cli.output import console, hint, parse_format, print_rows
from alphapulse_resources.names import did_you_mean
from alphapulse_resources.timeframes import TIMEFRAMES

MOST_HISTORY = 50_000
"""Bars at most (ours): the work grows with their square, to some ten seconds there."""


def run(
    symbol: str,
    timeframe: str,
    *,
    venue: str | None,
    at: str | None,
    bars: int,
    motifs: int,
    horizon: int,
    history: int,
    form: str,
) -> None:
    """Print motifs, the nearest pair first."""
    style = parse_format(form)
    if timeframe not in TIMEFRAMES:
        near = did_you_mean(timeframe, list(TIMEFRAMES)) or f"; use one of {', '.join(TIMEFRAMES)}"
        raise CommandError(f"there is no timeframe {timeframe!r}{near}")
    if not 100 <= history <= MOST_HISTORY:
        raise CommandError(f"--history is from 100 to {MOST_HISTORY}, not {history}")
    step: timedelta = TIMEFRAMES[timeframe]
    with client() as db:
        then = moment("at", at) or datetime.now(UTC)
        start, end = stretch(then, step, history)
        candles = db.reading("candles", symbol=symbol, venue=venue, timeframe=timeframe, start=start, end=end)
    whose = candles.select("venue", "symbol").unique().sort("venue").rows()
    if len(whose) != 1:
        said = (
            f"{', '.join(each for each, _ in whose)} have it: --venue chooses" if whose else "no bars there"
        )
        raise CommandError(f"{symbol} {timeframe}: {said}")
    place, name = whose[0]
    try:
        found = judged(candles, step, bars=bars, most=motifs, horizon=horizon)
    except ValueError as error:
        raise CommandError(str(error)) from None
    title = f"{place} {name} {timeframe}: motifs of {bars} bars in {candles.height:,}; after {horizon} bars"
    print_rows(_COLUMNS, [_row(each) for each in found], style, title=title if style.for_people else None)
    if not style.for_people:
        return
    good = [each for each in found if each.verdict != NO_EDGE]
    console().print(
        f"{len(good)} of {len(found)} stand out from chance on bars they were not found in."
        if good
        else "No demonstrated edge: what followed these shapes is what follows any bars.",
        soft_wrap=True,
    )
    hint("found: in the first 60 % of the bars, which gave the direction; all other figures are of the rest")


_COLUMNS = (
    "pair", "and", "distance", "direction", "found", "n", "clusters", "right", "interval", "all windows",
    "walk", "mean ATR", "verdict",
)  # fmt: skip


def _row(each: Judged) -> tuple[object, ...]:
    def share(value: float | None) -> str | None:
        return None if value is None else f"{value:.1%}"

    def between(low: float | None, high: float | None) -> str | None:
        return None if low is None or high is None else f"{low:.1%} to {high:.1%}"

    return (
        each.first,
        each.twin,
        round(each.distance, 3),
        each.direction,
        each.found,
        each.n,
        each.clusters,
        share(each.rate),
        between(each.low, each.high),
        share(each.base_rate),
        between(each.walk_low, each.walk_high),
        None if each.mean_atr is None else f"{each.mean_atr:+.2f}",
        each.verdict,
    )
