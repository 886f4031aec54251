"""What alert rules cost: 1,000 rules of 200 symbols, at a close and at a second of prices.

Processor time of asking, without what is stored of the steps. The baseline is the same news without a rule.
"""

import statistics
import time
from collections.abc import Callable
from typing import Final

from alphapulse_assets.alerts.expressions.fields import FIELDS, INDICATORS
from alphapulse_assets.alerts.rules import Rule, check
from alphapulse_assets.alerts.watching import News, RuleWatch
from bench.figures import Bar, Demand, Figure

ROUNDS: Final = 5
RULES: Final = 1_000
SYMBOLS: Final = 200
CLOSE_BAR: Final = Bar(Demand.OURS_AT_MOST, 2_000)
SECOND_BAR: Final = Bar(Demand.OURS_AT_MOST, 500)
TURN_BAR: Final = Bar(Demand.OURS_AT_MOST, 2)
"""Order books wait for so long at most, as they do for a closed candle (ours)."""
INDICATOR_NAMES: Final = tuple(name for name, field in FIELDS.items() if field.source is INDICATORS)
EXPRESSIONS: Final = (
    "close[1m] > {n}",
    "rsi_14[1m] < {n} and close[1m] > ema_200[1m]",
    "close[1m] crosses_above ema_20[1m] + {n}",
    "(high[1m] - low[1m]) / close[1m] > 0.{n:03d} or volume[1m] > {n}",
    "price > {n} and rsi_14[1m] > 50",
)


def rules(count: int) -> list[Rule]:
    """As different as rules of people are: a fifth of each kind, each with a threshold of its own."""
    return [
        Rule(number, 1, f"rule {number}", check(EXPRESSIONS[number % len(EXPRESSIONS)].format(n=number)))
        for number in range(1, count + 1)
    ]


def close(instrument: int, at: float, turn: int) -> News:
    """What a closed minute says."""
    values = {f"{name}[1m]": 50.0 + (instrument * 7 + turn * 13) % 900 for name in INDICATOR_NAMES}
    price = 100.0 + (instrument * 31 + turn * 17) % 900
    bar = {"open": price, "high": price * 1.001, "low": price * 0.999, "close": price, "volume": 500.0}
    return News(instrument, at, at, {**values, **{f"{name}[1m]": value for name, value in bar.items()}})


def second(instrument: int, at: float, turn: int) -> News:
    """What a second of trades says."""
    return News(instrument, at, at, {"price": 100.0 + (instrument * 31 + turn * 19) % 900})


def measured(watch: RuleWatch, news: Callable[[int, float, int], News]) -> tuple[float, ...]:
    """Milliseconds of processor time that news of all symbols take, by round; a first one is not counted."""
    times = []
    for turn in range(ROUNDS + 1):
        told = [news(symbol, 60.0 * turn, turn) for symbol in range(SYMBOLS)]
        began = time.thread_time()
        for each in told:
            watch.take(each)
        times.append((time.thread_time() - began) * 1e3)
    return tuple(times[1:])


def longest_turn() -> float:
    """Milliseconds of processor time that a close holds the loop at most, before others have their turn."""
    watch = RuleWatch()
    watch.watch(rules(RULES))
    turns = []
    for turn in range(2):
        for symbol in range(20):
            asking = watch.taking(close(symbol, 60.0 * turn, turn))
            while True:
                began = time.thread_time()
                if next(asking, None) is None:
                    break
                turns.append((time.thread_time() - began) * 1e3)
    return statistics.median(sorted(turns)[-len(turns) // 20 :])


def run() -> list[Figure]:
    """What rules cost, beside the same news without rules."""
    found = []
    for name, news, bar in (("a close", close, CLOSE_BAR), ("a second of prices", second, SECOND_BAR)):
        watch, empty = RuleWatch(), RuleWatch()
        watch.watch(rules(RULES))
        ours, baseline = measured(watch, news), measured(empty, news)
        what = f"{name} of {SYMBOLS} symbols, {RULES} rules"
        found.append(Figure(what, "ms", ours, "no rules", baseline, bar))
        asked = sum(watch.looks.values()) / (ROUNDS + 1)
        each = tuple(1e3 * value / asked for value in ours)
        found.append(Figure(f"{name}: each rule that is asked", "us", each))
    return [*found, Figure("a close: longest turn of the loop", "ms", (longest_turn(),), bar=TURN_BAR)]
