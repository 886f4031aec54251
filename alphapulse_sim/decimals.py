"""Whole ticks and lots as the decimal strings that venues print: exact, no floating point."""

import numpy as np

from alphapulse_sim.hashing import Ints


def decimal_strings(units: Ints, digits: int, places: int) -> list[str]:
    """`units` * 10^-`digits` printed with `places` decimals (`places` >= `digits`); no sign expected."""
    if places == 0:
        return [str(unit) for unit in units.tolist()]
    whole, part = np.divmod(units, 10**digits)
    part = part * 10 ** (places - digits)
    return [f"{w}.{p:0{places}d}" for w, p in zip(whole.tolist(), part.tolist(), strict=True)]


def decimal_string(units: int, digits: int, places: int) -> str:
    """One value as `decimal_strings` prints it."""
    return decimal_strings(np.array([units], dtype=np.int64), digits, places)[0]


def short_strings(units: Ints, digits: int) -> list[str]:
    """`units` * 10^-`digits` without trailing zeros, as Bybit and Coinbase print numbers."""
    if digits == 0:
        return [str(unit) for unit in units.tolist()]
    return [text.rstrip("0").rstrip(".") for text in decimal_strings(units, digits, digits)]


def short_string(units: int, digits: int) -> str:
    """One value as `short_strings` prints it."""
    return short_strings(np.array([units], dtype=np.int64), digits)[0]


def step_string(digits: int, places: int | None = None) -> str:
    """The step 10^-`digits`, e.g. a tick size, with `places` decimals (as many as needed by default)."""
    return decimal_string(1, digits, digits if places is None else places)
