"""The language of alert rules: what can be written, what is refused and where, and that nothing breaks it."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.alerts.expressions import tree
from alphapulse_assets.alerts.expressions.fields import (
    CANDLESTICKS,
    CHARTS,
    FIELDS,
    INDICATORS,
    SIGNAL_NAMES,
    SOURCES,
    STORED,
    VOLUMES,
    WHALE_KINDS,
    Evaluator,
)
from alphapulse_assets.alerts.expressions.parsing import parse
from alphapulse_assets.alerts.expressions.tokens import ExpressionError
from alphapulse_assets.alerts.expressions.tree import Value, printed
from alphapulse_assets.alerts.rules import check
from alphapulse_assets.indicators import registry
from alphapulse_assets.order_book.whales.events import WhaleKind
from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE
from alphapulse_assets.patterns.chart.definitions import CHART_CATALOGUE
from alphapulse_assets.patterns.signals.batch import SIGNALS
from alphapulse_assets.volume.definitions import VOLUME_CATALOGUE
from alphapulse_resources.database.client import SQL_DIRECTORY
from alphapulse_resources.database.derived_store import COMPUTED
from alphapulse_resources.settings import PROJECT_ROOT as ROOT


@pytest.mark.parametrize(
    "text",
    [
        "price > 70000",
        "rsi_14[1h] < 30 and close[1h] > ema_200[1h]",
        'pattern[4h] = "hammer" and pattern.confidence[4h] >= 70',
        'signal.side[1h] = "long"',
        "whale.notional > 1000000",
        "funding.rate_8h > 0.0005",
        "open_interest.change_1h > 0.1",
        "sentiment.score < -0.3",
        "gap.minutes > 5",
        "freshness.seconds > 180",
        "close[1d] crosses_above sma_200[1d] or not (price < 5 and basis >= 1e-09)",
        "(high[1h] - low[1h]) / close[1h] - -1 * 2 > 0.02",
        "not not price > 1",
    ],
)
def test_what_is_written_is_printed_as_it_was(text: str) -> None:
    assert printed(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("price>7_0000.0", "price > 70000"),
        ("whale.notional >= 1e6", "whale.notional >= 1000000"),
        ("rsi_14[ 1h ] <30 and close>ema_200", "rsi_14[1h] < 30 and close[1h] > ema_200[1h]"),
        ("trend[1h] == 'up'", 'trend[1h] = "up"'),
        ("price <> 3", "price != 3"),
        ("((price > 1))", "price > 1"),
        ("price > 1 or price < 2 and basis > 3", "price > 1 or price < 2 and basis > 3"),
        ("(price > 1 or price < 2) and basis > 3", "(price > 1 or price < 2) and basis > 3"),
        ("price - (2 - 1) > 0", "price - (2 - 1) > 0"),
        ("(price - 2) - 1 > 0", "price - 2 - 1 > 0"),
    ],
)
def test_other_ways_to_write_it_are_read_too(text: str, same: str) -> None:
    assert printed(parse(text)) == same


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("rsi_41[1h] < 30", 1, "did you mean rsi_14?"),
        ("price > 5 and fundng.rate > 1", 15, "did you mean funding.rate"),
        ("close > 1", 1, "close[1h]"),
        ("price[1h] > 1", 6, "without [1h]"),
        ("close[3m] > 1", 6, "there are 1m, 5m"),
        ("close[1h] > ema_20[4h] and low > 1", 28, "low needs a timeframe"),
        ("price >", 8, "ends too early"),
        ("", 1, "ends too early"),
        ("price", 1, "compare it"),
        ("price > 1 > 2", 11, "do not chain"),
        ("(price > 1", 11, "parenthesis"),
        ("price > 1)", 10, "not expected"),
        ("price > 1 price < 2", 11, "and, or"),
        ("price > 1 & price < 2", 11, "and, or, not"),
        ("price > 'x'", 7, "compares numbers"),
        ("price > \"x", 9, "closing quote"),
        ("trend[1h] = 'upp'", 11, "did you mean up"),
        ("signal[1h] = 'long'", 12, "signal.side may be"),
        ("trend[1h] < 'up'", 11, "compares numbers"),
        ("(price > 1) > 2", 13, "a condition and a number"),
        ("-(price > 1) > 2", 1, "needs a number"),
        ("not price", 1, "needs a condition"),
        ("1 and 2", 3, "joins conditions"),
        ("price ~ 1", 7, "means nothing"),
        ("price > 1e999", 9, "too large"),
        ("and price > 1", 1, "a value is missing"),
        ("(" * 60 + "price > 1" + ")" * 60, 42, "within each other"),
        ("price>1 or " * 100 + "price>1", 826, "words"),
        ("x" * 3000, 1, "too many"),
        ("1 > 2", 1, "no field"),
        ("whale.notional > 1 and liquidation.notional > 1", 1, "never come as one"),
        ("pattern[1h] = 'doji' and pattern[4h] = 'doji'", 1, "two timeframes"),
        ("whale.notional > 1 and gap.minutes > 1", 1, "two rules"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_where_it_is(text: str, column: int, words: str) -> None:
    with pytest.raises(ExpressionError) as refused:
        check(text)
    assert words in str(refused.value)
    assert refused.value.column == column
    assert str(refused.value).splitlines()[-1] == "  " + " " * (column - 1) + "^"


_NUMBERS = st.floats(min_value=0, max_value=1e300, allow_nan=False).map(tree.Number)
_READINGS = st.sampled_from(
    [tree.Reading("price"), tree.Reading("basis"), tree.Reading("rsi_14", "1h"), tree.Reading("close", "4h")]
)


def _more_values(values: st.SearchStrategy[Value]) -> st.SearchStrategy[Value]:
    signs = st.sampled_from(("+", "-", "*", "/"))
    return st.builds(tree.Negative, values) | st.builds(tree.Arithmetic, signs, values, values)


_VALUES: st.SearchStrategy[Value] = st.recursive(_NUMBERS | _READINGS, _more_values, max_leaves=6)
_TEXTS = st.builds(
    tree.Compare,
    st.sampled_from(("=", "!=")),
    st.just(tree.Reading("trend", "1h")),
    st.sampled_from(("up", "down", "range")).map(tree.Text),
)
_COMPARED = (
    st.builds(tree.Compare, st.sampled_from(("<", "<=", ">", ">=", "=", "!=")), _VALUES, _VALUES)
    | st.builds(tree.Cross, st.booleans(), _VALUES, _VALUES)
    | _TEXTS
)
_CONDITIONS = st.recursive(
    _COMPARED,
    lambda some: (
        st.builds(tree.Not, some) | st.builds(tree.Both, some, some) | st.builds(tree.Either, some, some)
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(_CONDITIONS)
def test_every_tree_is_read_again_from_its_print(condition: tree.Truth) -> None:
    assert parse(printed(condition)) == condition


_WORDS = st.sampled_from(
    [
        "price",
        "close",
        "[1h]",
        "(",
        ")",
        "and",
        "or",
        "not",
        ">",
        "<",
        "=",
        "+",
        "-",
        "*",
        "/",
        "1",
        "1e5",
        "'up'",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40) | st.lists(_WORDS, max_size=12).map(" ".join))
def test_nothing_that_is_written_breaks_the_reader(text: str) -> None:
    with suppress(ExpressionError):
        assert parse(printed(parse(text))) == parse(text)


def test_the_fields_are_those_that_the_platform_stores() -> None:
    indicators = {name: field.unit for name, field in FIELDS.items() if field.source is INDICATORS}
    assert indicators == {name: each.unit for name, each in registry.INDICATORS.items()}
    assert tuple(CATALOGUE) == CANDLESTICKS
    assert tuple(CHART_CATALOGUE) == CHARTS
    assert tuple(VOLUME_CATALOGUE) == VOLUMES
    assert tuple(SIGNALS.values()) == SIGNAL_NAMES
    assert tuple(kind.value for kind in WhaleKind) == WHALE_KINDS
    assert STORED == COMPUTED
    files = {path.stem for path in (SQL_DIRECTORY / "alerts/rules/reading").glob("*.sql")}
    assert files == {source.name for source in SOURCES}


@pytest.mark.parametrize(
    ("text", "evaluator", "triggers"),
    [
        ("price > 1", Evaluator.STREAM, {"price"}),
        ("price > 1 and funding.rate > 0", Evaluator.STREAM, {"price", "funding.rate"}),
        ("funding.rate > 0 and sentiment.score > 0", Evaluator.POLLER, {"funding.rate", "sentiment.score"}),
        ("price > 1 and freshness.seconds > 9", Evaluator.WATCH, {"price", "freshness.seconds"}),
        ("whale.notional > 1 and price > 1", Evaluator.STREAM, {"whale.notional"}),
    ],
)
def test_who_asks_a_rule_follows_from_what_it_reads(
    text: str, evaluator: Evaluator, triggers: set[str]
) -> None:
    checked = check(text)
    assert (checked.evaluator, checked.triggers) == (evaluator, triggers)


def test_the_documents_list_every_field_with_its_unit_and_when_it_changes() -> None:
    rows = [line.strip("|").split(" | ") for line in (ROOT / "docs/alerts.md").read_text().splitlines()]
    told = {row[0].strip(" `"): tuple(row[1:3]) for row in rows if len(row) == 5}
    for name, field in FIELDS.items():
        shown = f"{name}[1h]" if field.timeframe else name
        assert told[shown] == (field.unit or "text", field.source.change.value)
