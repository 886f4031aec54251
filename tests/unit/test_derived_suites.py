"""The rules of computed rows: a sound row breaks none, each broken one is found by both ways of checking."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import dagster as dg
import polars as pl
import pytest

from alphapulse_assets.datasets.expectations import check_frame, guard_frame
from alphapulse_assets.datasets.rules import AFTER_CLOSE, RuleSet
from alphapulse_assets.patterns.evaluation.checks import SUCCESS_RULES
from alphapulse_assets.patterns.evaluation.outcomes import HORIZONS
from alphapulse_assets.registry import DATASETS

SCORED: Final = ("pattern_confidence", "pattern_confluence", "signals")  # see test_signal_rows
RULES: Final = {
    **{each.name: each.rules for each in DATASETS if each.rules is not None and each.name not in SCORED},
    "pattern_success": SUCCESS_RULES,
}
TS: Final = datetime(2024, 3, 11, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
KNOWN: Final = {"known_at": TS + timedelta(minutes=1)}
PERCENT: Final = dict.fromkeys(("rsi_14", "adx_14", "plus_di_14", "minus_di_14", "mfi_14"), 50.0)
PRICES: Final = dict.fromkeys(RULES["indicators"].between, 50.0)
SOUND: Final[dict[str, dict[str, Any]]] = {
    "indicators": {
        **KNOWN,
        **PRICES,
        **{"obv": -5.0, "ad_line": 1.0, "cmf_20": -0.5, "bb_lower": 1.0, "bb_middle": 2.0, "bb_upper": 3.0},
        **{"keltner_lower": 1.0, "keltner_upper": 3.0, "donchian_lower": 1.0, "donchian_upper": 3.0},
        "supertrend_direction": 1.0,
    },
    "market_regime": {
        **KNOWN,
        **{"adx": 30.0, "volatility_percentile": 0.5, "liquidity_percentile": 1.0, "quote_volume_mean": 7.0},
        **{"illiquidity": 0.0, "trend": "up", "volatility": "normal", "liquidity": "low"},
    },
    "volume_patterns": {
        **KNOWN,
        **{"ts": TS, "price_change": -0.1, "confidence": 0.5, "volume_ratio": 3.0, "pattern": "spike"},
        **{"direction": "bullish", "strength": "weak"},
    },
    "candlestick_patterns": {
        **KNOWN,
        **{"ts": TS, "began_at": TS, "unbroken": True, AFTER_CLOSE: 0, "strength": -100, "candles": 1},
        **{"pattern": "hammer", "direction": "bullish"},
    },
    "chart_patterns": {
        **KNOWN,
        **{AFTER_CLOSE: 0, "breakout_level": 5.0, "lines": "{}", "detail": "{}", "completion": 80.0},
        **{
            "quality": 0.5,
            "height": 1.0,
            "atr": 0.2,
            "scale": 3.0,
            "volume_ratio": None,
            "volume_trend": 1.0,
        },
        **{"pattern": "rectangle", "direction": "neutral", "stage": "forming"},
    },
    "pattern_outcomes": {
        **{"entry": 9.0, "atr": 0.2, "has_levels": True, "target_pct": 3.0, "invalidation_pct": 1.0},
        **{"touch": -1, "touch_bars": 4, "sign": 1, "regime_sign": 0, "family": "chart"},
        **{f"{name}_{bars}": bars / 10 for name in ("return", "favourable", "adverse") for bars in HORIZONS},
    },
    "pattern_success": {
        **{
            "rate": 0.6,
            "low": 0.4,
            "high": 0.7,
            "base_rate": 0.5,
            "shrunk_rate": 0.55,
            "n": 9,
            "clusters": 5,
        },
        **{"family": "candlestick", "direction": "bearish", "regime": ""},
    },
    "pattern_performance": {
        **{"hit_rate": 0.6, "hit_low": 0.4, "hit_high": 0.7, "base_rate": 0.5, "shrunk_rate": 0.55},
        **{"n": 9, "clusters": 5, "favourable_atr": 1.0, "adverse_atr": 0.5, "ambiguous": 0.0},
        **{"mean_atr_low": None, "mean_atr_high": None, "median_atr_low": -0.1, "median_atr_high": 0.2},
        **{"target_n": 4, "target_rate": 0.5, "target_low": 0.1, "target_high": 0.9},
        **{"walk_n": 90, "walk_clusters": 40, "walk_rate": 0.5, "walk_low": 0.4, "walk_high": 0.6},
        **{"verdict": "no demonstrated edge", "target_verdict": "no demonstrated edge", "hints": "[]"},
        **{"family": "chart", "direction": "bullish", "regime": "up"},
    },
    "signal_performance": {
        **{"n": 9, "clusters": 5, "mean_net_pct": -0.1, "median_net_pct": -0.1, "drawdown_pct": 3.0},
        **{"mean_net_low": -0.2, "mean_net_high": 0.1},
        **{"random_mean_net_low": -0.2, "random_mean_net_high": 0.0},
        **{
            f"{state}{bound}": value
            for state in ("target", "stopped", "expired", "closed")
            for bound, value in (("_share", 0.25), ("_low", 0.1), ("_high", 0.5))
        },
        **{"profit_factor": 0.9, "mean_bars": 4.0, "mean_hours": 1.0},
        **{"grouped_by": "timeframe", "verdict": "no demonstrated edge"},
    },
    "score_calibration": {
        **{
            "right_share": 0.48,
            "right_low": 0.45,
            "right_high": 0.51,
            "n": 900,
            "evidence": 400,
            "clusters": 300,
        },
        **{"paid_share": 0.3, "paid_low": 0.25, "paid_high": 0.35, "base_rate": 0.5, "mean_score": 66.0},
        **{"walk_right": 0.5, "walk_low": 0.48, "walk_high": 0.52, "walk_paid": 0.3, "walk_clusters": 300},
        **{"walk_evidence": 1200, "slope": -0.01, "slope_low": -0.02, "slope_high": 0.0, "trend_p": 0.04},
        **{"walk_trend_p": 0.7, "predicted": None, "place": 3, "score": "confidence", "note": "..."},
        **{"mean_atr_low": None, "mean_atr_high": 0.1},
    },
    "volume_profiles": {
        **KNOWN,
        **{"volume": 5.0, "bin_width": 1.0, "minutes": 1440},
        **{"value_area_low": 1.0, "poc": 1.5, "value_area_high": 2.0},
    },
    "market_metrics": {
        **KNOWN,
        **{"provider": "coingecko", "total_market_cap": 2e12, "volume_24h": 1e11, "btc_dominance": 50.0},
        **{"eth_dominance": 17.0, "stablecoin_market_cap": 1e11, "stablecoin_dominance": 5.0},
        **{"stablecoin_basis": "category", "defi_market_cap": 8e10, "defi_volume_24h": 4e9},
        **{"defi_dominance": 4.0, "active_coins": 9000, "markets": None, "age_seconds": 12.0},
        **{"completeness": 1.0, "agreement": None, "confidence": 0.8},
    },
    "coin_metrics": {
        **KNOWN,
        **{"coin": "bitcoin", "symbol": "BTC", "price": 6e4, "market_cap": 1.2e12, "volume_24h": 3e10},
        **{"circulating_supply": 2e7, "total_supply": 2e7, "max_supply": None, "rank": 1, "confidence": 1.0},
    },
    "dominance_regimes": {
        **KNOWN,
        **{"dominance": 50.0, "change_24h": -0.6, "asset": "btc", "regime": "falling", "turned_from": "flat"},
    },
    "dominance_correlations": {
        **KNOWN,
        **{"pairs": 30, "correlation": -0.4, "low": -0.6, "high": -0.1, "best_lag": -2},
    },
    "volume_reactions": {
        **{"share_up": 0.5, "share_up_low": 0.4, "share_up_high": 0.6, "n": 9, "clusters": 5, "base_n": 99},
        **{"mean_pct": 0.1, "mean_pct_low": None, "mean_pct_high": 0.2, "median_pct_low": 0.0},
        **{"median_pct_high": 0.1, "base_share_up": 0.5, "edge": "no demonstrated edge"},
    },
}
BROKEN: Final = [
    ("indicators", {"rsi_14": 100.1}),
    ("indicators", {"mfi_14": -0.1}),
    ("indicators", {"bb_lower": 2.5}),
    ("indicators", {"bb_middle": 3.5}),
    ("indicators", {"ema_20": -1.0}),
    ("indicators", {"cmf_20": 1.1}),
    ("indicators", {"obv": None}),
    ("market_regime", {"trend": "sideways"}),
    ("market_regime", {"volatility_percentile": 1.5}),
    ("volume_patterns", {"strength": "huge"}),
    ("volume_patterns", {"confidence": 1.2}),
    ("volume_patterns", {"known_at": TS - timedelta(minutes=1)}),
    ("candlestick_patterns", {AFTER_CLOSE: 1}),
    ("candlestick_patterns", {"began_at": TS + timedelta(minutes=1)}),
    ("candlestick_patterns", {"strength": 300}),
    ("candlestick_patterns", {"pattern": "hamer"}),
    ("chart_patterns", {AFTER_CLOSE: -1}),
    ("chart_patterns", {"stage": "done"}),
    ("chart_patterns", {"completion": 100.5}),
    ("chart_patterns", {"breakout_level": None}),
    ("pattern_outcomes", {"return_1": None}),
    ("pattern_outcomes", {"touch_bars": 51}),
    ("pattern_outcomes", {"adverse_1": -0.1}),
    ("pattern_outcomes", {"adverse_5": 2.0}),
    ("pattern_outcomes", {"touch": 2}),
    ("pattern_success", {"rate": 0.8}),
    ("pattern_success", {"clusters": 10}),
    ("pattern_performance", {"walk_rate": 0.7}),
    ("pattern_performance", {"verdict": "works"}),
    ("pattern_performance", {"hit_low": 0.65}),
    ("score_calibration", {"right_low": 0.49}),
    ("score_calibration", {"paid_share": 0.49, "paid_high": 0.5}),
    ("score_calibration", {"clusters": 401}),
    ("score_calibration", {"score": "mood"}),
    ("volume_profiles", {"poc": 2.5}),
    ("volume_profiles", {"minutes": 1441}),
    ("market_metrics", {"total_market_cap": -1.0}),
    ("market_metrics", {"total_market_cap": None}),
    ("market_metrics", {"btc_dominance": 130.0}),
    ("market_metrics", {"stablecoin_basis": "guess"}),
    ("coin_metrics", {"market_cap": -1.0}),
    ("coin_metrics", {"rank": 0}),
    ("dominance_regimes", {"regime": "up"}),
    ("dominance_correlations", {"low": -0.3}),
    ("dominance_correlations", {"best_lag": 4}),
    ("volume_reactions", {"share_up": 0.7}),
    ("volume_reactions", {"clusters": 10}),
    ("volume_reactions", {"edge": "sure thing"}),
]


def made_of(rules: RuleSet) -> dict[str, Any]:
    """A row that the rules of a data set must pass: numbers within their bounds, a known word, one moment."""
    moments = {"ts", "known_at"}
    for _ in rules.ordered:  # what is held against a moment is one
        moments |= {name for pair in rules.ordered if moments & set(pair) for name in pair}
    row: dict[str, Any] = dict.fromkeys(rules.columns, 0.5)
    row |= dict.fromkeys((name for name in row if name in moments or name.endswith("_at")), TS)
    inf = float("inf")
    for name, (low, high) in rules.between.items():
        row[name] = min(max(0.5, -inf if low is None else low), inf if high is None else high)
    return row | {name: values[0] for name, values in rules.among.items()}


def broken_by(rules: RuleSet) -> Iterator[dict[str, Any]]:
    """Each rule of a data set broken alone."""
    yield from ({name: None} for name in rules.known)
    yield from ({name: low - 1.0} for name, (low, _) in rules.between.items() if low is not None)
    yield from ({name: high + 1.0} for name, (_, high) in rules.between.items() if high is not None)
    yield from ({name: "no such word"} for name in rules.among)


OTHERS: Final = [name for name in RULES if name not in SOUND]
"""Those whose own rooms' tests say what a sound row of theirs is: here both ways of checking must agree."""
SOUND |= {name: made_of(RULES[name]) for name in OTHERS}


