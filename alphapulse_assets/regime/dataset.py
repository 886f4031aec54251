"""Market regime as a data set: of every symbol, and of the market by what most of its volume is in."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import polars as pl

from alphapulse_assets.core import calendar_blocks as warm_up
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.core.windows import Window, merged
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.datasets.derivation import Derivation, DerivationResult
from alphapulse_assets.datasets.derived_assets import BARS
from alphapulse_assets.datasets.derived_checks import complete, no_look_ahead
from alphapulse_assets.datasets.derived_checks import rules as rules_check
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.indicators import batch as indicators
from alphapulse_assets.indicators.influence import regimes_until
from alphapulse_assets.indicators.registry import registry_version
from alphapulse_assets.regime import rules
from alphapulse_assets.regime.batch import compute
from alphapulse_assets.regime.inputs import INDICATOR_INPUTS, REGIME_SCHEMA
from alphapulse_assets.regime.market import DOMINANCE_AGE, DOMINANCE_SCHEMA, PROVIDERS
from alphapulse_assets.regime.market import market_regime as market_of
from alphapulse_assets.regime.picture import regime_picture
from alphapulse_assets.regime.tables import MARKET_REGIMES, OVERALL
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, BarReader, DerivedStore
from alphapulse_resources.database.fetch_store import Connection
from alphapulse_resources.database.upsert import Written

DOLLARS: Final = ("USD", "USDT", "USDC", "FDUSD", "TUSD", "BUSD", "USDE", "DAI")
"""Quotes worth about a dollar, so that volumes can be added up (ours)."""

SCORED_AFTER: Final = timedelta(hours=6)
"""After its end, when a day's regime of the market is known to scores (`patterns` calls it DAILY_DELAY)."""
SCORED_FOR: Final = timedelta(days=3)
"""How long it is taken from then on (`patterns` calls it MARKET_AGE)."""

_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(weeks=1)
HOUR: Final = timedelta(hours=1)


def regime_rows(bars: BarReader, start: datetime, end: datetime) -> pl.DataFrame:
    """Regimes of the closed bars that open in [start, end), with the time they were known.

    The indicators they are made of are computed here from the same bars: what is stored of them may be of
    fewer days.
    """
    timeframe = bars.timeframe
    first = rules.frame_start(timeframe, start)
    candles = bars.between(warm_up.frame_start(timeframe, first), end)
    told = indicators.compute(candles, timeframe, start=first, names=INDICATOR_INPUTS)
    found = compute(candles.filter(pl.col("ts") >= first), told, timeframe, start=start)
    return found.with_columns((pl.col("ts") + bar_length(timeframe)).alias("known_at"))


DERIVATION: Final = Derivation(
    "market_regime",
    MARKET_REGIMES,
    rules.LOGIC_VERSION,
    regime_rows,
    lambda bars, bar: regimes_until(bars.timeframe, bar, rules.WARM_UP),
)


def _shown(store: DerivedStore, derived: DerivationResult) -> Mapping[str, Any]:
    """Brings the regime of the market up to date too, which follows from the rows that were just written."""
    overall = write_overall(store, derived)
    picture = regime_picture(store.database, derived)
    return {
        "overall_rows_written": overall.inserted + overall.changed,
        **({"picture": picture} if picture else {}),
    }


def write_overall(store: DerivedStore, derived: DerivationResult) -> Written:
    """Bring the regime of the market up to date where symbols were computed."""
    written = Written()
    for timeframe, windows in derived.windows.items():
        for window in _weeks(merged(windows), timeframe):
            written += _overall(store, timeframe, derived.version, window)
    return written


def _overall(store: DerivedStore, timeframe: str, version: int, window: Window) -> Written:
    """One window; whoever computes it reads what the one before has committed."""
    scope: dict[str, int | str] = {"timeframe_id": TIMEFRAME_IDS[timeframe], "logic_version": version}
    with store.database.transaction() as connection:
        store.lock(connection, OVERALL, 0)
        symbols = store.database.read(
            statement("derived/regimes_of_symbols"), (*scope.values(), *window, list(DOLLARS))
        )
        symbols = symbols.with_columns(pl.col("ts").cast(REGIME_SCHEMA["ts"]))
        found = market_of(symbols, timeframe, _dominance(store, timeframe, window))
        found = found.with_columns((pl.col("ts") + bar_length(timeframe)).alias("known_at"))
        written = store.replace(connection, OVERALL, found, scope, window)
        if timeframe == "1d" and version == rules.LOGIC_VERSION:
            _mark_scores(store, connection, [day for _, day in written.changed_days])
        return written


def _mark_scores(store: DerivedStore, connection: Connection, days: Sequence[date]) -> None:
    """Scores take the market's trend of a day from when it is known until it is too old."""
    if days:
        first, last = (datetime.combine(day, time(), UTC) + _DAY for day in (min(days), max(days)))
        store.mark_scored(connection, first + SCORED_AFTER, last + SCORED_AFTER + SCORED_FOR)


def _dominance(store: DerivedStore, timeframe: str, window: Window) -> pl.DataFrame:
    """DOMINANCE_SCHEMA of what was known by the closes of the bars of a window.

    Closes are at whole steps of a bar, of an hour at most: what was known last within each is enough.
    """
    length = bar_length(timeframe)
    known = (window[0] - DOMINANCE_AGE, window[1] + length)
    told = store.database.read(
        statement("derived/dominance_known"), (list(PROVIDERS), *known, min(length, HOUR))
    )
    return told.cast(dict(DOMINANCE_SCHEMA))  # type: ignore[arg-type]


def _weeks(windows: Sequence[Window], timeframe: str) -> list[Window]:
    """The windows cut so that not too many symbols' bars are held at a time."""
    if warm_up.yearly(timeframe):
        return list(windows)
    pieces = []
    for start, end in windows:
        while start < end:
            pieces.append((start, min(start + _WEEK, end)))
            start += _WEEK
    return pieces


def _warm_up(candles: pl.DataFrame, timeframe: str) -> None:
    compute(candles, indicators.compute(candles, timeframe), timeframe)


_LEVELS: Final = ("low", "normal", "high")
DATASETS: Final = (
    Dataset(
        name="market_regime",
        description="Trend, volatility and liquidity of each symbol at every closed bar, by rules with "
        "hysteresis.\n\n"
        "From the rows of all dollar-quoted symbols of all venues follows the regime of the market "
        "(`market_regimes_overall`): what most of the quote volume is in, with Bitcoin's dominance as it was "
        "known at the close, and who told it.",
        group="indicators",
        tables=[MARKET_REGIMES, OVERALL],
        reads=["indicators", *BARS],
        versions=[rules.LOGIC_VERSION, registry_version()],
        derivation=DERIVATION,
        show=_shown,
        rules=RuleSet(
            known=("known_at",),
            between={
                "adx": (0.0, 100.0),
                **dict.fromkeys(("volatility_percentile", "liquidity_percentile"), (0.0, 1.0)),
                **dict.fromkeys(("quote_volume_mean", "illiquidity"), (0.0, None)),
            },
            among={"trend": ("up", "down", "range"), "volatility": _LEVELS, "liquidity": _LEVELS},
        ),
        checks=[
            rules_check(
                "Trend, volatility and liquidity by their names, percentiles and shares from 0 to 1."
            ),
            complete("Every closed bar has its row, and every row its bar."),
            no_look_ahead("A bar computed again as if it were the newest has the regime that is stored."),
        ],
        warm_up=_warm_up,
    ),
)
