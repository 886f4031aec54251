"""Every indicator there is: name, formula, version, warm-up, memory, source; and the version of the set."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import polars as pl

from alphapulse_assets.indicators import kernels
from alphapulse_assets.indicators.definition import IndicatorDefinition
from alphapulse_assets.indicators.formulas import Scope, TaLib, Window
from alphapulse_assets.indicators.formulas_of_state import Vwap
from alphapulse_assets.indicators.kinds import column
from alphapulse_assets.indicators.sessions import Calendar, Every

REGISTRY_VERSION: Final = 2
"""Bumped whenever a definition or the calendar rule in `warm_up` changes; rows carry it."""

_ALL: Final = ("high", "low", "close", "volume")
_WILDER: Final = "Wilder, New Concepts in Technical Trading Systems (1978); TA-Lib"
_EMA_SOURCE: Final = "TA-Lib EMA: alpha 2/(n+1), begins with the mean of the first n closes"


def registry_version() -> int:
    """The version of the whole set, stored with every row."""
    return REGISTRY_VERSION


def _ema(span: int, memory: int) -> IndicatorDefinition:
    return IndicatorDefinition(
        f"ema_{span}",
        TaLib("EMA", ("close",), (("timeperiod", span),), span - 1),
        0,
        {"span": span},
        1,
        span,
        memory,
        f"Exponential moving average of the close, span {span}",
        _EMA_SOURCE,
        "price",
    )


def _sma(window: int) -> IndicatorDefinition:
    return IndicatorDefinition(
        f"sma_{window}",
        TaLib("SMA", ("close",), (("timeperiod", window),), window - 1),
        0,
        {"window": window},
        1,
        window,
        window,
        f"Mean of the last {window} closes",
        "TA-Lib SMA",
        "price",
    )


def _macd() -> Iterable[IndicatorDefinition]:
    parameters = {"fastperiod": 12, "slowperiod": 26, "signalperiod": 9}
    function = TaLib("MACD", ("close",), tuple(parameters.items()), 33)
    told = {
        "macd": "EMA 12 minus EMA 26 of the close",
        "macd_signal": "EMA 9 of macd",
        "macd_histogram": "macd minus macd_signal",
    }
    for output, (name, description) in enumerate(told.items()):
        source = "Appel (1979); TA-Lib MACD: all three begin where the signal does"
        yield IndicatorDefinition(
            name, function, output, parameters, 1, 34, 500, description, source, "price"
        )


def _bollinger() -> Iterable[IndicatorDefinition]:
    parameters = {"timeperiod": 20, "nbdevup": 2.0, "nbdevdn": 2.0}
    function = TaLib("BBANDS", ("close",), tuple(parameters.items()), 19)
    told = {
        "bb_upper": "SMA 20 of the close plus 2 population standard deviations",
        "bb_middle": "SMA 20 of the close, middle of the Bollinger bands",
        "bb_lower": "SMA 20 of the close minus 2 population standard deviations",
    }
    for output, (name, description) in enumerate(told.items()):
        source = "Bollinger (2001); TA-Lib BBANDS"
        yield IndicatorDefinition(name, function, output, parameters, 1, 20, 20, description, source, "price")


def _wilder(
    name: str, function: str, lookback: int, memory: int, description: str, unit: str
) -> IndicatorDefinition:
    made = TaLib(function, ("high", "low", "close"), (("timeperiod", 14),), lookback)
    return IndicatorDefinition(
        name, made, 0, {"window": 14}, 1, lookback + 1, memory, description, _WILDER, unit
    )


def _cumulative(
    name: str, function: str, inputs: tuple[str, ...], description: str, source: str
) -> IndicatorDefinition:
    made = TaLib(function, inputs, (), 0, Scope.BLOCK)
    return IndicatorDefinition(name, made, 0, {}, 1, 1, None, description, source, "base volume")


def _vwap(name: str, session: timedelta, began: str) -> IndicatorDefinition:
    days = session // timedelta(days=1)
    return IndicatorDefinition(
        name,
        Vwap(Every(session)),
        0,
        {"session_days": days},
        1,
        1,
        None,
        f"Volume-weighted mean of (high + low + close) / 3 since {began}",
        "Berkowitz, Logue and Noser (1988); bars stand for their trades",
        "price",
        f"no volume since {began}; always on bars of {days} d and longer",
    )


def _volume() -> Iterable[IndicatorDefinition]:
    yield IndicatorDefinition(
        "cmf_20",
        Window(kernels.chaikin_money_flow, _ALL, 20, 20),
        0,
        {"window": 20},
        1,
        20,
        20,
        "Chaikin money flow: sum of ((c - l) - (h - c)) / (h - l) x volume over sum of volume; flat bars "
        "count 0, and it is 0 without volume",
        "Chaikin; the rule for bars and windows without range or volume is ours",
        "-1 to 1",
    )
    yield IndicatorDefinition(
        "mfi_14",
        Window(kernels.money_flow_index, _ALL, 14, 15),
        0,
        {"window": 14},
        1,
        15,
        15,
        "Money flow index: 100 x positive over all flow of typical price x volume; 50 without any flow",
        "Quong and Soudack (1989); TA-Lib MFI, but 50, not 0, without flow and without running sums",
        "0 to 100",
    )
    yield IndicatorDefinition(
        "relative_volume_20",
        Window(kernels.relative_volume, ("volume",), 20, 21),
        0,
        {"window": 20},
        1,
        21,
        21,
        "Volume over the mean of the 20 bars before it; the bar itself is not in its baseline",
        "ours",
        "ratio",
        "no volume in the 20 bars before",
    )


def _volatility() -> IndicatorDefinition:
    return IndicatorDefinition(
        "realised_volatility_20",
        Window(kernels.root_mean_square_return, ("close",), 20, 21, annualised=True),
        0,
        {"window": 20, "days_a_year": 365},
        1,
        21,
        21,
        "Root mean square of the last 20 log returns of the close, annualised by 365 days of bars; the mean "
        "return is taken as 0. A return across missing bars counts as one bar's",
        "Andersen and Bollerslev (1998)",
        "share a year",
    )


def _usual() -> Iterable[IndicatorDefinition]:
    """The usual ones that came later, at their usual numbers: the last columns."""
    for kind, numbers, suffixes in (
        ("stochastic", (14, 3, 3), ("k", "d")),
        ("ichimoku", (9, 26, 52), ("conversion", "base", "span_a", "span_b")),
        ("supertrend", (10, 3), ("", "direction")),
        ("keltner", (20, 2, 10), ("upper", "lower")),  # its middle is ema_20
        ("donchian", (20,), ("upper", "lower")),
    ):
        for suffix in suffixes:
            yield column(kind, numbers, suffix, f"{kind}_{suffix}" if suffix else kind)
    yield IndicatorDefinition(
        "vwap_month",
        Vwap(Calendar("M")),
        0,
        {"anchor": "month"},
        1,
        1,
        None,
        "Volume-weighted mean of (high + low + close) / 3 since the start of the UTC month",
        "Berkowitz, Logue and Noser (1988); bars stand for their trades",
        "price",
        "no volume since the start of the month",
    )


def _all() -> Iterable[IndicatorDefinition]:
    yield from (_ema(9, 150), _ema(20, 300), _ema(50, 650), _ema(200, 2_400))
    yield from map(_sma, (20, 50, 200))
    yield column("rsi", (14,), "", "rsi_14")
    yield from _macd()
    yield from _bollinger()
    yield _wilder("atr_14", "ATR", 14, 450, "Average true range", "price")
    yield _wilder("adx_14", "ADX", 27, 600, "Average directional index: strength of trend", "0 to 100")
    yield _wilder("plus_di_14", "PLUS_DI", 14, 500, "Directional indicator upwards", "0 to 100")
    yield _wilder("minus_di_14", "MINUS_DI", 14, 500, "Directional indicator downwards", "0 to 100")
    yield _cumulative(
        "obv",
        "OBV",
        ("close", "volume"),
        "On-balance volume since the start of the UTC month (from 1h up: year), whose first bar counts as up",
        "Granville (1963); TA-Lib OBV; the anchor is ours",
    )
    yield _cumulative(
        "ad_line",
        "AD",
        _ALL,
        "Accumulation/distribution line since the start of the UTC month (from 1h up: year); flat bars add 0",
        "Chaikin; TA-Lib AD; the anchor is ours",
    )
    yield _vwap("vwap_session", timedelta(days=1), "00:00 UTC")
    yield _vwap("vwap_week", timedelta(weeks=1), "Monday 00:00 UTC")
    yield from _volume()
    yield _volatility()
    yield from _usual()


INDICATORS: Final[dict[str, IndicatorDefinition]] = {definition.name: definition for definition in _all()}
"""Every definition by its name, in the order of the columns."""

INDICATOR_SCHEMA: Final = pl.Schema(
    {"ts": pl.Datetime("us", "UTC"), **{name: pl.Float64() for name in INDICATORS}}
)
"""One row per bar: its open time and every indicator, known at the bar's close. Null: no value; never NaN."""


def definition(name: str) -> IndicatorDefinition:
    """One definition.

    Raises:
        ValueError: no such indicator.
    """
    if name not in INDICATORS:
        raise ValueError(f"no indicator {name!r}; there are {', '.join(INDICATORS)}")
    return INDICATORS[name]
