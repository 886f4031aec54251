"""What the example queries about confidence, confluence and signals must answer, without SQL.

Reckoned from the stored rows by the definitions, which other tests hold against the events.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import combinations
from statistics import fmean, median
from typing import Any, Final

import polars as pl
import pytest
from query_support import Row, near, only
from signal_support import BYBIT, END, TABLES, ordered, scoring, told, with_patterns

from alphapulse.readings.identity import Identity, identity
from alphapulse_assets.datasets.derivation import DerivationRunner
from alphapulse_assets.patterns.events.configuration import DEFAULT, FACTORS
from alphapulse_assets.patterns.events.evidence import shape_of
from alphapulse_assets.patterns.events.model import PATTERN_TIMEFRAMES
from alphapulse_assets.patterns.signal_outcomes.rows import DERIVATION as OUTCOMES
from alphapulse_assets.patterns.signals.life import with_ends
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import TIMEFRAME_IDS, DerivedStore

NOW: Final = END - timedelta(hours=13)
_NAMES: Final = {number: name for name, number in TIMEFRAME_IDS.items()}

SignalMarket = dict[str, pl.DataFrame]
Check = Callable[[list[Row], SignalMarket], None]


def signal_market(database: Database) -> SignalMarket:
    """Two days of a symbol with all that is told of it: the rows by table, with timeframes by name."""
    with_patterns(database)
    scoring(database).days(BYBIT)
    DerivationRunner(DerivedStore(database), OUTCOMES, END).days(BYBIT)
    found = told(database, (*TABLES, "signal_outcome_events")) | {
        f"{view}s": ordered(database.read(f"SELECT * FROM {view}"))
        for view in ("pattern_confidence", "pattern_confluence")
    }
    return {
        table: frame.with_columns(
            pl.col("timeframe_id").replace_strict(_NAMES, return_dtype=pl.String()).alias("timeframe")
        )
        for table, frame in found.items()
    }


def _known(frame: pl.DataFrame, hours: int) -> list[Row]:
    since = NOW - timedelta(hours=hours)
    return frame.filter(pl.col("known_at") <= NOW, pl.col("ts") >= since).rows(named=True)


def reasons(rows: list[Row], market: SignalMarket) -> None:
    strong = ("strong_buy", "buy", "sell", "strong_sell")
    given = [row for row in _known(market["signal_events"], 25) if row["signal"] in strong]
    given = [row for row in given if row["known_at"] > NOW - timedelta(hours=24)]
    told_of = {(row["timeframe"], row["known_at"]): row for row in given}
    shown = {(row["timeframe"], row["known_at"]) for row in rows}
    assert shown == told_of.keys()
    for timeframe, known_at in shown:
        mine = [row for row in rows if (row["timeframe"], row["known_at"]) == (timeframe, known_at)]
        signal = told_of[timeframe, known_at]
        votes = [row["vote"] * (1 if row["direction"] == "bullish" else -1) for row in mine if row["counted"]]
        assert signal["net"] == near(sum(votes) / sum(map(abs, votes)))
        assert {row["score"] for row in mine} == {signal["score"]}
        assert all(row["since"] <= known_at for row in mine)


def _newest(frame: pl.DataFrame) -> dict[str, Row]:
    newest: dict[str, Row] = {}
    for row in sorted(_known(frame, 24), key=lambda row: row["ts"]):
        newest[row["timeframe"]] = row
    return newest


def strongest(rows: list[Row], market: SignalMarket) -> None:
    newest = _newest(market["pattern_confluences"])
    wanted = {name: row for name, row in newest.items() if row["run"] >= 2 and row["overridden_by"] is None}
    assert {row["timeframe"] for row in rows} == wanted.keys()
    for row in rows:
        mine = wanted[row["timeframe"]]
        places = PATTERN_TIMEFRAMES.index(row["run_last"]) - PATTERN_TIMEFRAMES.index(row["run_first"])
        assert row["run"] == places + 1 == mine["run"]
        assert (row["known_at"], row["pattern"]) == (mine["known_at"], mine["pattern"])
        assert row["grade"] == ("strong" if row["run"] >= 3 else "medium")
    assert [row["run"] for row in rows] == sorted((row["run"] for row in rows), reverse=True)


def factors(rows: list[Row], market: SignalMarket) -> None:
    groups: dict[bool, list[Row]] = {True: [], False: []}
    for row in _known(market["pattern_confidences"], 72):
        if row["timeframe"] == "5m" and row["level"] is not None:
            groups[row["confidence"] >= 75].append(row)
    assert [row["factor"] for row in sorted(rows, key=lambda row: FACTORS.index(row["factor"]))] == [*FACTORS]
    for name in FACTORS:
        shown = only(rows, factor=name)
        for sure, prefix in ((True, "sure"), (False, "other")):
            events = groups[sure]
            points = [
                100
                * event[f"{name}_weight"]
                * event[f"{name}_coverage"]
                * (event[name] or 0.0)
                / sum(event[f"{factor}_weight"] * event[f"{factor}_coverage"] for factor in FACTORS)
                for event in events
            ]
            assert shown[f"{prefix}_events"] == len(events) > 0
            assert shown[f"{prefix}_points"] == near(fmean(points))
    for prefix, sure in (("sure", True), ("other", False)):
        whole = sum(row[f"{prefix}_points"] for row in rows)
        # factors are stored with seven digits, the confidence with all
        assert whole == pytest.approx(fmean(event["confidence"] for event in groups[sure]), rel=1e-6)


def contradicting(rows: list[Row], market: SignalMarket) -> None:
    overridden = {
        (row["known_at"], row["timeframe"]): row
        for row in _known(market["pattern_confluences"], 24)
        if row["overridden_by"] is not None
    }
    assert {(row["known_at"], row["timeframe"]) for row in rows} == overridden.keys()
    leads: dict[tuple[str, datetime], Any] = {
        (row["timeframe"], row["known_at"]): row for row in market["pattern_confidences"].rows(named=True)
    }
    for row in rows:
        mine = overridden[row["known_at"], row["timeframe"]]
        assert (row["other_timeframe"], row["pattern"]) == (mine["overridden_by"], mine["pattern"])
        assert {row["direction"], row["other_direction"]} == {"bullish", "bearish"}
        assert PATTERN_TIMEFRAMES.index(row["other_timeframe"]) > PATTERN_TIMEFRAMES.index(row["timeframe"])
        assert (row["other_timeframe"], row["known_at"] - row["standing"]) in leads


def live_risk(rows: list[Row], market: SignalMarket) -> None:
    ends = with_ends(market["signal_events"].with_columns(pl.col("timeframe").cast(pl.String)))
    live = ends.filter(pl.col("known_at") <= NOW, pl.col("ends_at") > NOW)
    (row,) = rows
    assert live.height
    assert row["positions"] == live.filter(pl.col("size") > 0).height
    assert row["weak"] == live["signal"].str.starts_with("weak").sum()
    sizing = DEFAULT.sizing
    assert row["risk_share"] == near(live["risk"].sum() / sizing.equity)
    assert row["within_total"] == near(min(row["risk_share"], sizing.total_risk_fraction))
    assert row["notional"] == near(live["notional"].sum())
    assert row["first_over"] == live["expires_at"].min()
    assert set(row["limited_by"]) == set(live["risk_limited_by"].drop_nulls())


def what_came_of_signals(rows: list[Row], market: SignalMarket) -> None:
    followed = market["signal_outcome_events"].rows(named=True)
    assert len(rows) == len({(row["timeframe"], row["side"]) for row in followed})
    ends = {"targets": "target", "stops": "stopped", "expired": "expired", "closed": "closed"}
    for row in rows:
        mine = [
            each for each in followed if (each["timeframe"], each["side"]) == (row["timeframe"], row["side"])
        ]
        states = [each["state"] for each in mine]
        assert row["still_open"] == states.count("open") == len(mine) - row["decided"]
        assert {name: row[name] for name in ends} == {name: states.count(of) for name, of in ends.items()}
        paid = [each for each in mine if each["gross_pct"] is not None]
        nets = [each["gross_pct"] - each["cost_pct"] for each in paid]
        assert row["net_pct"] == (near(fmean(nets)) if nets else None)
        assert row["right"] == (near(sum(net > 0 for net in nets) / len(nets)) if nets else None)
        assert row["worst_r"] == (near(median(each["adverse_r"] for each in paid)) if nets else None)
        bars = [each["bars"] for each in mine if each["bars"] is not None]
        assert row["median_bars"] == (median(bars) if bars else None)


def drawn(rows: list[Row], market: SignalMarket) -> None:
    planned = [row for row in _known(market["signal_events"], 8 * 24) if row["stop"] is not None]
    planned = [row for row in planned if row["known_at"] > NOW - timedelta(hours=24)]
    shown = [row for row in rows if row["what"] == "signal"]
    assert {(row["timeframe"], row["known_at"]) for row in shown} == {
        (row["timeframe"], row["known_at"]) for row in planned
    }
    lengths = {row["timeframe"]: row["known_at"] - row["ts"] for row in planned}
    for row in shown:
        named = Identity(
            row["venue"], row["symbol"], row["timeframe"], row["known_at"] - lengths[row["timeframe"]]
        )
        assert identity("signal", row["id"]) == named
        assert row["command"] == f"alphapulse draw signal {named}"
    patterns = [row["id"] for row in rows if row["what"] == "pattern"]
    assert len(set(patterns)) == len(patterns)
    assert all(identity("pattern", each).pattern_id is not None for each in patterns)


def names_and_evidence(rows: list[Row], market: SignalMarket) -> None:
    pieces: dict[tuple[datetime, str, str], list[str]] = {}
    for row in _known(market["pattern_confidences"], 72):
        if row["timeframe"] == "5m" and row["stage"] == "complete" and row["direction"] != "neutral":
            shape = shape_of(row["family"], row["pattern"])
            pieces.setdefault((row["ts"], row["direction"], shape), []).append(row["pattern"])
    assert {row["shape"] for row in rows} == {shape for _, _, shape in pieces}
    for row in rows:
        mine = [names for (_, _, shape), names in pieces.items() if shape == row["shape"]]
        assert row["pieces"] == len(mine) > 0
        assert row["names"] == sum(map(len, mine))
        assert row["names_each"] == near(sum(map(len, mine)) / len(mine))
        assert row["several"] == near(fmean(len(names) > 1 for names in mine))
        both = [pair for names in mine for pair in combinations(sorted(names), 2) if pair[0] != pair[1]]
        pairs = Counter(map(" + ".join, both))
        most = min(pairs, key=lambda pair: (-pairs[pair], pair), default=None)
        assert row["most_together"] == most
    assert only(rows, shape="big_bar")["several"] > 0.25


SIGNAL_CHECKS: Final[dict[str, Check]] = {
    "38_signals_and_their_reasons": reasons,
    "39_strongest_confluences": strongest,
    "40_what_made_confidence_high": factors,
    "41_contradicting_timeframes": contradicting,
    "79_risk_of_live_signals": live_risk,
    "80_what_came_of_signals": what_came_of_signals,
    "84_what_to_draw": drawn,
    "77_names_and_evidence": names_and_evidence,
}
