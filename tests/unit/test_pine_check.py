"""Scripts that are right are taken, warnings say what repaints, and no source hurts the validator."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.pine.diagnostics import Severity
from alphapulse_assets.pine.front_end import DEEPEST, MOST_BYTES
from alphapulse_assets.pine.reference import reference
from alphapulse_assets.pine.validating import check

RIGHT = """//@version=6
indicator("Everything", overlay = true, max_labels_count = 50)
type Zone
    float top = 0.0
    float bottom
    int since
enum Side
    up = "Up"
    down
length = input.int(14, "Length", minval = 1)
source = input.source(close, "Source")
side = input.enum(Side.up, "Side")
var array<Zone> zones = array.new<Zone>()
var float[] levels = array.new_float(0)
method height(Zone this, float scale = 1.0) =>
    (this.top - this.bottom) * scale
smooth(float[] values, simple int n) =>
    total = 0.0
    for [i, value] in values
        total += i < n ? value : 0
    total / math.max(n, 1)
[line_, signal, histogram] = ta.macd(source, 12, 26, 9)
fast = ta.ema(source, length)
slow = ta.wma(source, length / 2)
float average = switch side
    Side.up => fast
    Side.down => slow
    => na
crossed = ta.crossover(source, average) and barstate.isconfirmed
if crossed and not na(average[1])
    zones.push(Zone.new(high, low, since = bar_index))
    array.push(levels, close)
    label.new(bar_index, high, str.format("{0}", zones.last().height()), color = color.new(color.red, 20))
while zones.size() > 10
    zones.shift()
int count = 0
for zone in zones
    if zone.since < bar_index - 100
        continue
    count += 1
daily = request.security(syminfo.tickerid, "D", ta.sma(close, 10)[1], lookahead = barmerge.lookahead_on)
trend = close > daily ? "up" : close < daily ? "down" : "flat"
p = plot(average, "Average", color = trend == "up" ? color.green : #ff0000, linewidth = 2)
q = plot(smooth(levels, 3))
fill(p, q, color = color.new(color.blue, 90))
alertcondition(crossed, "Crossed", "crossed at {{close}}")
plot(close[length], "Shifted", display = display.none)
"""
STRATEGY = """//@version=5
strategy("Cross", overlay = true, initial_capital = 10000, commission_type = strategy.commission.percent,
     commission_value = 0.05, default_qty_type = strategy.percent_of_equity, default_qty_value = 10)
fast = ta.sma(close, input.int(9)), slow = ta.sma(close, input(21))
if ta.crossover(fast, slow)
    strategy.entry("long", strategy.long)
if ta.crossunder(fast, slow) and strategy.position_size > 0
    strategy.close("long", comment = "out")
strategy.exit("stop", "long", loss = 100, profit = 200)
plot(strategy.equity)
"""


@pytest.mark.parametrize("source", [RIGHT, STRATEGY], ids=["indicator", "strategy"])
def test_a_script_that_is_right_has_no_finding(source: str) -> None:
    assert check(source) == []


def test_a_number_is_a_condition_in_version_5_and_none_in_version_6() -> None:
    body = 'indicator("x")\nplot(close ? 1 : 2)\n'
    assert check(f"//@version=5\n{body}") == []
    assert [each.code for each in check(f"//@version=6\n{body}")] == ["P304"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('x = request.security(syminfo.tickerid, "D", close, lookahead = barmerge.lookahead_on)', "W201"),
        ('x = request.security(syminfo.tickerid, "D", close)', "W203"),
        ("x = barstate.isrealtime ? 1 : 2", "W202"),
        ("varip int x = 0", "W202"),
        ("plot(close, offset = -5)", "W205"),
    ],
)
def test_what_repaints_or_looks_ahead_is_a_warning(line: str, code: str) -> None:
    found = check(f'//@version=6\nindicator("x")\n{line}\nplot(close)\n')
    assert [(each.code, each.severity, each.line) for each in found] == [(code, Severity.WARNING, 3)]


@pytest.mark.parametrize(
    "source",
    [
        "//@version=6\n" + "x" * (MOST_BYTES + 1),
        "//@version=6\nx = " + "(" * (DEEPEST + 1) + "1" + ")" * (DEEPEST + 1),
        "//@version=6\nindicator('x')\nx = " + "-" * 5_000 + "1\nplot(x)",
        "//@version=6\nindicator('x')\nx = " + "+".join(["1"] * 3_000) + "\nplot(x)",
        "//@version=6\n\0\0",
        "//@version=6\n'''\"\"\"\\",
        "//@version=6\nimport os\n__import__('os')\n",
        "//@version=6\n" + "\t" * 500 + "x",
    ],
    ids=["long", "deep", "minuses", "pluses", "zeros", "quotes", "python", "tabs"],
)
def test_no_source_hurts_the_validator(source: str) -> None:
    began = time.monotonic()
    assert check(source)
    assert time.monotonic() - began < 30


@settings(max_examples=150, deadline=None)
@given(
    start=st.integers(0, len(RIGHT)),
    length=st.integers(0, 40),
    patch=st.text("()[]{}=:?,.<>\"'#\n\t abif109", max_size=6),
)
def test_a_script_that_is_cut_and_patched_anywhere_is_told_of_and_raises_nothing(
    start: int, length: int, patch: str
) -> None:
    found = check(RIGHT[:start] + patch + RIGHT[start + length :])
    assert all(each.message and each.line >= 0 for each in found)


def test_the_reference_names_the_functions_of_every_namespace() -> None:
    known = reference()
    assert len(known.functions) > 400
    assert {
        "ta.supertrend",
        "strategy.risk.max_drawdown",
        "strategy.opentrades.profit",
        "matrix.kron",
    } <= known.names
    assert {"ta", "strategy.risk", "chart.point", "plot", "syminfo"} <= known.namespaces
