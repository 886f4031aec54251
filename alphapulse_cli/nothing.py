"""Why an answer has no rows: what a relation waits for, and names in the statement that nobody knows.

`REASONS` is the one place that says when each view gets its rows; every name in it is one of the schema.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import psycopg
from psycopg import sql

from alphapulse_resources.names import did_you_mean
from alphapulse_resources.relations import named_in
from alphapulse_resources.timeframes import TIMEFRAMES

_BY_REASON: Final = (
    (
        "computed once when the first patterns have an outcome, then each night at 00:45 UTC; now: "
        "the job refresh_reactions in the Dagster UI",
        """
        pattern_performance pattern_performance_stats pattern_outcomes pattern_outcome_events
        pattern_success_rates pattern_failures pattern_outcomes_with_leverage volume_reactions
        volume_reaction_stats score_calibration score_calibration_stats score_notes
        signal_performance signal_performance_stats signal_equity signal_equity_points
        """,
    ),
    (
        "computed from candles, within minutes of their coming; tracked symbols get them by "
        "themselves (alphapulse symbols add binance BTC/USDT; alphapulse status tells what is due)",
        """
        indicators market_regime market_regime_now regimes volume_patterns volume_profiles
        candlestick_patterns chart_patterns chart_patterns_open patterns pattern_confidence
        pattern_scores pattern_confluence pattern_evidence pattern_relationships pattern_relationship_events
        bar_flags signals signals_now signals_within_limits signal_outcomes
        """,
    ),
    (
        "computed where ALPHAPULSE_INDICATORS__EXTRA asks for indicators of one's own parameters "
        "(docs/indicators.md); `alphapulse status` tells what is due of each",
        "indicator_series indicator_series_values indicator_series_definitions",
    ),
    (
        "written live only, by the streams of `alphapulse up`: venues keep no history of it "
        "(alphapulse books tells whether streams run)",
        """
        order_book order_book_synced order_book_trust order_flow book_gaps walls sweeps
        liquidity liquidity_now whale_activities trades_1s stream_status stream_health alerts
        ohlcv_live liquidations_1m liquidation_orders
        """,
    ),
    (
        "fetched by the collectors of `alphapulse up`; alphapulse status tells which source answers "
        "and which is off",
        """
        coin_metrics_now market_metrics_now open_interest funding_rates mark_prices taker_flow
        long_short_ratios options_chain options_chain_now options_summary cot fear_greed
        institutional_flows stablecoins_compared onchain_metrics volatility_index texts
        news_stories news_events social_posts sentiment_scores sentiment_data sentiment_now
        """,
    ),
    (
        "computed for each hour that is over, once what it is made from has been collected for an hour",
        """
        leverage_snapshots leverage_hours market_leverage funding_extremes funding_spreads
        sentiment_aggregates sentiment_correlations dominance_correlations dominance_regimes
        """,
    ),
    (
        "read with a venue's read-only key (docs/market.md), or entered with alphapulse positions add",
        """
        positions positions_open account_balances position_risk
        """,
    ),
    (
        "nothing of the kind has happened so far, which is good",
        """
        quarantine stream_losses stream_differences platform_alerts alerts_of_platform
        """,
    ),
    (
        "nothing was imported so far: alphapulse import candles FILE --venue ...",
        """
        imports import_chunks ohlcv_native
        """,
    ),
    (
        "no candles yet: alphapulse symbols add binance BTC/USDT; alphapulse status tells how far they are",
        """
        ohlcv ohlcv_1m bars
        """,
    ),
    (
        "no minute is missing, of symbols that have candles",
        """
        candle_gaps
        """,
    ),
    (
        "written for each day when its candles are checked",
        """
        quality_scores
        """,
    ),
    (
        "needs the supply of two days",
        """
        stablecoin_issuance
        """,
    ),
    (
        "orders are off, or none was sent (docs/trading.md)",
        """
        trading_orders
        """,
    ),
)
REASONS: Final = {name: reason for reason, names in _BY_REASON for name in names.split()}
"""By relation: when its rows come, or what it means that there are none."""

_COMPARED: Final = re.compile(r"(?i)\b(venue|symbol|timeframe)\s*=\s*'((?:[^']|'')*)'")


def why_no_rows(connection: psycopg.Connection[Any], statement: str, relations: list[str]) -> Iterator[str]:
    """Sentences about why a statement gave no rows; none where nothing is known of it."""
    yield from _unknown_names(connection, statement)
    for relation in named_in(statement, relations):
        if _has_rows(connection, relation):
            continue
        reason = REASONS.get(relation)
        yield f"{relation} is empty" + (f": {reason}" if reason else "")


def _has_rows(connection: psycopg.Connection[Any], relation: str) -> bool:
    query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(relation))
    try:
        with connection.transaction():
            connection.execute(
                "SET LOCAL statement_timeout = 2000"
            )  # a word beside the answer is worth no wait
            found = connection.execute(query).fetchone()
    except psycopg.Error:
        return True
    return bool(found and found[0])


def _unknown_names(connection: psycopg.Connection[Any], statement: str) -> Iterator[str]:
    """Venues, symbols and timeframes that the statement asks for and that there are not."""
    asked = dict.fromkeys((what.lower(), name) for what, name in _COMPARED.findall(statement))
    if not asked:
        return
    rows = connection.execute("SELECT venue, symbol FROM instruments").fetchall()
    known = {
        "venue": sorted({row[0] for row in rows}),
        "symbol": sorted({row[1] for row in rows}),
        "timeframe": list(TIMEFRAMES),
    }
    for what, name in asked:
        if known[what] and name not in known[what]:
            yield f"no {what} is called {name!r}{did_you_mean(name, known[what])}"
