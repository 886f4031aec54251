"""What a run of computed rows may be told, and what is refused because it would lose something."""

from typing import Any

import pytest

from alphapulse_assets.datasets.derived_assets import DerivedConfig


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"symbols": ["BTC/USDT"], "timeframes": ["1h", "1w"], "version": -3},
        {"mode": "changed"},
    ],
)
def test_sound_config_is_taken_as_it_is(values: dict[str, Any]) -> None:
    config = DerivedConfig(**values)
    assert {name: getattr(config, name) for name in values} == values


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"version": 0}, "version 0 is not below 0"),
        ({"version": 2}, "version 2 is not below 0"),
        ({"timeframes": ["1h", "3m"]}, "nothing is computed of 3m"),
        ({"mode": "changed", "version": -1}, "mode changed computes all that is due"),
        ({"mode": "changed", "timeframes": ["1m"]}, "mode changed computes all that is due"),
        ({"mode": "changed", "symbols": ["BTC/USDT"]}, "mode changed computes all that is due"),
    ],
)
def test_config_that_would_lose_something_is_refused(values: dict[str, Any], reason: str) -> None:
    with pytest.raises(Exception, match=reason):
        DerivedConfig(**values)
