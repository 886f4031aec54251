"""`alphapulse demo` as a user runs it: it ends well, leaves nothing behind, and is there only once."""

import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import DAYS, Demo, Finished

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1500)]


# one demo to its end


def test_the_demo_ends_well(finished: Finished) -> None:
    assert finished.report["problems"] == []
    assert finished.code == 0, finished.said
    assert finished.report["ok"] is True


def test_the_demo_of_a_wheel_needs_nothing_of_the_tree(finished: Finished, wheel: Path) -> None:
    command = (
        "import alphapulse_cli, alphapulse_resources.database.client as d;"
        " print(alphapulse_cli, d.SQL_DIRECTORY)"
    )
    found = subprocess.run(
        [wheel.with_name("python"), "-c", command],
        cwd=wheel.parent,
        env={"HOME": str(wheel.parent)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.count(str(wheel.parent.parent)) == 2
    assert finished.code == 0, finished.said


MAY_BE_EMPTY = {
    "quarantine": "simulated venues send nothing broken unless told to",
    "candle_flags": "a jump too large to pass without a flag may or may not be in the last day",
    "account_balances": "no account was given",
    "maintenance_tiers": "no account was given",
    "signal_limits": "no limits were set",
    "leverage_hours": "a snapshot is of a whole hour that was collected",
    "dominance_regime_hours": "the month before comes within minutes, as a public quota allows",
    "dominance_correlation_bars": "as dominance",
    "portfolio_risk_parts": "no day of returns is known yet",
    "sentiment_aggregate_hours": "an hour is put together when it is over",
    "sentiment_correlation_lags": "as sentiment_aggregate_hours, of a hundred hours",
    "social_removals": "posts are looked up again after an hour at the earliest",
}


def test_the_demo_fills_every_table(finished: Finished) -> None:
    rows = finished.report["rows"]
    assert MAY_BE_EMPTY.keys() < rows.keys()
    assert [name for name, count in rows.items() if count == 0 and name not in MAY_BE_EMPTY] == []
    assert rows["ohlcv_1m"] > 9 * DAYS * 1300


def test_the_demo_says_who_serves_each_data_set_that_is_collected_and_why_others_do_not(
    finished: Finished,
) -> None:
    sources = finished.report["sources"]
    # of several sources one may not be asked yet: a month of history comes as a public quota allows
    assert {"answers", "off"} <= {row["state"] for row in sources} <= {"answers", "off", "waiting"}
    assert all("a key that may only read" in row["why"] for row in sources if row["state"] == "off")
    served = {row["dataset"] for row in sources if row["serves"]}
    assert served >= {"market_metrics", "open_interest", "funding_rates", "options_chain", "etf_flows"}
    off = {row["dataset"] for row in sources if row["state"] == "off"}
    assert {row["dataset"] for row in sources} == served | off


def test_the_demo_materializes_and_checks_every_partition(finished: Finished) -> None:
    assert set(finished.report["partitions"]) > {"ohlcv_1m", "ohlcv_1w", "candle_gaps", "quality_scores"}
    assert min(finished.report["partitions"].values()) >= 4 * DAYS
    assert finished.report["checks"]["passed"] > 0
    assert finished.report["checks"]["failed"] == 0
    assert "failure" not in finished.report["runs"]


def test_the_demo_answers_its_first_query_and_says_how_long_it_took(finished: Finished) -> None:
    assert len(finished.report["answer"]) == 5
    seconds = finished.report["seconds"]
    assert 0 < seconds["first_data"] < seconds["total"]  # how many they may be is the bench's (demo_once)


def test_the_demo_leaves_no_process_and_no_server(finished: Finished) -> None:
    assert finished.processes == []
    assert not finished.server_runs


# while it runs


def test_a_second_start_in_the_same_home_is_refused(running: Demo) -> None:
    second = running.command("demo", "--once", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said, _ = second.communicate(timeout=60)
    assert second.returncode == 1
    assert f"AlphaPulse already runs in {running.data}" in said.decode()
    assert "Traceback" not in said.decode()
    assert running.process is not None
    assert running.process.poll() is None
    assert running.runs(limit=1)