def verdicts(dataset: str, values: dict[str, Any]) -> tuple[bool, bool]:
    """What expectations say of a sound row and another one, and what the guard says."""
    rules = RULES[dataset]
    frame = pl.DataFrame([SOUND[dataset], {**SOUND[dataset], **values}], infer_schema_length=None)
    error = dg.AssetCheckSeverity.ERROR
    whole = check_frame(f"{dataset}_rules", frame.select(rules.columns), rules.suite(), severity=error)
    return whole.passed, guard_frame("rules", frame, rules.guard(), severity=error).passed


@pytest.mark.parametrize("dataset", RULES)
def test_a_sound_row_breaks_no_rule(dataset: str) -> None:
    assert verdicts(dataset, {}) == (True, True)


@pytest.mark.parametrize("dataset", OTHERS)
def test_each_rule_that_is_broken_alone_is_found_by_suite_and_guard(dataset: str) -> None:
    broken = list(broken_by(RULES[dataset]))
    assert broken
    for values in broken:
        assert verdicts(dataset, values) == (False, False), values


@pytest.mark.parametrize(("dataset", "values"), BROKEN, ids=lambda each: "-".join(each))
def test_a_broken_rule_is_found_by_suite_and_guard(dataset: str, values: dict[str, Any]) -> None:
    assert verdicts(dataset, values) == (False, False)
