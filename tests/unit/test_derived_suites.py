"""The rules of computed rows: a sound row breaks none, each broken one is found by both ways of checking."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import dagster as dg
import polars as pl
import pytest

from alphapulse_assets.derived_suites import RULES
from alphapulse_assets.expectations import check_frame, guard_frame

TS: Final = datetime(2024, 3, 11, tzinfo=UTC)
KNOWN: Final = {"known_at": TS + timedelta(minutes=1)}
PERCENT: Final = dict.fromkeys(("rsi_14", "adx_14", "plus_di_14", "minus_di_14", "mfi_14"), 50.0)
PRICES: Final = dict.fromkeys(RULES["indicators"].between, 50.0)
SOUND: Final[dict[str, dict[str, Any]]] = {
    "indicators": {
        **KNOWN,
        **PRICES,
        **{"obv": -5.0, "ad_line": 1.0, "cmf_20": -0.5, "bb_lower": 1.0, "bb_middle": 2.0, "bb_upper": 3.0},
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
    "volume_profiles": {
        **KNOWN,
        **{"volume": 5.0, "bin_width": 1.0, "minutes": 1440},
        **{"value_area_low": 1.0, "poc": 1.5, "value_area_high": 2.0},
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
    ("volume_profiles", {"poc": 2.5}),
    ("volume_profiles", {"minutes": 1441}),
    ("volume_reactions", {"share_up": 0.7}),
    ("volume_reactions", {"clusters": 10}),
    ("volume_reactions", {"edge": "sure thing"}),
]


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


@pytest.mark.parametrize(("dataset", "values"), BROKEN, ids=lambda each: "-".join(each))
def test_a_broken_rule_is_found_by_suite_and_guard(dataset: str, values: dict[str, Any]) -> None:
    assert verdicts(dataset, values) == (False, False)
