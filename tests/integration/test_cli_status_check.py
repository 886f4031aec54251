"""`alphapulse status --check` tells scripts what is wrong, a line each, and never hangs."""

import json
import socket
import time
from dataclasses import replace
from pathlib import Path

import pytest
from cli_support import environment, run, run_process
from webhook_support import SECRET, Answer, receiver

from alphapulse_cli import wrong
from alphapulse_resources.database.client import Database
from alphapulse_resources.platform_alerts import store
from tests.databases import fresh_database
from tests.integration.test_platform_alerts import ALERT

STALE = """
    INSERT INTO instruments
        (venue, symbol, venue_symbol, kind, base, quote, active, tracked, tracked_at, resolved_at)
    VALUES ('bybit', 'BTC/USDT', 'BTCUSDT', 'spot', 'BTC', 'USDT', true, true, now() - INTERVAL '1 d', now())
"""


def test_all_is_well(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with environment(monkeypatch, tmp_path, DSN=database.dsn):
        said = run_process("status", "--check")
        assert (said.code, said.out, said.err) == (0, "ok: nothing is wrong\n", "")
        assert run("status", "--check", "--json").json == {"ok": True, "wrong": []}


def test_what_is_wrong_has_a_line_each_and_an_exit_code(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database.execute(STALE)
    database.execute("UPDATE instruments SET resolved_at = now() - INTERVAL '1 d'")
    database.execute(
        "INSERT INTO platform_watch (looked_at, streams_on) VALUES (now() - INTERVAL '1 h', false)"
    )
    with environment(monkeypatch, tmp_path, DSN=database.dsn):
        said = run("status", "--check")
        lines = said.out.splitlines()
        assert said.code == 2
        assert [line.split()[:2] for line in lines] == [
            ["critical", "watch"],
            ["critical", "candles_silent"],
        ]
        assert "BTC/USDT" in lines[1]
        found = run("status", "--check", "--json").json
        assert [each["kind"] for each in found["wrong"]] == ["watch", "candles_silent"]
        assert not found["ok"]
        ignoring = run("status", "--check", "--ignore", "watch", "--ignore", "candles_silent")
        assert ignoring.code == 0
        assert run("status", "--check", "--ignore", "nonsense").code == 1
        shown = run("status").out
        assert shown.startswith("2 things are wrong\ncritical watch platform_watch:")
        again = run("status", "--json").json["wrong"]
        assert [each["kind"] for each in again] == ["watch", "candles_silent"]


def test_what_only_events_tell_of_is_there_until_it_is_over(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = replace(ALERT, kind="run_failed", subject="refresh\x1b[2J", severity="warning")
    store(database, failed)
    store(database, replace(ALERT, kind="restarted", severity="info"))
    with environment(monkeypatch, tmp_path, DSN=database.dsn):
        said = run("status", "--check")
        assert (said.code, len(said.out.splitlines())) == (1, 1)
        assert "\x1b" not in said.out
        store(database, replace(failed, resolved=True))
        assert run("status", "--check").code == 0


def test_a_database_that_is_not_ready_is_said_to_be_so(
    server_dsn: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fresh_database(server_dsn, migrated=False) as dsn, environment(monkeypatch, tmp_path, DSN=dsn):
        said = run("status", "--check")
    assert said.code == 2
    assert "alphapulse migrate" in said.out
    assert len(said.out.splitlines()) == 1


def test_a_database_that_is_away_is_said_to_be_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with environment(monkeypatch, tmp_path, DSN="postgresql://me:s3cret@127.0.0.1:1/none"):
        said = run_process("status", "--check", "--json")
    assert said.code == 2
    assert [each["kind"] for each in said.json["wrong"]] == ["database"]
    assert "s3cret" not in said.out + said.err
    with environment(monkeypatch, tmp_path / "nowhere"):
        said = run_process("status", "--check")
    assert said.code == 2
    assert "alphapulse up" in said.out


def test_a_server_that_never_answers_does_not_hang_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrong, "SECONDS", 2.0)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        dsn = f"postgresql://me@127.0.0.1:{mute.getsockname()[1]}/none"
        with environment(monkeypatch, tmp_path, DSN=dsn):
            began = time.monotonic()
            said = run("status", "--check")
    assert time.monotonic() - began < 20
    assert said.code == 2
    assert "did not answer within 2 s" in said.out


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (Answer(204, ""), 0, "it answered: 204"),
        (Answer(200, "ok"), 0, "it answered: 200: ok"),
        (Answer(302, "", {"Location": "https://other.example/x"}), 1, "https://other.example"),
        (Answer(403, "invalid_token"), 1, "403: invalid_token"),
    ],
)
def test_alerts_test_says_what_the_receiver_answered(
    answer: Answer, code: int, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiver(lambda _: answer) as got:
        settings = {"ALERTS__WEBHOOK_URL": got.url, "ALERTS__WEBHOOK_FORM": "slack"}
        with environment(monkeypatch, tmp_path, **settings):
            said = run("alerts", "test")
            asked = run("alerts", "test", "--json")
    assert said.code == asked.code == code
    assert words in said.out + said.err
    assert SECRET not in said.out + said.err + asked.out
    assert (asked.json["delivered"], asked.json["form"]) == (code == 0, "slack")
    assert "this is a test" in json.dumps(got.bodies[0])


def test_alerts_test_without_a_webhook_says_which_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with environment(monkeypatch, tmp_path):
        said = run("alerts", "test")
    assert said.code == 1
    assert "ALPHAPULSE_ALERTS__WEBHOOK_URL" in said.err
