"""The kinds of indicators there are for any parameters: `ema(34)`, `supertrend(10, 3)`. Pure.

A kind makes the definitions of its values from its numbers. `registry` has the usual ones as columns, under
names of their own; `series` what the settings ask for besides.
"""

from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import Final

from alphapulse_assets.indicators import kernels
from alphapulse_assets.indicators.definition import IndicatorDefinition
from alphapulse_assets.indicators.formulas import TaLib, Window
from alphapulse_assets.indicators.formulas_of_state import Keltner, Rsi
from alphapulse_assets.indicators.kind import Kind, Made, Numbers, Parameter, Value, definitions_of

HIGH_LOW: Final = ("high", "low")
THREE: Final = ("high", "low", "close")
ALL: Final = ("high", "low", "close", "volume")
OF_EMA: Final = 12.0
"""Bars, in spans, after which an exponential average has forgotten where it began at 1e-9: ln(1e-9) /
ln(1 - 2 / (n + 1)) is 10.4 spans, rounded up."""
OF_WILDER: Final = 36.0
"""The same of Wilder's average, whose weight is 1 / n: 20.7 windows, and more for what is made of several."""
WILDER: Final = "Wilder, New Concepts in Technical Trading Systems (1978); TA-Lib"


def _bars(name: str, usual: float, least: float = 2) -> Parameter:
    return Parameter(name, usual, least)


def _plain(
    name: str,
    usual: int,
    function: str,
    about: str,
    unit: str,
    source: str,
    memory: float,
    lookback: Callable[[int], int],
    inputs: tuple[str, ...] = ("close",),
    least: float = 2,
) -> Kind:
    """A kind with a window and one value, from a function of TA-Lib; `memory` is in windows."""

    def make(numbers: Numbers) -> Made:
        window = int(numbers[0])
        before = lookback(window)
        formula = TaLib(function, inputs, (("timeperiod", window),), before)
        told = Value("", f"{about}, window {window}", unit, before + 1)
        return Made(formula, (told,), max(ceil(memory * window), before + 1), source)

    return Kind(name, (_bars("window", usual, least),), make, about)


def _rsi(numbers: Numbers) -> Made:
    window = int(numbers[0])
    told = Value(
        "",
        f"Relative strength index, window {window}; 50 where the last {window} closes did not move",
        "0 to 100",
        window + 1,
    )
    source = f"{WILDER}; 50 without movement is ours"
    return Made(Rsi(window), (told,), ceil(OF_WILDER * window), source, version=2)


def _macd(numbers: Numbers) -> Made:
    fast, slow, signal = map(int, numbers)
    if fast >= slow:
        raise ValueError(f"fast {fast} is not below slow {slow}")
    before = slow + signal - 2
    formula = TaLib(
        "MACD",
        ("close",),
        (("fastperiod", fast), ("slowperiod", slow), ("signalperiod", signal)),
        before,
    )
    values = (
        Value("", f"EMA {fast} minus EMA {slow} of the close", "price", before + 1),
        Value("signal", f"EMA {signal} of it", "price", before + 1),
        Value("histogram", "it minus its signal", "price", before + 1),
    )
    source = "Appel (1979); TA-Lib MACD: all three begin where the signal does"
    return Made(formula, values, ceil(OF_EMA * (slow + signal)), source)


def _bollinger(numbers: Numbers) -> Made:
    window, width = int(numbers[0]), float(numbers[1])
    formula = TaLib(
        "BBANDS", ("close",), (("timeperiod", window), ("nbdevup", width), ("nbdevdn", width)), window - 1
    )
    about = f"SMA {window} of the close"
    deviations = f"{width:g} population standard deviations"
    values = (
        Value("upper", f"{about} plus {deviations}", "price", window),
        Value("middle", about, "price", window),
        Value("lower", f"{about} minus {deviations}", "price", window),
    )
    return Made(formula, values, window, "Bollinger (2001); TA-Lib BBANDS")


def _stochastic(numbers: Numbers) -> Made:
    window, slow, signal = map(int, numbers)
    first = window + slow - 1
    values = (
        Value(
            "k",
            f"Stochastic %K: place of the close in the range of {window} bars, mean of {slow}; a range of"
            " nothing counts 50",
            "0 to 100",
            first,
        ),
        Value("d", f"Stochastic %D: mean of the last {signal} %K", "0 to 100", first + signal - 1),
    )
    formula = Window(kernels.stochastic, THREE, (window, slow, signal), first + signal - 1)
    source = "Lane, Technical Analysis of Stocks & Commodities 2:3 (1984); 50 without a range is ours"
    return Made(formula, values, first + signal - 1, source)


