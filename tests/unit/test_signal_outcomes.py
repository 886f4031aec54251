"""What came of signals: every state by hand, truncation, and all of it again in plain Python on real bars."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from alphapulse_assets.patterns.events.configuration import CostRules
from alphapulse_assets.patterns.signal_outcomes.batch import Minutes, outcomes
from alphapulse_assets.patterns.signal_outcomes.model import OUTCOME_SCHEMA, SIGNAL_COLUMNS

START = datetime(2024, 3, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)
COSTS = CostRules(5.0, 1.0)
Ohlc = tuple[float, float, float, float]


def bars(*rows: Ohlc | None, start: datetime = START, length: timedelta = HOUR) -> pl.DataFrame:
    """Bars of (open, high, low, close) from START on; None: a bar is missing."""
    there = [(start + n * length, *row) for n, row in enumerate(rows) if row is not None]
    return pl.DataFrame(
        there,
        schema={
            "ts": pl.Datetime("us", "UTC"),
            **dict.fromkeys(("open", "high", "low", "close"), pl.Float64),
        },
        orient="row",
    )


def signal(bar: int = 0, name: str = "buy", **changed: Any) -> dict[str, Any]:
    """A signal at a bar: entry 100, stop 98, target 104, five bars of life."""
    known_at = START + (bar + 1) * HOUR
    up = name.endswith("buy")
    plan = {"stop": 98.0 if up else 102.0, "target": 104.0 if up else 96.0}
    return {
        **{
            "instrument_id": 7,
            "ts": known_at - HOUR,
            "known_at": known_at,
            "signal": name,
            "trigger": "hammer",
        },
        **{"entry": 100.0, **plan, "expires_at": known_at + 5 * HOUR, "size": 2.0},
        **{"logic_version": 1, "configuration_version": 2, **changed},
    }


def frame(*signals: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(signals), schema=SIGNAL_COLUMNS)


def one(
    candles: pl.DataFrame, *others: dict[str, Any], minutes: Minutes | None = None, **changed: Any
) -> dict[str, Any]:
    """What came of the first signal, at the first bar."""
    found = outcomes(frame(signal(**changed), *others), candles, "1h", minutes=minutes, costs=COSTS)
    return found.row(0, named=True)


TOLD: Ohlc = (100, 100, 100, 100)
QUIET: Ohlc = (100, 101, 99, 100)


def test_it_is_entered_at_the_open_of_the_next_bar_and_leaves_at_the_target() -> None:
    row = one(bars(TOLD, (101, 102, 100, 101), (101, 104.5, 100.5, 104)))
    assert (row["state"], row["entry"], row["entry_at"]) == ("target", 101.0, START + HOUR)
    assert (row["exit"], row["closed_at"], row["known_at"]) == (104.0, START + 3 * HOUR, START + 3 * HOUR)
    assert (row["bars"], row["ambiguous"], row["resolution"], row["remark"]) == (2, False, "1h", None)
    assert row["gross_pct"] == pytest.approx(100 * 3 / 101)
    assert row["cost_pct"] == pytest.approx(0.12)
    assert (row["gross_r"], row["cost_r"]) == (pytest.approx(1.5), pytest.approx(0.0012 * 101 / 2))
    # the exit is the farthest for it; the low of the bar of the entry the farthest against it
    assert (row["favourable_r"], row["adverse_r"]) == (pytest.approx(1.5), pytest.approx(0.5))


def test_the_stop_is_left_at_its_price_and_costs_one_planned_risk() -> None:
    row = one(bars(TOLD, (100, 101, 97, 99)))
    assert (row["state"], row["exit"], row["bars"]) == ("stopped", 98.0, 1)
    assert (row["gross_r"], row["gross_pct"], row["adverse_r"]) == (-1.0, pytest.approx(-2.0), 1.0)
    assert row["favourable_r"] == 0.0  # nobody knows whether 101 came before the stop


def test_an_open_beyond_the_stop_leaves_at_the_open() -> None:
    row = one(bars(TOLD, QUIET, (95, 96, 94, 95)))
    assert (row["state"], row["exit"], row["closed_at"]) == ("stopped", 95.0, START + 2 * HOUR)
    assert (row["gross_r"], row["known_at"]) == (-2.5, START + 3 * HOUR)


def test_an_open_beyond_the_target_leaves_at_the_open() -> None:
    row = one(bars(TOLD, QUIET, (106, 107, 97, 105)))
    assert (row["state"], row["exit"], row["gross_r"]) == ("target", 106.0, 3.0)


def test_one_that_opens_beyond_its_stop_is_over_at_once() -> None:
    row = one(bars(TOLD, (97, 99, 96, 98)))
    assert (row["state"], row["entry"], row["exit"], row["gross_pct"]) == ("stopped", 97.0, 97.0, 0.0)


def test_a_sell_is_judged_the_other_way() -> None:
    won = one(bars(TOLD, (100, 101, 95, 96)), name="strong_sell")
    assert (won["side"], won["state"], won["gross_r"], won["gross_pct"]) == ("sell", "target", 2.0, 4.0)
    lost = one(bars(TOLD, (100, 103, 99, 101)), name="weak_sell")
    assert (lost["state"], lost["exit"], lost["gross_r"]) == ("stopped", 102.0, -1.0)


def test_both_in_one_bar_counts_as_stop_and_says_that_nobody_knows() -> None:
    row = one(bars(TOLD, (100, 105, 97, 104)))
    assert (row["state"], row["ambiguous"], row["resolution"]) == ("stopped", True, "1h")


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        ([(100, 105, 100, 104), (104, 104, 97, 97)], ("target", False, "1m")),
        ([(100, 100, 97, 98), (98, 105, 98, 105)], ("stopped", False, "1m")),
        ([(100, 101, 99, 100), (100, 105, 97, 98)], ("stopped", True, "1m")),
        ([], ("stopped", True, "1h")),  # the venue's own hours, without minutes
    ],
)
def test_minutes_tell_which_came_first(minutes: list[Ohlc], told: tuple[str, bool, str]) -> None:
    asked = []

    def read(start: datetime, end: datetime) -> pl.DataFrame:
        asked.append((start, end))
        return bars(*minutes, start=start, length=timedelta(minutes=1))

    row = one(bars(TOLD, (100, 105, 97, 104)), minutes=read)
    assert (row["state"], row["ambiguous"], row["resolution"]) == told
    assert asked == [(START + HOUR, START + 2 * HOUR)]


def test_its_time_is_over_at_the_close_of_its_last_bar() -> None:
    row = one(bars(TOLD, *[QUIET] * 4, (100, 101, 99, 100.5), (100, 110, 90, 100)))
    assert (row["state"], row["exit"], row["bars"]) == ("expired", 100.5, 5)
    assert row["closed_at"] == row["known_at"] == START + 6 * HOUR
    assert (row["favourable_r"], row["adverse_r"]) == (0.5, 0.5)


def test_a_later_signal_the_other_way_closes_it_at_the_close_that_told() -> None:
    candles = bars(TOLD, QUIET, (100, 101, 99, 99.5), QUIET)
    row = one(candles, signal(1, "strong_buy"), signal(2, "weak_sell"))
    assert (row["state"], row["exit"], row["closed_at"]) == ("closed", 99.5, START + 3 * HOUR)
    assert (row["gross_r"], row["bars"], row["known_at"]) == (-0.25, 2, START + 3 * HOUR)
    touched = one(bars(TOLD, QUIET, (100, 101, 97, 99.5)), signal(2, "sell"))
    assert touched["state"] == "stopped"  # within the bar, before its close
    neutral = one(candles, signal(2, "neutral", stop=None, target=None, expires_at=None, size=None))
    assert neutral["state"] == "open"


def test_an_open_one_says_what_cannot_change() -> None:
    row = one(bars(TOLD))
    assert (row["state"], row["entry"], row["known_at"]) == ("open", None, START + HOUR)
    row = one(bars(TOLD, QUIET, QUIET))
    assert (row["state"], row["entry"], row["known_at"]) == ("open", 100.0, START + 2 * HOUR)
    assert {row[name] for name in ("exit", "closed_at", "bars", "gross_pct", "favourable_r", "remark")} == {
        None
    }


def test_over_missing_bars_it_takes_longer_and_says_so() -> None:
    later = one(bars(TOLD, None, (101, 102, 100, 101), (101, 104, 100, 103)))
    assert (later["entry_at"], later["entry"], later["remark"]) == (START + 2 * HOUR, 101.0, "gap")
    over = one(bars(TOLD, QUIET, *[None] * 5, (99, 105, 90, 100)))
    assert (over["state"], over["exit"], over["remark"]) == ("expired", 99.0, "gap")
    assert (over["closed_at"], over["known_at"]) == (START + 7 * HOUR, START + 8 * HOUR)
    never = one(bars(TOLD, *[None] * 5, QUIET))
    assert (never["state"], never["entry"], never["gross_pct"], never["remark"]) == (
        "expired",
        None,
        None,
        "gap",
    )
    assert (never["closed_at"], never["known_at"]) == (START + 6 * HOUR, START + 7 * HOUR)
    silent = one(bars(TOLD, QUIET, *[None] * 5))
    assert silent["state"] == "open"


def test_one_without_a_plan_is_only_held_for_its_time() -> None:
    row = one(bars(TOLD, (100, 150, 50, 100), *[QUIET] * 4), stop=None, target=None, size=None)
    assert (row["state"], row["gross_pct"], row["gross_r"]) == ("expired", 0.0, None)


# real bars -------------------------------------------------------------------------------------------------


def real(shared_data: Path, name: str, count: int = 6_000) -> pl.DataFrame:
    found = pl.read_ipc(shared_data / "candles" / name).head(count)
    return found.select(
        pl.col("date").cast(pl.Datetime("us", "UTC")).alias("ts"),
        *(pl.col(each).cast(pl.Float64) for each in ("open", "high", "low", "close")),
    ).sort("ts")


def made_up(candles: pl.DataFrame, every: int = 7) -> pl.DataFrame:
    """Signals of both sides and all sizes at every few bars."""
    names = ("buy", "weak_sell", "strong_buy", "sell", "weak_buy", "buy", "buy")
    rows = []
    for number, row in enumerate(candles.gather_every(every).iter_rows(named=True)):
        name, known_at = names[number * number % len(names)], row["ts"] + timedelta(minutes=5)
        sign, risk = (1 if name.endswith("buy") else -1), row["close"] * 0.001 * (1 + number % 5)
        rows.append(
            signal(name=name)
            | {"ts": row["ts"], "known_at": known_at, "entry": row["close"]}
            | {"stop": row["close"] - sign * risk, "target": row["close"] + sign * risk * (1 + number % 3)}
            | {"expires_at": known_at + timedelta(minutes=5 * (1 + number % 12))}
        )
    return frame(*rows)


def plainly(
    told: dict[str, Any], later: list[dict[str, Any]], candles: list[dict[str, Any]]
) -> dict[str, Any]:
    """The rules once more, from the sentences in docs/signal_outcomes.md."""
    buys = told["signal"].endswith("buy")
    sign = 1 if buys else -1
    ends = next((s["known_at"] for s in later if s["signal"].endswith("buy") != buys), None)
    entry = None
    best = worst = 0.0
    held = 0
    expected, gap = told["known_at"], False

    def over(state: str, price: float | None, at: datetime, known: datetime) -> dict[str, Any]:
        moved = None if price is None or entry is None else sign * (price - entry)
        risk = abs(told["entry"] - told["stop"])
        return {
            **{
                "state": state,
                "exit": price,
                "closed_at": at,
                "known_at": known,
                "bars": held,
                "entry": entry,
            },
            "gross_pct": None if moved is None else 100 * moved / entry,
            "gross_r": None if moved is None else moved / risk,
            "favourable_r": None if moved is None else max(best, moved, 0.0) / risk,
            "adverse_r": None if moved is None else max(worst, -moved, 0.0) / risk,
            "remark": "gap" if gap else None,
        }

    for bar in candles:
        if bar["ts"] < told["known_at"]:
            continue
        closes = bar["ts"] + timedelta(minutes=5)
        gap, expected = gap or bar["ts"] > expected, closes
        if bar["ts"] >= told["expires_at"]:
            return over(
                "expired", bar["open"] if entry else None, bar["ts"] if entry else told["expires_at"], closes
            )
        entry = entry or bar["open"]
        held += 1
        low, high = (bar["low"], bar["high"]) if buys else (-bar["high"], -bar["low"])
        stop, target, opened = sign * told["stop"], sign * told["target"], sign * bar["open"]
        if opened <= stop:
            return over("stopped", bar["open"], bar["ts"], closes)
        if opened >= target:
            return over("target", bar["open"], bar["ts"], closes)
        if low <= stop:
            return over("stopped", told["stop"], closes, closes)
        if high >= target:
            return over("target", told["target"], closes, closes)
        best, worst = max(best, high - sign * entry), max(worst, sign * entry - low)
        if closes >= told["expires_at"]:
            return over("expired", bar["close"], closes, closes)
        if ends is not None and closes >= ends:
            return over("closed", bar["close"], closes, closes)
    return {"state": "open", "entry": entry}


@pytest.mark.parametrize(
    "name", ["XRP_USDT_USDT-5m-futures.feather", "ADA_BTC-5m.feather", "ETH_BTC-5m.feather"]
)
def test_plain_python_finds_the_same_on_real_bars(shared_data: Path, name: str) -> None:
    whole = real(shared_data, name)
    candles = whole.filter(pl.int_range(pl.len()) % 37 > 5)  # with gaps
    signals = made_up(candles)
    found = outcomes(signals, candles, "5m", costs=COSTS)
    given_, read = signals.to_dicts(), candles.to_dicts()
    begin = {row["ts"]: place for place, row in enumerate(read)}
    for place, (told, row) in enumerate(zip(given_, found.iter_rows(named=True), strict=True)):
        expected = plainly(told, given_[place + 1 : place + 40], read[begin[told["ts"]] :][:200])
        for column, value in expected.items():
            exact = value if not isinstance(value, float) else pytest.approx(value, abs=1e-9)
            assert row[column] == exact, (column, told)
    assert set(found["state"]) >= {"stopped", "target", "expired", "closed"}
    assert found["remark"].count() >= 20


@settings(max_examples=25, deadline=None)
@given(cut=st.integers(10, 1_998))
def test_what_is_decided_never_changes(shared_data: Path, cut: int) -> None:
    candles = real(shared_data, "XRP_USDT_USDT-5m-futures.feather", 2_100)
    signals = made_up(candles)
    whole = outcomes(signals, candles, "5m")
    then = candles["ts"][cut]
    early = outcomes(signals.filter(pl.col("known_at") <= then), candles.filter(pl.col("ts") < then), "5m")
    decided = whole.filter((pl.col("known_at") <= then) & (pl.col("state") != "open"))
    assert_frame_equal(early.filter(pl.col("state") != "open"), decided)
    assert early.height == whole.filter(pl.col("told_at") <= then).height
    assert early.schema == OUTCOME_SCHEMA
