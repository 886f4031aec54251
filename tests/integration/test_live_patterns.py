"""Patterns, confidences and signals that a stream writes at each close are those the batch computes later."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import polars as pl
import pytest
from candle_frames import candles, without, write
from derived_support import FIRST, symbol

from alphapulse_assets.alerts.model import Alert, AlertKind
from alphapulse_assets.candles.closing import ClosedCandle
from alphapulse_assets.core.timeframes import bar_length
from alphapulse_assets.datasets.derivation import DerivationRunner
from alphapulse_assets.indicators.dataset import DERIVATION as INDICATORS
from alphapulse_assets.models.artefact import to_bytes
from alphapulse_assets.models.deriving import runner
from alphapulse_assets.models.model import FROM_RATES
from alphapulse_assets.models.store import keep
from alphapulse_assets.patterns.dataset import CANDLESTICKS, CHARTS
from alphapulse_assets.patterns.evaluation import success
from alphapulse_assets.patterns.events.configuration import (
    DEFAULT,
    ConfidenceRules,
    PatternConfiguration,
    SignalRules,
)
from alphapulse_assets.patterns.events.configuration_store import record
from alphapulse_assets.patterns.events.model import DAILY_DELAY
from alphapulse_assets.patterns.signal_outcomes.live import OutcomeState
from alphapulse_assets.patterns.signal_outcomes.rows import derivation, undecided
from alphapulse_assets.patterns.signals.scoring_runs import Scoring
from alphapulse_assets.regime import rules
from alphapulse_assets.regime.dataset import DERIVATION as REGIMES
from alphapulse_assets.streaming.bars_from_minutes import BarBuilder
from alphapulse_assets.streaming.derived_rows import DerivedState
from alphapulse_assets.streaming.pattern_rows import (
    CANDLESTICK_ROWS,
    CHART_ROWS,
    CONFIDENCE_ROWS,
    CONFLUENCE_ROWS,
    OUTCOME_ROWS,
    PROBABILITY_ROWS,
    RELATIONSHIP_ROWS,
    SIGNAL_ROWS,
    LivePatterns,
    derive,
    signal_alert,
)
from alphapulse_assets.streaming.pattern_warm import PatternWarmer
from alphapulse_assets.volume.dataset import VOLUME_DERIVATION
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import COMPUTED, DerivedStore, Subject
from alphapulse_resources.frames import floor_time
from alphapulse_resources.streams.tables import StreamTable
from alphapulse_resources.streams.writer import StreamWriter
from tests.models import some_model

EASY = PatternConfiguration(
    version=9,
    confidence=ConfidenceRules(levels=(20.0, 30.0, 40.0, 90.0)),
    signals=SignalRules(least_confidence=40.0, weak=15.0, normal=30.0, strong=50.0),
)
"""Rules under which a random walk gives signals of all kinds, and alerts."""

OUTCOMES = derivation(lambda: EASY)
DETECTORS = (INDICATORS, REGIMES, VOLUME_DERIVATION, CANDLESTICKS, CHARTS)
TOLD = (
    CANDLESTICK_ROWS,
    CHART_ROWS,
    CONFIDENCE_ROWS,
    CONFLUENCE_ROWS,
    RELATIONSHIP_ROWS,
    SIGNAL_ROWS,
    OUTCOME_ROWS,
    PROBABILITY_ROWS,
)
NOW = FIRST + timedelta(days=2, hours=19, minutes=7)
END = FIRST + timedelta(days=3)
SECOND = timedelta(seconds=1)
GAP = NOW + timedelta(minutes=63), NOW + timedelta(minutes=71)


class Market:
    """A symbol whose past is stored and derived, and whose next minutes come one by one."""

    def __init__(self, database: Database) -> None:
        # volumes whose sums are exact, in whatever order a server adds them
        exact = [(pl.col(name) * 64).round() / 64 for name in ("volume", "quote_volume", "taker_buy_volume")]
        whole = candles(FIRST, 3 * 1440, seed=5).with_columns(exact)
        self.minutes = without(whole, GAP)
        self.database, self.store = database, DerivedStore(database)
        self.id = symbol(database, days=0)
        self.write(self.minutes.filter(pl.col("ts") < NOW))
        self.subject: Subject = self.store.subjects([self.id])[0]
        self.alerts: list[Alert] = []

    def write(self, minutes: pl.DataFrame) -> None:
        write(self.database, self.id, minutes)
        self.database.refresh_timeframes()

    def batch(self, now: datetime) -> dict[str, Any]:
        """Everything of all days, as it is at a moment: what was written, by data set."""
        dates = {"bybit": [FIRST.date(), now.date()]}
        derived = {
            each.dataset: DerivationRunner(self.store, each, now).days(dates).total for each in DETECTORS
        }
        self.teach()
        record(self.database, EASY)
        # it is taken as known two hours after the stream begins
        model = some_model(NOW + timedelta(hours=2) - DAILY_DELAY, EASY)
        keep(self.database, to_bytes(model), {"verdict": "", "configurations": []}, EASY.version)
        scored = Scoring(self.store, EASY, now).days(dates)
        probable = runner(self.store, now, EASY).days(dates)
        assert probable.failures == {}
        followed = DerivationRunner(self.store, OUTCOMES, now).days(dates).total
        derived |= {"event_probabilities": probable.total, "signal_outcomes": followed}
        return derived | {name: output.total for name, output in scored.outputs.items()}

    def teach(self) -> None:
        """Let history have an opinion of the patterns that were seen, and the market have a trend."""
        self.database.execute(
            "INSERT INTO market_regimes_overall (timeframe_id, ts, logic_version, known_at, symbols, trend,"
            " trend_share) SELECT 1440, ts, %(version)s, ts + INTERVAL '1 day', 5, 'down', 0.6"
            " FROM unnest(%(days)s) AS ts ON CONFLICT DO NOTHING",
            {
                "version": rules.LOGIC_VERSION,
                # that of the second one is taken as known two hours after the stream begins
                "days": [FIRST, NOW + timedelta(hours=2) - DAILY_DELAY - timedelta(days=1)],
            },
        )
        # said: good, better, bad, and good again; each taken as known two hours after its hour
        self.database.execute(
            "INSERT INTO sentiment_aggregate_hours (coin, ts, hours, model, model_version, logic_version,"
            " known_at, score, texts, stories, sources, news, social, positive, negative, neutral, unscored,"
            " baseline_hours) SELECT 'BTC', ts, 24, 'linear', '1', 1, ts + INTERVAL '1 hour', score, 2, 2, 1,"
            " 2, 0, 1, 1, 0, 0, 0 FROM unnest(%(hours)s, %(scores)s) AS s (ts, score)"
            " ON CONFLICT DO NOTHING",
            {
                "hours": [floor_time(NOW, "1h") + n * timedelta(hours=1) for n in (-9, -3, -1, 0)],
                "scores": [0.4, 0.9, -0.8, 0.25],
            },
        )
        self.database.execute(
            "INSERT INTO pattern_success_rates (ts, timeframe_id, family, pattern, direction, regime,"
            " horizon, n, clusters, rate, low, high, base_rate, shrunk_rate, excess, configuration_version,"
            " logic_version) SELECT DISTINCT as_of, timeframe_id, 'candlestick', pattern,"
            " direction, '', 5, 40, 20, 0.6, 0.4, 0.8, 0.5, 0.55,"
            " 0.01 * mod(length(pattern), 9) + 0.001 * extract(hour FROM as_of),"
            " %(configuration)s::integer, %(version)s::integer"
            " FROM candlestick_pattern_events, unnest(%(times)s) AS as_of WHERE known_at <= as_of"
            " ON CONFLICT DO NOTHING",
            {
                # those of the second time are taken as known an hour after the stream begins
                "times": [FIRST + timedelta(days=2), NOW + timedelta(hours=1) - DAILY_DELAY],
                "configuration": EASY.version,
                "version": success.LOGIC_VERSION,
            },
        )

    def stream(self, minutes: pl.DataFrame) -> None:
        """Let these minutes close, one after another, with what they make written as a stream writes it."""
        bars = {name: self.store.bars(self.subject, name, NOW) for name in COMPUTED}
        writer = StreamWriter(self.database, run_id="test", shard="1-of-1")
        writer.start()
        states = {
            name: DerivedState(self.id, name, reader, floor_time(NOW, name)) for name, reader in bars.items()
        }
        warmer = PatternWarmer(self.store, EASY, NOW)
        patterns = LivePatterns(
            warmer.state(self.subject, bars, NOW),
            instrument_id=self.id,
            symbol=self.subject.symbol,
            venue=self.subject.venue,
            configuration=EASY,
            put=writer.put,
            alert=self.alerts.append,
            outcomes=OutcomeState.warm(
                {name: undecided(reader, EASY) for name, reader in bars.items()}, bars, NOW, EASY.costs
            ),
            probabilities=warmer.probabilities(bars, NOW),
        )
        patterns.learn(warmer.read_anew(NOW), warmer.models, warmer.rates)
        builder = BarBuilder(COMPUTED, self.minutes.filter(pl.col("ts") < NOW))
        for row in minutes.iter_rows(named=True):
            candle = ClosedCandle(**row, venue_ms=None, received_at=0.0)
            closed = builder.add(candle, 0.0) + builder.due(60.0)
            for _, group in groupby(closed, key=lambda each: each[1].ts + bar_length(each[0])):
                patterns.update({name: derive(states[name], bar, writer.put) for name, bar in group})
        assert writer.close(30.0)
        assert not writer.counts.quarantined

    def known(self, table: StreamTable, after: datetime, condition: str = "true") -> pl.DataFrame:
        """What became known after a moment."""
        known_at = "ts + timeframe_id * INTERVAL '1 minute'"
        query = f"SELECT {known_at} AS known_at FROM {table.name} WHERE {known_at} > $1 AND {condition}"
        return self.database.read(query, (after,))


@pytest.fixture
def market(database: Database) -> Market:
    return Market(database)


def test_the_batch_has_nothing_to_add_to_what_the_stream_wrote(market: Market) -> None:
    market.batch(NOW + SECOND)
    market.stream(market.minutes.filter(pl.col("ts") >= NOW))
    live = {table.name: market.known(table, NOW).height for table in TOLD}
    assert all(live.values()), live
    market.write(market.minutes.filter(pl.col("ts") >= NOW))
    later = market.batch(END + SECOND)
    different = {
        name: written
        for name, written in later.items()
        if written.inserted or written.changed or written.removed
    }
    assert different == {}
    assert live == {table.name: market.known(table, NOW).height for table in TOLD}
    assert market.known(PROBABILITY_ROWS, NOW, f"model_version = '{FROM_RATES}'").height
    assert market.known(PROBABILITY_ROWS, NOW, f"model_version <> '{FROM_RATES}'").height
    assert market.known(CONFIDENCE_ROWS, NOW, "history IS NOT NULL").height
    assert market.known(CONFIDENCE_ROWS, NOW, "context_parts > 2").height
    assert market.known(CONFIDENCE_ROWS, NOW, "context_parts = 4").height  # sentiment among it
    states = {row["state"] for row in market.database.rows("SELECT state FROM signal_outcome_events")}
    assert states >= {"stopped", "expired"}
    assert market.alerts
    assert alerts(market.database) == {(alert.title, alert.reference) for alert in market.alerts}


def alerts(database: Database) -> set[tuple[str, str]]:
    stored = database.rows("SELECT title, reference FROM alerts WHERE kind = 'signal'")
    return {(row["title"], row["reference"]) for row in stored}


SIGNAL: Mapping[str, Any] = {
    "instrument_id": 7,
    "timeframe": "4h",
    "ts": FIRST,
    "known_at": FIRST + timedelta(hours=4),
    "signal": "strong_buy",
    "score": 80.0,
    "confidence": 80.0,
    "entry": 100.0,
    "stop": 96.0,
    "target": 112.0,
    "risk_atr": 2.0,
    "reward_risk": 3.0,
    "patterns": 3,
    "run": 2,
    "trigger": "hammer",
    "configuration_version": 1,
    "logic_version": 1,
}


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, "strong buy"),
        ({"signal": "strong_sell"}, "strong sell"),
        ({"signal": "buy"}, None),
        ({"signal": "neutral", "confidence": None, "stop": None}, None),
        ({"confidence": 75.0}, "strong buy"),
        ({"confidence": 74.9}, None),
    ],
)
def test_strong_signals_of_high_confidence_are_told_and_no_others(
    changed: dict[str, Any], told: str | None
) -> None:
    alert = signal_alert({**SIGNAL, **changed}, "BTC/USDT", "bybit", 1.0, DEFAULT)
    assert (alert is None) == (told is None)
    if alert is not None:
        assert told in alert.title
        assert (alert.kind, alert.reference) == (AlertKind.SIGNAL, "4h")
        assert (alert.ts, alert.known_at) == (SIGNAL["known_at"].timestamp(), 1.0)