def _ichimoku(numbers: Numbers) -> Made:
    conversion, base, span = map(int, numbers)
    if not conversion < base < span:
        raise ValueError(f"conversion {conversion}, base {base} and span {span} do not rise")
    ahead = f"as known at this bar; charts plot it {base} bars later"
    values = (
        Value("conversion", f"Middle of the range of {conversion} bars (tenkan)", "price", conversion),
        Value("base", f"Middle of the range of {base} bars (kijun)", "price", base),
        Value("span_a", f"Middle of conversion and base line (senkou A), {ahead}", "price", base),
        Value("span_b", f"Middle of the range of {span} bars (senkou B), {ahead}", "price", span),
    )
    formula = Window(kernels.ichimoku, HIGH_LOW, (conversion, base, span), span)
    return Made(formula, values, span, "Hosoda, Ichimoku Kinko Hyo (1969); the lagging span is the close")


def _supertrend(numbers: Numbers) -> Made:
    window, multiple = int(numbers[0]), float(numbers[1])
    formula = TaLib("SUPERTREND", THREE, (("timeperiod", window), ("multiplier", multiple)), window)
    band = f"{multiple:g} ATR {window} from (high + low) / 2, which only follows the trend"
    values = (
        Value(
            "", f"Band {band}: below the price of an up-trend, above it of a down-trend", "price", window + 1
        ),
        Value(
            "direction", "1 while the line is below the price, -1 while it is above", "-1 or 1", window + 1
        ),
    )
    source = "Seban (2008); TA-Lib SUPERTREND: Wilder's ATR, turned by a close beyond the bar's own band"
    return Made(formula, values, max(ceil(2 * OF_WILDER * window), 1_000), source)


def _keltner(numbers: Numbers) -> Made:
    window, multiple, atr = int(numbers[0]), float(numbers[1]), int(numbers[2])
    middle, width = f"EMA {window} of the close", f"{multiple:g} ATR {atr}"
    both = max(window, atr + 1)
    values = (
        Value("upper", f"{middle} plus {width}", "price", both),
        Value("middle", middle, "price", window),
        Value("lower", f"{middle} minus {width}", "price", both),
    )
    memory = max(ceil(OF_EMA * window), ceil(OF_WILDER * atr))
    source = "Keltner (1960) in Raschke's form: EMA and ATR (Connors and Raschke, Street Smarts, 1995)"
    return Made(Keltner(window, multiple, atr), values, memory, source)


def _donchian(numbers: Numbers) -> Made:
    window = int(numbers[0])
    own = "the bar's own included: hold a close against the row before"
    values = (
        Value("upper", f"Highest high of {window} bars, {own}", "price", window),
        Value("middle", "Middle of upper and lower", "price", window),
        Value("lower", f"Lowest low of {window} bars, {own}", "price", window),
    )
    formula = TaLib("DONCHIAN", HIGH_LOW, (("timeperiod", window),), window - 1)
    return Made(formula, values, window, "Donchian's channel (1960); TA-Lib DONCHIAN")


def _williams(numbers: Numbers) -> Made:
    window = int(numbers[0])
    told = Value(
        "",
        f"Williams %R: how far below the top of the range of {window} bars; -50 without a range",
        "-100 to 0",
        window,
    )
    return Made(
        Window(kernels.williams, THREE, window, window),
        (told,),
        window,
        "Williams (1973); -50 without a range is ours",
    )


def _cmf(numbers: Numbers) -> Made:
    window = int(numbers[0])
    told = Value("", f"Chaikin money flow, window {window}; 0 without volume", "-1 to 1", window)
    source = "Chaikin; the rule for bars and windows without range or volume is ours"
    return Made(Window(kernels.chaikin_money_flow, ALL, window, window), (told,), window, source)


def _mfi(numbers: Numbers) -> Made:
    window = int(numbers[0])
    told = Value("", f"Money flow index, window {window}; 50 without any flow", "0 to 100", window + 1)
    source = "Quong and Soudack (1989); TA-Lib MFI, but 50, not 0, without flow and without running sums"
    return Made(Window(kernels.money_flow_index, ALL, window, window + 1), (told,), window + 1, source)


def _relative_volume(numbers: Numbers) -> Made:
    window = int(numbers[0])
    told = Value(
        "",
        f"Volume over the mean of the {window} bars before it",
        "ratio",
        window + 1,
        f"no volume in the {window} bars before",
    )
    formula = Window(kernels.relative_volume, ("volume",), window, window + 1)
    return Made(formula, (told,), window + 1, "ours")


def _volatility(numbers: Numbers) -> Made:
    window = int(numbers[0])
    about = f"Root mean square of the last {window} log returns of the close, annualised by 365 days of bars"
    formula = Window(kernels.root_mean_square_return, ("close",), window, window + 1, annualised=True)
    told = Value("", about, "share a year", window + 1)
    return Made(formula, (told,), window + 1, "Andersen and Bollerslev (1998)")


