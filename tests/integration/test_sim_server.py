"""The simulator as a process on a real socket: its routes, faults, budgets, clock and end."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from alphapulse_sim.process import SimulatorProcess

BINANCE = "api.binance.com"
KLINES = {"symbol": "BTCUSDT", "interval": "1m", "startTime": "1704067200000", "limit": "4"}


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorProcess]:
    with SimulatorProcess(seed=7, extra=1) as sim:
        yield sim


@pytest.fixture
def sim(running: SimulatorProcess) -> Iterator[SimulatorProcess]:
    running.clear()
    running.set_clock(None)
    yield running
    running.clear()
    running.set_clock(None)


def get(sim: SimulatorProcess, host: str, path: str, **query: str) -> requests.Response:
    return requests.get(f"{sim.url}/{host}{path}", params=query, timeout=10)


def klines(sim: SimulatorProcess, **query: str) -> requests.Response:
    return get(sim, BINANCE, "/api/v3/klines", **{**KLINES, **query})


def test_health_names_the_seed_and_unknown_routes_are_told_apart(sim: SimulatorProcess) -> None:
    health = requests.get(f"{sim.url}/_sim/health", timeout=10).json()
    assert (health["status"], health["seed"]) == ("ok", 7)
    missing = get(sim, BINANCE, "/api/v3/nothing", a="1")
    assert missing.status_code == 404
    assert missing.json() == {"simulator": "no such route", "path": "/api.binance.com/api/v3/nothing?a=1"}


def test_the_log_tells_each_request_with_its_weight(sim: SimulatorProcess) -> None:
    klines(sim)
    get(sim, BINANCE, "/api/v3/klines", symbol="NOPE", interval="1m")
    first, second = sim.log()
    assert (first["host"], first["path"], first["query"]) == (BINANCE, "/api/v3/klines", KLINES)
    assert (first["status"], first["weight"], second["status"]) == (200, 2, 400)
    sim.clear()
    assert sim.log() == []


def test_another_process_of_the_same_seed_gives_the_same_bytes(sim: SimulatorProcess) -> None:
    with SimulatorProcess(seed=7) as same, SimulatorProcess(seed=8) as other:
        assert klines(same).content == klines(sim).content
        assert klines(other).content != klines(sim).content


def test_status_fault_gives_code_headers_and_body_as_often_as_asked(sim: SimulatorProcess) -> None:
    sim.fault(
        "status", host=BINANCE, path="klines", code=503, body={"code": -1}, headers={"X-Why": "test"}, times=2
    )
    answers = [klines(sim) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert (answers[0].json(), answers[0].headers["X-Why"]) == ({"code": -1}, "test")
    assert sim.faults()[0]["hits"] == 2


def test_delay_fault_holds_the_answer_past_the_clients_patience(sim: SimulatorProcess) -> None:
    sim.fault("delay", host=BINANCE, seconds=2.0, times=1)
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{sim.url}/{BINANCE}/api/v3/ping", timeout=0.3)
    assert get(sim, BINANCE, "/api/v3/ping").json() == {}


def test_reset_fault_cuts_the_connection(sim: SimulatorProcess) -> None:
    sim.fault("reset", host=BINANCE, times=1)
    with pytest.raises(requests.ConnectionError):
        klines(sim)
    assert sim.log()[-1]["status"] == 0
    assert klines(sim).ok


def test_html_truncated_and_empty_bodies_come_with_http_200(sim: SimulatorProcess) -> None:
    for kind in ("html", "truncated", "empty"):
        sim.fault(kind, host=BINANCE, path="klines", times=1)
    html = klines(sim)  # all three hit this one request; the page wins
    assert (html.status_code, html.headers["Content-Type"].split(";")[0]) == (200, "text/html")
    sim.clear()
    sim.fault("truncated", host=BINANCE, times=1)
    with pytest.raises(requests.JSONDecodeError):
        klines(sim).json()
    sim.fault("empty", host=BINANCE, times=1)
    assert klines(sim).json() == []


def test_rows_are_broken_and_dropped_for_one_symbol_only(sim: SimulatorProcess) -> None:
    good = klines(sim).json()
    sim.fault("mutate_rows", what="null", every=4, host=BINANCE, symbol="BTCUSDT")
    sim.fault("drop_rows", every=4, host=BINANCE, symbol="ETHUSDT")
    assert klines(sim).json() == [[good[0][0], *[None] * 4, *good[0][5:]], *good[1:]]
    assert len(klines(sim, symbol="ETHUSDT").json()) == 3


def test_stale_fault_answers_as_of_earlier(sim: SimulatorProcess) -> None:
    sim.set_clock("2024-05-01T12:00:30Z")
    fresh = klines(sim, startTime="0", symbol="BTCUSDT", limit="1")
    assert fresh.ok
    query = {"symbol": "BTCUSDT", "interval": "1m", "limit": "1"}
    last = get(sim, BINANCE, "/api/v3/klines", **query).json()[-1][0]
    sim.fault("stale", host=BINANCE, seconds=600)
    stale = get(sim, BINANCE, "/api/v3/klines", **query).json()[-1][0]
    assert last - stale == 600_000


def test_ban_fault_is_418_for_the_whole_host_until_it_is_lifted(sim: SimulatorProcess) -> None:
    sim.fault("ban", host=BINANCE, path="klines", seconds=90)
    banned = [klines(sim), get(sim, BINANCE, "/api/v3/ping")]
    assert [answer.status_code for answer in banned] == [418, 418]
    assert all(85 <= int(answer.headers["Retry-After"]) <= 90 for answer in banned)
    assert banned[0].json()["code"] == -1003
    assert get(sim, "fapi.binance.com", "/fapi/v1/ping").ok
    sim.clear()
    assert klines(sim).ok


def test_spending_too_much_weight_is_429_and_going_on_is_418(sim: SimulatorProcess) -> None:
    used = int(klines(sim).headers["X-MBX-USED-WEIGHT-1M"])
    assert int(klines(sim).headers["X-MBX-USED-WEIGHT-1M"]) == used + 2
    _away_from_the_minutes_end()
    sim.spend(BINANCE, 5_999)
    refused = klines(sim)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert [klines(sim).status_code for _ in range(10)] == [*[429] * 9, 418]
    assert int(klines(sim).headers["Retry-After"]) > 60


def _away_from_the_minutes_end() -> None:
    """Budgets renew on the minute: do not begin within its last seconds."""
    if time.time() % 60 > 55:
        time.sleep(60 - time.time() % 60)


def test_bybit_refuses_with_10006_and_its_headers(sim: SimulatorProcess) -> None:
    host, path = "api.bybit.com", "/v5/market/time"
    served = get(sim, host, path)
    assert served.json()["retCode"] == 0
    assert (served.headers["X-Bapi-Limit"], int(served.headers["X-Bapi-Limit-Status"])) == ("600", 599)
    if time.time() % 5 > 4:
        time.sleep(5 - time.time() % 5)
    sim.spend(host, 600)
    refused = get(sim, host, path)
    assert (refused.status_code, refused.json()["retCode"]) == (200, 10006)
    assert refused.headers["X-Bapi-Limit-Status"] == "0"
    sim.fault("ban", host=host)
    assert get(sim, host, path).status_code == 403


def test_a_frozen_clock_gives_the_same_answer_twice_and_a_step_the_next_bar(sim: SimulatorProcess) -> None:
    query = {"symbol": "ETHUSDT", "interval": "1m", "limit": "2"}
    sim.set_clock("2024-05-01T12:00:30Z")
    one, two = (get(sim, BINANCE, "/api/v3/klines", **query).json() for _ in range(2))
    assert one == two
    assert get(sim, BINANCE, "/api/v3/time").json() == {"serverTime": 1714564830000}
    sim.set_clock("2024-05-01T12:01:30Z")
    after = get(sim, BINANCE, "/api/v3/klines", **query).json()
    assert after[0][0] == one[1][0]  # the forming bar has closed
    assert after[0][8] >= one[1][8]


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("faults", {"kind": "nonsense"}, "unknown"),
        ("faults", [1], "object"),
        ("clock", {"now": "yesterday"}, "ISO time"),
        ("weights", {"host": "nowhere", "used": 1}, "host="),
    ],
)
def test_commands_that_make_no_sense_are_refused_with_a_reason(
    sim: SimulatorProcess, path: str, body: Any, says: str
) -> None:
    answer = requests.post(f"{sim.url}/_sim/{path}", json=body, timeout=10)
    assert answer.status_code == 400
    assert says in answer.json()["error"]


def test_a_refused_command_raises_with_the_simulators_reason(sim: SimulatorProcess) -> None:
    with pytest.raises(ValueError, match="does not know minutes"):
        sim.fault("delay", minutes=3)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_on_a_signal(number: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "alphapulse_sim", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith('{"url": "http://127.0.0.1:')
    process.send_signal(number)
    _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")


def test_it_ends_when_its_parent_is_gone() -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os; from alphapulse_sim.process import SimulatorProcess;"
            "sim = SimulatorProcess(); sim.start(); print(sim.url, flush=True); os._exit(1)",
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    output, _ = parent.communicate(timeout=30)
    port = int(output.strip().rsplit(":", 1)[1])
    for _ in range(50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    pytest.fail("the simulator outlived its parent")


def test_the_child_is_gone_after_the_block() -> None:
    with SimulatorProcess() as sim:
        pid = sim.pid
        assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
