"""One picture of one signal or pattern: its id, its lines and levels, and what became of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from alphapulse.drawing import Chart, to_html, to_png, to_svg, to_terminal
from alphapulse.drawing.becoming import became
from alphapulse.drawing.model import Bar, Study
from alphapulse.drawing.studies import bar_pattern_study, chart_pattern_study, signal_study
from alphapulse.readings.identity import CHART_PATTERN, PATTERN, SIGNAL, Identity, identity
from alphapulse.readings.reading import RefusedError

HOUR = timedelta(hours=1)
START = datetime(2026, 11, 29, tzinfo=UTC)
BUY = {
    "ts": START + 5 * HOUR,
    "known_at": START + 6 * HOUR,
    "signal": "buy",
    "score": 64.0,
    "confidence": 70.0,
    "trigger": "hammer",
    "entry": 100.0,
    "stop": 98.0,
    "target": 104.0,
    "reward_risk": 2.0,
    "size": 1.0,
    "expires_at": START + 11 * HOUR,
    "reasons": '{"counted": [{"pattern": "hammer", "direction": "bullish", "timeframe": "1h",'
    ' "confidence": 71.2, "weight": 0.5}], "overridden": []}',
}


def bars(*ranges: tuple[float, float]) -> list[Bar]:
    """Quiet bars up to the signal's, then bars with these lows and highs."""
    quiet = [Bar(START + n * HOUR, 100, 100.5, 99.5, 100, 1) for n in range(6)]
    later = [
        Bar(START + (6 + n) * HOUR, 100, high, low, (low + high) / 2, 1)
        for n, (low, high) in enumerate(ranges)
    ]
    return quiet + later


@pytest.mark.parametrize(
    ("ranges", "state", "price", "count"),
    [
        ([(99, 101), (97.9, 101)], "stopped", 98.0, 2),
        ([(99, 101), (99, 104)], "target", 104.0, 2),
        ([(97, 105)], "stopped", 98.0, 1),  # both: the worse one
        ([(99, 101)] * 5 + [(90, 110)], "expired", 100.0, 5),
        ([(99, 101)] * 3, "open", 100.0, 3),
    ],
)
def test_a_plan_ends_where_its_first_price_is_touched_or_its_life(
    ranges: list[tuple[float, float]], state: str, price: float, count: int
) -> None:
    told = became(bars(*ranges), HOUR, BUY["known_at"], 100.0, 98.0, 104.0, BUY["expires_at"])
    assert told is not None
    assert (told.state, told.price, told.bars) == (state, price, count)
    assert (told.closed_at is None) == (state == "open")
    if state != "open":
        assert told.closed_at == BUY["known_at"] + count * HOUR


def test_a_sell_is_the_other_way_round_and_nothing_is_told_before_a_bar_has_closed() -> None:
    told = became(bars((97, 101)), HOUR, BUY["known_at"], 100.0, 102.0, 97.0, BUY["expires_at"])
    assert told is not None
    assert (told.state, told.moved_pct) == ("target", pytest.approx(3.0))
    assert became(bars(), HOUR, BUY["known_at"], 100.0, 98.0, 104.0, None) is None


def study_of(outcome: dict[str, Any] | None = None) -> Study:
    return signal_study(SIGNAL, BUY, outcome, bars((99, 101), (97.9, 101)), HOUR)


def test_a_signal_shows_its_levels_for_its_life_its_reasons_and_its_exit() -> None:
    study = study_of()
    assert {each.kind: each.price for each in study.levels} == {"entry": 100.0, "stop": 98.0, "target": 104.0}
    (exit_,) = (each for each in study.points if each.kind == "exit")
    assert (exit_.ts, exit_.price) == (START + 7 * HOUR, 98.0)
    assert study.reasons == ["hammer (bullish) on 1h, confidence 71"]
    assert "Stopped after 2 bars at 98" in study.became


def test_a_stored_outcome_is_told_rather_than_reckoned_again() -> None:
    at = START + 9 * HOUR
    study = study_of(
        {"state": "closed", "closed_at": at, "exit": 100.7, "bars": 3, "net_pct": 0.58, "net_r": 0.29}
    )
    assert study.became == (
        "Closed by a later signal after 3 bars at 100.7, 2026-11-29 09:00 UTC, +0.58 % after costs (+0.29 R)."
    )
    assert [each.price for each in study.points if each.kind == "exit"] == [100.7]