def _multiple(name: str, usual: float) -> Parameter:
    return Parameter(name, usual, 0.1, 20, whole=False)


_EMA_SOURCE: Final = "TA-Lib EMA: alpha 2/(n+1), begins with the mean of the first n closes"
_ALL: Final = (
    _plain("ema", 20, "EMA", "Exponential moving average of the close", "price", _EMA_SOURCE, OF_EMA,
           lambda n: n - 1),
    _plain("sma", 20, "SMA", "Mean of the last closes", "price", "TA-Lib SMA", 1, lambda n: n - 1),
    _plain("wma", 20, "WMA", "Linearly weighted moving average of the close", "price", "TA-Lib WMA", 1,
           lambda n: n - 1),
    _plain("dema", 20, "DEMA", "Double exponential moving average of the close", "price",
           "Mulloy (1994); TA-Lib DEMA", 15, lambda n: 2 * n - 2),
    _plain("tema", 20, "TEMA", "Triple exponential moving average of the close", "price",
           "Mulloy (1994); TA-Lib TEMA", 18, lambda n: 3 * n - 3),
    Kind("rsi", (_bars("window", 14),), _rsi, "Relative strength index"),
    Kind("macd", (_bars("fast", 12), _bars("slow", 26), _bars("signal", 9)), _macd,
         "Difference of two exponential averages, and its signal"),
    Kind("bollinger", (_bars("window", 20), _multiple("deviations", 2)), _bollinger, "Bollinger bands"),
    _plain("atr", 14, "ATR", "Average true range", "price", WILDER, OF_WILDER, lambda n: n, THREE),
    _plain("natr", 14, "NATR", "Average true range, of the close", "per cent", WILDER, OF_WILDER,
           lambda n: n, THREE),
    _plain("adx", 14, "ADX", "Average directional index: strength of trend", "0 to 100", WILDER, 43,
           lambda n: 2 * n - 1, THREE),
    _plain("plus_di", 14, "PLUS_DI", "Directional indicator upwards", "0 to 100", WILDER, OF_WILDER,
           lambda n: n, THREE),
    _plain("minus_di", 14, "MINUS_DI", "Directional indicator downwards", "0 to 100", WILDER, OF_WILDER,
           lambda n: n, THREE),
    _plain("cci", 20, "CCI", "Commodity channel index; 0 without a range", "1", "Lambert (1980); TA-Lib CCI",
           1, lambda n: n - 1, THREE),
    _plain("roc", 10, "ROC", "Close over the close a window before, less 1", "per cent", "TA-Lib ROC", 2,
           lambda n: n, least=1),
    Kind("williams", (_bars("window", 14),), _williams, "Williams %R"),
    Kind("stochastic", (_bars("window", 14), _bars("slow", 3, 1), _bars("signal", 3, 1)), _stochastic,
         "Stochastic oscillator, %K and %D"),
    Kind("ichimoku", (_bars("conversion", 9), _bars("base", 26), _bars("span", 52)), _ichimoku,
         "Ichimoku's lines and spans"),
    Kind("supertrend", (_bars("window", 10), _multiple("multiple", 3)), _supertrend,
         "Supertrend: a band that follows the trend, and its side"),
    Kind("keltner", (_bars("window", 20), _multiple("multiple", 2), _bars("atr_window", 10)), _keltner,
         "Keltner channel"),
    Kind("donchian", (_bars("window", 20),), _donchian, "Donchian channel"),
    Kind("cmf", (_bars("window", 20),), _cmf, "Chaikin money flow"),
    Kind("mfi", (_bars("window", 14),), _mfi, "Money flow index"),
    Kind("relative_volume", (_bars("window", 20),), _relative_volume, "Volume against the bars before"),
    Kind("realised_volatility", (_bars("window", 20),), _volatility, "Realised volatility"),
)  # fmt: skip
KINDS: Final[dict[str, Kind]] = {kind.name: kind for kind in _ALL}
"""Every kind with numbers for parameters, by its name; `vwap(...)`, which has an anchor, is in `series`."""


def column(kind: str, numbers: Numbers, suffix: str, name: str) -> IndicatorDefinition:
    """One value of a kind as a column of the registry, under a name of its own."""
    known = KINDS[kind]
    made = known.make(numbers)
    parameters: dict[str, float | str] = {
        parameter.name: number for parameter, number in zip(known.parameters, numbers, strict=True)
    }
    wanted = f"{kind}_{suffix}" if suffix else kind
    found = next(each for each in definitions_of(kind, made, parameters) if each.name == wanted)
    return replace(found, name=name)
