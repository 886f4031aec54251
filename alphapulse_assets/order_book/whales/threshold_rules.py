"""Thresholds and rates as whoever runs the platform writes them down: read from tables, checked. Pure.

The file (TOML) has rules, each about the markets that have all it names, and what currencies are worth:

    [usd]
    IDR = 0.000061

    [[rules]]
    venue = "binance"
    kind = "spot"
    symbol = "ETH/BTC"
    whales = { floor = 500_000 }
    alerts = { whale_notional = 5_000_000 }
"""

import math
from collections.abc import Collection, Mapping
from dataclasses import fields
from typing import Any, Final

from alphapulse_assets.order_book.whales.thresholds import SymbolThresholds, ThresholdRule, Thresholds
from alphapulse_assets.order_book.whales.usd import UsdRates

KINDS: Final = ("spot", "perpetual", "future")
_SELECTORS: Final = ("venue", "kind", "symbol")
_GROUPS: Final = tuple(group.name for group in fields(SymbolThresholds))


def read_thresholds(tables: Mapping[str, Any], venues: Collection[str]) -> tuple[Thresholds, UsdRates]:
    """What the tables of a file say.

    Raises:
        ValueError: something in them is not known or makes no sense; which rule, is said.
    """
    if unknown := sorted(set(tables) - {"usd", "rules"}):
        raise ValueError(f"no table is named {', '.join(unknown)}: there are [usd] and [[rules]]")
    usd, rules = tables.get("usd", {}), tables.get("rules", [])
    if not isinstance(usd, Mapping) or not isinstance(rules, list):
        raise ValueError("wanted [usd] as a table and [[rules]] as a list of tables")
    rates = {currency.upper(): _number(f"[usd] {currency}", rate) for currency, rate in usd.items()}
    made = []
    for number, rule in enumerate(rules, start=1):
        try:
            made.append(_rule(rule, venues))
        except ValueError as error:
            raise ValueError(f"rule {number}: {error}") from error
    return Thresholds(rules=tuple(made)), UsdRates(given=rates)


def _rule(rule: Any, venues: Collection[str]) -> ThresholdRule:
    if not isinstance(rule, Mapping):
        raise ValueError(f"wanted a table, not {rule!r}")
    if unknown := sorted(set(rule) - {*_SELECTORS, *_GROUPS}):
        raise ValueError(f"{', '.join(unknown)} is not known: use {', '.join((*_SELECTORS, *_GROUPS))}")
    chosen = {name: _text(name, rule[name]) for name in _SELECTORS if name in rule}
    for name, allowed in (("venue", venues), ("kind", KINDS)):
        if chosen.get(name) not in (None, *allowed):
            raise ValueError(f"{name} {chosen[name]!r} is not known: use {', '.join(sorted(allowed))}")
    changes = {group: _changes(group, rule[group]) for group in _GROUPS if group in rule}
    SymbolThresholds().changed(changes)
    return ThresholdRule(changes, **chosen)


def _changes(group: str, values: Any) -> dict[str, float]:
    if not isinstance(values, Mapping):
        raise ValueError(f"wanted {group} as a table, not {values!r}")
    defaults = getattr(SymbolThresholds(), group)
    made = {}
    for name, value in values.items():
        made[name] = _number(f"{group}.{name}", value)
        if isinstance(getattr(defaults, name, None), int) and not isinstance(value, int):
            raise ValueError(f"{group}.{name} wants a whole number, not {value!r}")
    return made


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} wants a text, not {value!r}")
    return value


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{name} wants a number, not {value!r}")
    return value
