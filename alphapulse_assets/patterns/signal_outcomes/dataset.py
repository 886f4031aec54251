"""What came of signals, as a data set: each with a side, from the next bar's open until it is decided."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import dagster as dg
import polars as pl

from alphapulse_assets.core.bars import Bar
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.datasets.derivation import DerivationResult
from alphapulse_assets.datasets.derived_assets import BARS
from alphapulse_assets.datasets.derived_checks import rules as rules_check
from alphapulse_assets.datasets.plots import PlotData, PlotScope, all_to_show, with_marks
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.patterns.signal_outcomes.batch import outcomes
from alphapulse_assets.patterns.signal_outcomes.checks import COMPLETE, DECIDED, TOUCHED
from alphapulse_assets.patterns.signal_outcomes.live import OutcomeState
from alphapulse_assets.patterns.signal_outcomes.model import GAP, LOGIC_VERSION, SIDES, SIGNAL_COLUMNS, STATES
from alphapulse_assets.patterns.signal_outcomes.plots import draw
from alphapulse_assets.patterns.signal_outcomes.rows import DERIVATION
from alphapulse_assets.patterns.signal_outcomes.tables import SIGNAL_OUTCOMES
from alphapulse_assets.patterns.signals import batch as signals
from alphapulse_assets.patterns.signals import dataset as made_of
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore

BARS_SHOWN: Final = 120
_NOT_NEGATIVE: Final = (0.0, None)


def _shown(store: DerivedStore, derived: DerivationResult) -> Mapping[str, Any]:
    """The last bars of the first symbol with its signals and what became of them, and how many are what."""
    found = with_marks(_plot_data(store, derived.version, each) for each in all_to_show(derived))
    picture = {"picture": dg.MetadataValue.md(draw(*found))} if found else {}
    return {"counts": dg.MetadataValue.md(_counts(store, derived)), **picture} if derived.windows else {}


def _plot_data(store: DerivedStore, version: int, shown: PlotScope) -> PlotData | None:
    candles = store.bars(shown.subject, shown.timeframe, datetime.now(UTC)).before(shown.end, BARS_SHOWN)
    if candles.height < 2:
        return None
    key = shown.subject.instrument_id, TIMEFRAME_IDS[shown.timeframe], version
    told = store.database.read(
        statement("patterns/signal_outcomes_shown"), (*key, candles["ts"][0], shown.end)
    )
    return PlotData(candles, told, shown.title)


def _counts(store: DerivedStore, derived: DerivationResult) -> str:
    """A table of states by timeframe, of the windows and symbols of the run."""
    begin = min(window[0] for windows in derived.windows.values() for window in windows)
    ids = [subject.instrument_id for subject in derived.subjects]
    found = store.database.rows(
        "SELECT t.timeframe, v.state, count(*) AS n, avg(v.gross_pct - v.cost_pct) AS net"
        " FROM signal_outcome_events AS v JOIN timeframes AS t USING (timeframe_id)"
        " WHERE v.instrument_id = ANY (%(ids)s) AND v.ts >= %(begin)s AND v.logic_version = %(version)s"
        " GROUP BY t.timeframe_id, t.timeframe, v.state ORDER BY t.timeframe_id, v.state",
        {"ids": ids, "begin": begin, "version": derived.version},
    )
    lines = [
        f"| {row['timeframe']} | {row['state']} | {row['n']} |"
        f" {'' if row['net'] is None else format(row['net'], '.3f')} |"
        for row in found
    ]
    return "\n".join(["| timeframe | state | signals | mean net % |", "|---|---|---|---|", *lines])


def _warm_up(candles: pl.DataFrame, timeframe: str) -> None:
    """Batch and stream over a few made-up signals."""
    length = bar_length(timeframe)
    rows = candles.head(200).gather_every(20).iter_rows(named=True)
    told = [_made_up(row, length, number) for number, row in enumerate(rows)]
    outcomes(
        pl.DataFrame(told, schema=SIGNAL_COLUMNS), candles, timeframe, minutes=lambda start, end: candles
    )
    state = OutcomeState()
    newest = candles.row(-1, named=True)
    signal = {**_made_up(newest, length, 0), "timeframe": timeframe}
    state.update({timeframe: Bar.of(newest)}, {}, [signal])
    after = {name: newest[name] for name in ("open", "high", "low", "close", "volume")}
    state.update({timeframe: Bar.of({"ts": newest["ts"] + length, **after})}, {}, [])


def _made_up(row: Mapping[str, Any], length: timedelta, number: int) -> dict[str, Any]:
    known_at, price = row["ts"] + length, row["close"]
    sign = -1 if number % 2 else 1
    return {
        **{"instrument_id": 0, "ts": row["ts"], "known_at": known_at, "trigger": "made up", "size": 1.0},
        **{"signal": "sell" if number % 2 else "buy", "entry": price, "expires_at": known_at + 5 * length},
        **{"stop": price * (1 - 0.001 * sign), "target": price * (1 + 0.002 * sign)},
        **{"logic_version": 0, "configuration_version": 0},
    }


SIGNAL_OUTCOMES_DATASET: Final = Dataset(
    name="signal_outcomes",
    layer="signals",
    description="What came of each signal that is not neutral: entered at the next bar's open, then stopped, "
    "at its target, expired, or closed by a later signal the other way.\n\n"
    "With times, bars, the return before and after fees and slippage, and the farthest for and against it. "
    "Signals whose fate no closed bar has decided are open; streams write the others at the close that did.",
    group="signals",
    tables=[SIGNAL_OUTCOMES],
    reads=["signals", "market_regime", *BARS],
    versions=[LOGIC_VERSION, signals.LOGIC_VERSION, *made_of.SIGNALS.versions[1:]],
    derivation=DERIVATION,
    show=_shown,
    rules=RuleSet(
        known=("known_at", "told_at", "signal", "side", "trigger", "planned_entry", "expires_at", "state"),
        between={
            **dict.fromkeys(("planned_entry", "stop", "target", "entry", "exit", "size"), _NOT_NEGATIVE),
            **dict.fromkeys(("favourable_pct", "adverse_pct", "favourable_r", "adverse_r"), _NOT_NEGATIVE),
            **dict.fromkeys(("cost_pct", "cost_r", "bars"), _NOT_NEGATIVE),
        },
        ordered=(
            *(("ts", "told_at"), ("told_at", "entry_at"), ("entry_at", "closed_at")),
            *(("told_at", "known_at"), ("closed_at", "known_at"), ("told_at", "expires_at")),
            *(("gross_pct", "favourable_pct"), ("gross_r", "favourable_r")),
        ),
        among={
            "side": tuple(SIDES),
            "state": STATES,
            "remark": (GAP,),
            "regime": ("up", "down", "range"),
        },
    ),
    checks=[
        rules_check("Sides, states by name, times in order, prices and excursions not below nothing."),
        COMPLETE,
        TOUCHED,
        DECIDED,
    ],
    warm_up=_warm_up,
)
DATASETS: Final = (SIGNAL_OUTCOMES_DATASET,)
