"""Patterns, what they were worth, and the signals made of them."""

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import polars as pl

from alphapulse.client.base import Asking, Names
from alphapulse.errors import ParameterError
from alphapulse.moments import Moment
from alphapulse.structs import LINES, decoded, line, with_plan

Kind: TypeAlias = Literal["candlestick", "chart", "volume"]
KINDS: Final = ("candlestick", "chart", "volume")
BROKEN_OUT: Final = "complete"
"""Stage from which a pattern is confirmed: of chart patterns their breakout, of others all there is."""


class Patterns(Asking):
    """Methods about patterns and signals."""

    def patterns(
        self,
        symbol: Names | None = None,
        timeframe: Names | None = None,
        *,
        venue: Names | None = None,
        kind: Kind | None = None,
        confirmed: bool | None = None,
        pattern: Names | None = None,
        direction: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """Candlestick, chart and volume patterns in one shape, oldest first.

        kind: candlestick, chart or volume; the column `family`.
        confirmed: True for what is complete (a chart pattern from its breakout on), False for chart patterns
            that form. Stages that follow, target_met or failed, are rows of their own: see `chart_patterns`.
        start, end: of `ts`, the open time of the bar at which it happened, in [start, end).
        as_of: only what was known by then: `known_at`, the close of that bar, at or before it. A pattern is
            never there before it could be seen, and what became of it later is another row.

        `strength` is 0 to 100; levels are prices in quote units. docs/patterns.md says what each one is.

        Raises: NotFoundError, ParameterError.

        >>> db.patterns("BTC/USDT", "1h", kind="candlestick", confirmed=True, limit=3).height
        3
        """
        if kind is not None and kind not in KINDS:
            raise ParameterError("kind", f"kind is {kind!r}: it is one of {', '.join(KINDS)}")
        stage = None if confirmed is None else BROKEN_OUT if confirmed else "forming"
        filters = {"family": kind, "stage": stage, "pattern": pattern, "direction": direction}
        return self._by_bar("patterns", symbol, venue, timeframe, filters, start, end, limit, as_of)

    def chart_patterns(
        self,
        symbol: Names | None = None,
        timeframe: Names | None = None,
        *,
        venue: Names | None = None,
        stage: Names | None = None,
        pattern: Names | None = None,
        direction: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """The lives of chart patterns, a row per stage, with their lines as a struct column.

        stage: forming, complete, target_met, failed, expired or evolved.
        `lines` has lower, upper and neckline, each two points (t0, p0, t1, p1) or null; `pivot_ts` and
        `pivot_prices` are lists; rows of one life share `pattern_id` within symbol and timeframe. Times and
        `as_of` as of `patterns`.

        >>> db.chart_patterns("BTC/USDT", limit=1)["lines"].struct.fields
        ['lower', 'upper', 'neckline']
        """
        filters = {"stage": stage, "pattern": pattern, "direction": direction}
        frame = self._by_bar("chart_patterns", symbol, venue, timeframe, filters, start, end, limit, as_of)
        return decoded(frame, "lines", LINES, lambda given: {name: line(of) for name, of in given.items()})

    def flags(
        self,
        symbol: Names | None = None,
        timeframe: Names | None = None,
        *,
        venue: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """What bars are without saying where price goes, a row per bar that is something, oldest first.

        `flags` is the list of the names of its neutral candlestick and volume patterns, sorted: doji,
        spinning_top, dry_up ... They have neither confidence nor outcomes. Times and `as_of` as of
        `patterns`.

        >>> db.flags("BTC/USDT", "1h", limit=1)["flags"].dtype
        List(String)
        """
        return self._by_bar("bar_flags", symbol, venue, timeframe, {}, start, end, limit, as_of)

    def evidence(
        self,
        symbol: Names | None = None,
        timeframe: Names | None = None,
        *,
        venue: Names | None = None,
        direction: Names | None = None,
        shape: Names | None = None,
        min_confidence: float | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """Pieces of evidence, oldest first: confirmed patterns of one bar, direction and shape are one row.

        names: what they are called, the surest first; names_count: how many names that is; confidence, level:
        of the surest. shape: what they have in common, such as big_bar, shadow or star; chart for all chart
        patterns. Times and `as_of` as of `patterns`.

        >>> db.evidence("BTC/USDT", "1h", limit=3)["names_count"].min() >= 1
        True
        """
        filters = {"direction": direction, "shape": shape, "min_confidence": min_confidence}
        return self._by_bar("pattern_evidence", symbol, venue, timeframe, filters, start, end, limit, as_of)

    def performance(
        self,
        timeframe: Names | None = None,
        *,
        kind: Kind | None = None,
        pattern: Names | None = None,
        direction: Names | None = None,
        regime: Names | None = "all",
        horizon: int | None = None,
    ) -> pl.DataFrame:
        """What patterns were worth beside chance: over all tracked symbols, the newest evaluation.

        hit_rate: share of outcomes the pattern's way, 0 to 1, with its interval (hit_low, hit_high);
        walk_rate: the same pattern on random walks of the same volatility; base_rate: all patterns;
        effect: what of hit_rate is beyond both, with its interval; q_value: the share of false ones among all
        rows named up to it; sign_holds: whether both halves of the window say the same;
        verdict: `no demonstrated edge`, `above chance` or `below chance`; in_words: that as a sentence.
        horizon: bars after the confirmation. regime: trend then, or `all`; None for every one.

        `as_of` is not taken: each evaluation looks at all that was known at its own column `as_of`. For one
        of another time use `outcomes`, whose rows have `known_at`.

        >>> db.performance("15m", pattern="hammer", horizon=10).select("pattern", "verdict").height
        1
        """
        filters = {"timeframe": timeframe, "family": kind, "pattern": pattern, "direction": direction}
        return self._rows("pattern_performance", {**filters, "regime": regime, "horizon": horizon})

    def calibration(
        self,
        score: Names | None = None,
        timeframe: Names | None = None,
        *,
        horizon: int | None = None,
        level: Names | None = None,
    ) -> pl.DataFrame:
        """How often patterns were right at each level of each score: over all tracked symbols, the newest.

        score: confidence, reliability or boosted. horizon: bars after the confirmation.
        right_share: share with a return the pattern's way, 0 to 1, with its interval (right_low, right_high);
        paid_share: the same above the costs of a round trip; walk_right: the same level on random walks;
        slope: change of right_share from a level to the next, with its interval; increasing: whether all of
        that is above 0; note: what the levels say. Events of one bar, direction and shape count once.

        `as_of` is not taken: each evaluation looks at all that was known at its own column `as_of`.

        >>> db.calibration("confidence", "15m", horizon=10)["place"].is_sorted()
        True
        """
        filters = {"score": score, "timeframe": timeframe, "horizon": horizon, "level": level}
        return self._rows("score_calibration", filters)

    def outcomes(
        self,
        symbol: Names | None = None,
        timeframe: Names | None = None,
        *,
        venue: Names | None = None,
        kind: Kind | None = None,
        pattern: Names | None = None,
        direction: Names | None = None,
        horizon: int | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """What price did after each confirmed pattern: a row per horizon that is over, oldest first.

        directed_pct, directed_atr: the return the pattern's way, in per cent and in ATR; favourable_atr,
        adverse_atr: the farthest for and against it. as_of: outcomes whose horizon was over by then.

        >>> db.outcomes("BTC/USDT", "15m", pattern="hammer", horizon=10, limit=2).height
        2
        """
        filters = {"family": kind, "pattern": pattern, "direction": direction, "horizon": horizon}
        return self._by_bar("pattern_outcomes", symbol, venue, timeframe, filters, start, end, limit, as_of)

    def signals(
        self,
        symbol: Names | None = None,
        timeframe: Names | None = None,
        *,
        venue: Names | None = None,
        active: bool = False,
        signal: Names | None = None,
        min_confidence: float | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """Signals with what to do and why, oldest first.

        active: only those that are alive now: neither stopped, at their target, expired nor closed by a later
            one the other way; they have `state`, `entry_at` and `entered` too.
        plan: struct of entry, stop, target (prices), atr, risk_atr, reward_risk, size (base units), notional,
            risk (quote units), risk_share, capped, risk_limited_by, stop_from, target_from, plan_remark,
            tick_size, lot_size, expires_at; null fields where the signal is neutral.
        reasons: struct of counted, alike (one piece of evidence with one that is counted) and overridden,
            lists of patterns with confidence, weight and shape.
        as_of: signals known by then (`known_at`, the close of the bar); not together with `active`.

        >>> db.signals(limit=5)["plan"].struct.field("entry").null_count()
        0
        """
        filters = {"signal": signal, "min_confidence": min_confidence}
        name = "signals_now" if active else "signals"
        return with_plan(self._by_bar(name, symbol, venue, timeframe, filters, start, end, limit, as_of))

    def signal_risk(
        self, symbol: Names | None = None, timeframe: Names | None = None, *, venue: Names | None = None
    ) -> pl.DataFrame:
        """Signals that live now with what is at risk in each, oldest first.

        risk_share: of the equity, lost at its stop; symbol_risk_share: in all live signals of the symbol;
        total_risk_share: in those of all symbols up to it; size_within_total: the size that the limit of all
        (total_limit) leaves; risk_limited_by: why less is at risk than is wanted.

        >>> "size_within_total" in db.signal_risk().columns
        True
        """
        return self._by_bar("signal_risk_now", symbol, venue, timeframe, {}, None, None, None, None)

    def signal_outcomes(
        self,
        symbol: Names | None = None,
        timeframe: Names | None = None,
        *,
        venue: Names | None = None,
        signal: Names | None = None,
        side: Literal["buy", "sell"] | None = None,
        trigger: Names | None = None,
        state: Names | None = None,
        start: Moment | None = None,
        end: Moment | None = None,
        limit: int | None = None,
        as_of: Moment | None = None,
    ) -> pl.DataFrame:
        """What came of each signal that is not neutral, oldest first.

        state: open, stopped, target, expired, or closed by a later signal the other way.
        entry: the open of the first bar after the signal. gross_pct, net_pct: the return its way before and
        after fees and slippage; gross_r, net_r: the same in units of the planned risk; favourable_, adverse_:
        the farthest for and against it before the exit.
        as_of: rows known by then: decided ones since the close of the bar that decided.

        >>> db.signal_outcomes("BTC/USDT", "15m", state="stopped", limit=1).height
        1
        """
        filters = {"signal": signal, "side": side, "trigger": trigger, "state": state}
        return self._by_bar("signal_outcomes", symbol, venue, timeframe, filters, start, end, limit, as_of)

    def signal_performance(
        self, grouped_by: Names | None = None, value: Names | None = None, *, verdict: Names | None = None
    ) -> pl.DataFrame:
        """How signals did after costs, beside chance: over all symbols, the newest evaluation.

        grouped_by: all, signal, side, trigger, timeframe, regime, symbol or month; value: which of them.
        mean_net_pct: return of a signal after costs with its interval; walk_mean_net_pct: the same on random
        walks; random_mean_net_pct: of entries at random bars; hold_net_pct: of holding. verdict: as of
        `performance`; above chance is a gain only where mean_net_low is above 0.

        `as_of` is not taken: for one of another time use `signal_outcomes`, whose rows have `known_at`.

        >>> db.signal_performance("all")["verdict"].len()
        1
        """
        wanted = {"grouped_by": grouped_by, "value": value, "verdict": verdict}
        return self._rows("signal_performance", wanted)

    def signal_equity(
        self,
        grouped_by: Names | None = "all",
        value: Names | None = None,
        *,
        start: Moment | None = None,
        end: Moment | None = None,
    ) -> pl.DataFrame:
        """The account that takes each signal at the next bar's open at its own size, day by day, after costs.

        grouped_by: all, timeframe or symbol. equity, drawdown_pct; random_equity with random_low and
        random_high: entries at random bars; hold_equity: in the symbols all the time.

        >>> db.signal_equity()["equity"].is_not_null().all()
        True
        """
        return self._rows("signal_equity", {"grouped_by": grouped_by, "value": value}, start=start, end=end)

    def _by_bar(
        self,
        name: str,
        symbol: Names | None,
        venue: Names | None,
        timeframe: Names | None,
        filters: Mapping[str, Any],
        start: Moment | None,
        end: Moment | None,
        limit: int | None,
        as_of: Moment | None,
    ) -> pl.DataFrame:
        wanted = {**self._of(symbol, venue), "timeframe": timeframe, **filters}
        return self._rows(name, wanted, start=start, end=end, limit=limit, as_of=as_of)
