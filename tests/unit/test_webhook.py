"""What a webhook is sent, and what its answers mean."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from alphapulse_resources.webhook import Form, body, form_of, judge, refusal

URL = "https://hooks.example.com/services/T0/s3cret?token=als0secret"
PAYLOAD: dict[str, Any] = {
    "kind": "candles_silent",
    "severity": "critical",
    "ts": "2026-11-29T10:00:00+00:00",
    "title": "bybit: no closed 1m candle for 12 min of <BTC/USDT> & @everyone",
    "detail": {"symbols": 1, "note": "x"},
}


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://hooks.slack.com/services/T/B/x", Form.SLACK),
        ("https://hooks.slack-gov.com/services/T/B/x", Form.SLACK),
        ("https://discord.com/api/webhooks/1/x", Form.DISCORD),
        ("https://ptb.discord.com/api/webhooks/1/x", Form.DISCORD),
        ("https://discordapp.com/api/webhooks/1/x", Form.DISCORD),
        ("https://discord.com/api/webhooks/1/x/slack", Form.SLACK),
        ("https://example.com/hook", Form.JSON),
        ("https://notdiscord.com/hook", Form.JSON),
        ("https://hooks.slack.com.evil.example/x", Form.JSON),
        ("http://[::bad/x", Form.JSON),
    ],
)
def test_the_form_goes_by_the_host_unless_it_is_set(url: str, form: Form) -> None:
    assert form_of(url, "auto") is form
    assert form_of(url, "discord") is Form.DISCORD


def test_slack_gets_text_in_which_nothing_is_markup() -> None:
    sent = json.loads(body(Form.SLACK, PAYLOAD))
    assert set(sent) == {"text"}
    assert "&lt;BTC/USDT&gt; &amp; @everyone" in sent["text"]
    assert "critical" in sent["text"]
    assert "symbols: 1" in sent["text"]


def test_discord_gets_content_that_pings_nobody() -> None:
    sent = json.loads(body(Form.DISCORD, PAYLOAD))
    assert "no closed 1m candle" in sent["content"]
    assert sent["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize("text", ["x" * 9_000, "🚀" * 4_000, "é" * 2_500])
def test_what_is_too_long_is_cut_to_what_each_takes(text: str) -> None:
    payload = {**PAYLOAD, "title": text}
    content = json.loads(body(Form.DISCORD, payload))["content"]
    assert len(content.encode("utf-16-le")) // 2 <= 2_000
    assert content.endswith("…")
    assert len(json.loads(body(Form.SLACK, payload))["text"]) <= 4_000
    assert json.loads(body(Form.JSON, payload))["title"] == text  # whole


def test_escapes_do_not_make_slacks_text_longer_than_it_takes() -> None:
    sent = json.loads(body(Form.SLACK, {**PAYLOAD, "title": "&<>" * 3_000}))["text"]
    assert len(sent) <= 4_000


def test_json_is_the_alert_as_it_is() -> None:
    sent = json.loads(body(Form.JSON, PAYLOAD))
    assert sent.pop("text").startswith("🔴 AlphaPulse, critical: bybit")
    assert sent == PAYLOAD


@pytest.mark.parametrize("status", [200, 201, 204])
def test_what_arrived_arrived(status: int) -> None:
    verdict = judge(status, {}, "ok", URL)
    assert verdict.delivered
    assert verdict.answer is not None
    assert verdict.answer.startswith(str(status))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "place"),
    [
        ("https://hooks.example.com/services/T0/s3cret?token=als0secret", "https://hooks.example.com"),
        ("/services/T0/s3cret", "another path of the same host"),
        ("", "nowhere"),
    ],
)
def test_a_redirect_is_a_failure_that_says_where_to_look(status: int, location: str, place: str) -> None:
    verdict = judge(status, {"Location": location} if location else {}, "", URL)
    assert verdict.error is not None
    assert str(status) in verdict.error
    assert place in verdict.error
    assert "ALPHAPULSE_ALERTS__WEBHOOK_URL" in verdict.error
    assert not verdict.again
    assert "s3cret" not in verdict.error


@pytest.mark.parametrize(
    ("status", "again"), [(400, False), (403, False), (404, False), (408, True), (503, True)]
)
def test_another_try_is_made_where_it_may_help(status: int, again: bool) -> None:
    assert judge(status, {}, "", URL).again is again


def test_the_receivers_words_are_told_without_the_address() -> None:
    error = judge(404, {}, "no_service for /services/T0/s3cret\n(token als0secret)\x1b[2J", URL).error
    assert error is not None
    assert "no_service" in error
    assert "s3cret" not in error
    assert "als0secret" not in error
    assert "\x1b" not in error


@pytest.mark.parametrize(
    ("headers", "answer", "seconds"),
    [
        ({"Retry-After": "7"}, "", 7.0),
        ({"Retry-After": "0.35"}, '{"retry_after": 99}', 0.35),
        ({}, '{"message": "You are being rate limited.", "retry_after": 1.5}', 1.5),
        ({"Retry-After": "soon"}, "", None),
        ({"Retry-After": "-5"}, "", 0.0),
        ({"Retry-After": "inf"}, "", None),
        ({}, "[1]", None),
        ({}, "", None),
    ],
)
def test_how_long_to_wait_is_read_from_every_form(
    headers: dict[str, str], answer: str, seconds: float | None
) -> None:
    verdict = judge(429, headers, answer, URL)
    assert verdict.again
    assert verdict.wait == (None if seconds is None else pytest.approx(seconds))


def test_how_long_to_wait_is_read_from_a_date() -> None:
    until = datetime.now(UTC) + timedelta(seconds=90)
    verdict = judge(429, {"Retry-After": format_datetime(until, usegmt=True)}, "", URL)
    left = (until - datetime.now(UTC)).total_seconds()
    assert verdict.wait is not None
    assert left - 1.0 <= verdict.wait <= 90.0


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://2852039166/x",
        "http://0xa9fea9fe/x",
        "http://[fe80::1]/x",
        "http://[::ffff:169.254.169.254]/x",
        "http://[fd00:ec2::254]/x",
        "http://metadata.google.internal/x",
        "http://METADATA.google.internal./x",
        "ftp://example.com/x",
        "example.com/hook",
        "http://[::bad/x",
        "http://example.com:99999/x",
        "",
    ],
)
def test_nothing_is_sent_to_metadata_addresses_or_to_what_is_no_url(url: str) -> None:
    assert refusal(url) is not None


@pytest.mark.parametrize(
    "url", [URL, "http://127.0.0.1:8080/x", "http://10.0.0.5/x", "http://alerts.internal/x"]
)
def test_an_operators_own_receiver_is_not_refused(url: str) -> None:
    assert refusal(url) is None
