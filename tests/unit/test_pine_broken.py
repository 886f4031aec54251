"""Broken scripts: each is refused at its line, by the finding that names its fault."""

import pytest

from alphapulse_assets.pine.diagnostics import Severity
from alphapulse_assets.pine.validating import check

HEAD = '//@version=6\nindicator("x")\n'
PLOT = "\nplot(close)\n"

# what is wrong (from line 3 on), the finding's code, and a word that it has to say
BROKEN = [
    ("x = ta.smaa(close, 10)", "P103", "ta.sma?"),
    ("x = sma(close, 10)", "P102", "sma"),
    ("x = clsoe", "P101", "close?"),
    ("x = color.rde", "P103", "color.red?"),
    ("x = ta.sma(close)", "P201", "length"),
    ("x = ta.sma()", "P201", "source"),
    ("x = ta.sma(close, 10, 3)", "P202", "2 arguments at most"),
    ("x = ta.sma(close, len = 10)", "P203", "length?"),
    ("x = ta.sma(close, 10, length = 10)", "P204", "twice"),
    ("x = ta.sma(close, length = 10, length = 12)", "P204", "twice"),
    ("x = ta.sma(source = close, 10)", "P205", "name it too"),
    ('x = ta.sma("close", 10)', "P301", "a string is given"),
    ('x = ta.sma(close, "10")', "P301", "length"),
    ("x = ta.ema(close, bar_index)", "P302", "simple"),
    ("x = ta.rsi(close, int(close))", "P302", "simple"),
    ('int z = "abc"', "P301", "declared as int"),
    ("int z = 1.5", "P301", "declared as int"),
    ("string z = 5", "P301", "declared as string"),
    ("bool z = 5", "P301", "declared as bool"),
    ("x = na", "P307", "which type"),
    ('var x = 1\nx := "a"', "P301", "x is a int"),
    ("x := 5", "P104", "before it is declared"),
    ("close := 5", "P104", "Pine's own"),
    ("const float x = 1.0\nx := 2.0", "P104", "const"),
    ("foo x = na", "P101", "no type foo"),
    ("array<foo> x = na", "P101", "no type array<foo>"),
    ('x = close + "a"', "P303", "str.tostring"),
    ("x = close - true", "P303", "bool"),
    ('x = close > "a"', "P303", "string"),
    ('x = close == "a"', "P303", "compared"),
    ('x = -"a"', "P303", "string"),
    ("x = close ? 1 : 2", "P304", "compare it"),
    ("if close\n    label.new(bar_index, high)", "P304", "compare it"),
    ("while bar_index\n    break", "P304", "while"),
    ("x = not close", "P304", "not wants a bool"),
    ("x = close > open and volume", "P304", "and wants a bool"),
    ('x = close > open ? 1 : "a"', "P305", "one type"),
    ('x = if close > open\n    1\nelse\n    "a"', "P305", "one type"),
    ('x = switch\n    close > open => 1\n    => "a"', "P305", "one type"),
    ("[a, b] = ta.macd(close, 12, 26, 9)", "P306", "2 names for 3"),
    ("[a, b, c] = ta.supertrend(3, 10)", "P306", "3 names for 2"),
    ("[a, b] = ta.rsi(close, 14)", "P306", "one float"),
    ("if close > open\n    plot(close)", "P401", "an if block"),
    ("for i = 0 to 3\n    plot(close)", "P401", "a loop"),
    ("f() =>\n    plot(close)\n    1\nf()", "P401", "a function"),
    ("x = close[-1]", "P402", "look ahead"),
    ('strategy.entry("a", strategy.long)', "P403", "strategy()"),
    ("break", "P405", "outside a loop"),
    ("x = ta.sma", "P107", "called with ()"),
    ("f(a, b) => a + b\nx = f(1)", "P201", "b"),
    ("f(a) => a\nx = f(1, 2)", "P202", "1 argument"),
    ("x = f(1)\nf(a) => a", "P102", "before it is used"),
    ("type P\n    int a\nx = P.new(b = 1)", "P203", "b"),
    ("type P\n    int a\nx = P.new(1)\ny = x.b", "P103", "no field b"),
    ("enum E\n    one\n    two\nx = E.three", "P101", "E.three"),
    ("x = array.new<float>(0)\nx.psuh(1.0)", "P102", "push?"),
    ("method m(float a) => a\nx = close.n()", "P102", "n"),
    ("x = input.int(14, minval = 1, step = 'a')", "P301", "step"),
    ("x = input.int(bar_index)", "P302", "defval"),
    ("x = hline(close)", "P302", "price"),
    ("plot(close, transp = 50)", "P203", "color.new"),
    ("plot(close, style = plot.style_lines)", "P103", "plot.style_line?"),
    ("x = request.footprint(4)", "P501", "not supported"),
    ('x = request.financial("A", "B", "FQ")', "P501", "not supported"),
    ("import a/b/1 as c", "P501", "a/b/1"),
    ("x = (close + 1", "P001", "cannot be read"),
    ("x = close +", "P001", "cannot be read"),
    ("if close > open\nx = 1", "P001", "cannot be read"),
    ("x = 'a", "P001", "cannot be read"),
    ("f(x =>", "P001", "cannot be read"),
]


@pytest.mark.parametrize(
    ("body", "code", "word"), BROKEN, ids=[each[0].replace("\n", ";") for each in BROKEN]
)
def test_a_broken_script_is_refused_by_what_is_wrong_at_its_line(body: str, code: str, word: str) -> None:
    found = [each for each in check(HEAD + body + PLOT) if each.severity is Severity.ERROR]
    fitting = [each for each in found if each.code == code and word in f"{each.message} {each.hint}"]
    assert fitting, found
    lines = HEAD.count("\n") + body.count("\n") + 2  # what ends too early is told where the next line begins
    assert all(HEAD.count("\n") < each.line <= lines for each in fitting), fitting


WHOLE = [
    ("", "P003", "empty"),
    ('indicator("x")\nplot(close)', "P002", "//@version=6"),
    ('//@version=4\nstudy("x")\nplot(sma(close, 3))', "P002", "indicator()"),
    ('//@version=2\nstudy("x")\nplot(close)', "P002", "version 2"),
    ('//@version=9\nindicator("x")\nplot(close)', "P002", "5 and 6"),
    ("//@version=6\nplot(close)", "P003", "first call"),
    ('//@version=6\nindicator("x")\nx = close', "P404", "plot something"),
    ('//@version=6\nlibrary("x")\nplot(close)', "P501", "library()"),
    ('//@version=6\nindicator("x", overlya = true)\nplot(close)', "P203", "overlay?"),
    ('//@version=6\nindicator("x", max_lines_count = "5")\nplot(close)', "P301", "max_lines_count"),
    (
        '//@version=6\nstrategy("x")\nstrategy.entry("a", strategy.long, when = close > open)',
        "P203",
        "if block",
    ),
    ('//@version=6\nstrategy("x")\nstrategy.entry("a")', "P201", "direction"),
    (
        '//@version=6\nstrategy("x", commission_value = close)\nstrategy.close("a")',
        "P302",
        "commission_value",
    ),
]


@pytest.mark.parametrize(("source", "code", "word"), WHOLE)
def test_what_is_wrong_with_a_script_as_a_whole_is_told(source: str, code: str, word: str) -> None:
    found = check(source)
    assert [each for each in found if each.code == code and word in f"{each.message} {each.hint}"], found