def test_a_neutral_signal_has_no_plan_and_is_drawn_all_the_same() -> None:
    row = {**BUY, "signal": "neutral", "score": 0.0, "stop": None, "target": None, "entry": 100.0}
    study = signal_study(SIGNAL, row, None, bars(), HOUR)
    assert (study.levels, study.bullish) == ((), None)
    assert to_svg(Chart("t", HOUR, bars(), study=study)).startswith("<svg ")


LIFE: list[dict[str, Any]] = [
    {
        "ts": START + hour * HOUR,
        "known_at": START + (hour + 1) * HOUR,
        "pattern": "double_top",
        "direction": "bearish",
        "stage": stage,
        "quality": 0.6,
        "breakout_level": 99.6,
        "target": 97.0,
        "invalidation": 101.0,
        "pivot_ts": [START, START + 2 * HOUR],
        "pivot_prices": [100.4, 100.5],
        "lines": '{"lower": ["2026-11-29T00:00:00Z", 99.0, "2026-11-29T02:00:00Z", 99.2]}',
        "detail": '{"reason": "price beyond the target"}',
    }
    for hour, stage in ((3, "forming"), (4, "complete"), (7, "target_met"))
]


def test_a_chart_pattern_shows_its_pivots_lines_levels_and_stages() -> None:
    study = chart_pattern_study(CHART_PATTERN, LIFE, bars((97, 100), (96, 98)), HOUR)
    (line,) = study.lines
    assert (line.t1, line.p1) == (START + 4 * HOUR, pytest.approx(99.4))  # goes on to its breakout
    assert [each.kind for each in study.points] == ["pivot", "pivot", "confirmed", "exit"]
    assert all(each.end == START + 7 * HOUR for each in study.levels)
    assert study.became == "Met its target, 2026-11-29 08:00 UTC: price beyond the target."


def test_a_pattern_of_bars_tells_the_returns_that_followed() -> None:
    row = {
        "ts": START,
        "known_at": START + HOUR,
        "family": "candlestick",
        "pattern": "hammer",
        "direction": "bullish",
    }
    outcomes = [{"horizon": 10, "directed_pct": -0.5}, {"horizon": 1, "directed_pct": 0.25}]
    study = bar_pattern_study(PATTERN, row, outcomes, bars())
    assert study.became == "The pattern's way: +0.25 % after 1 bars, -0.50 % after 10 bars."
    assert study.points[0].price == 99.5


def test_everything_of_a_study_is_in_every_kind_of_picture() -> None:
    chart = Chart("binance BTC/USDT 1h: buy", HOUR, bars((99, 101), (97.9, 101)), study=study_of())
    html, svg = to_html(chart), to_svg(chart)
    for text in (html, svg):
        assert "stop 98" in text
        assert "target 104" in text
        assert 'class="exit"' in text
    assert "Stopped after 2 bars" in html
    assert "http" not in html.replace("http://www.w3.org/2000/svg", "")
    assert to_png(chart).startswith(b"\x89PNG")
    lines = [line.plain for line in to_terminal(chart, width=80, height=20)]
    assert any("✕" in line for line in lines)
    assert any(line.startswith("because hammer") for line in lines)
    low, high = chart.extent()
    assert low <= 97.9
    assert high >= 104
    assert chart.as_dict()["study"]["levels"][1]["kind"] == "stop"


@pytest.mark.parametrize(
    "text", [PATTERN, CHART_PATTERN, "okx/BTC-USDT:USDT-261225/15m/2026-01-01T00:15Z/spike"]
)
def test_an_id_is_read_as_it_is_written(text: str) -> None:
    assert str(identity("pattern", text)) == text


def test_an_id_may_have_the_symbol_with_its_slash() -> None:
    wanted = Identity("binance", "BTC/USDT:USDT", "1h", datetime(2026, 11, 30, 12, tzinfo=UTC))
    assert identity("signal", "binance/BTC/USDT:USDT/1h/2026-11-30T12:00Z") == wanted
    assert identity("signal", str(wanted)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1",
        "a/b/c/d",
        "binance/BTC-USDT/2h/2026-11-30T12:00Z",
        "binance/BTC-USDT/1h/2026-13-30T12:00Z",
        PATTERN,
    ],
)
def test_what_is_no_id_of_a_signal_says_what_one_is(text: str) -> None:
    with pytest.raises(RefusedError, match="such as binance/BTC-USDT/1h/2026-11-30T12:00Z") as caught:
        identity("signal", text)
    assert caught.value.parameter == "id"
