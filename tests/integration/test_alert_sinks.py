"""Named sinks over real sockets: what each is sent, what its answers mean, and whose alerts go where."""

import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from candle_frames import register
from certificates import certificate
from pydantic import SecretStr
from smtp_support import mail_server
from webhook_support import Answer, receiver

from alphapulse_assets.alerting.looking import PolledRules, look_once
from alphapulse_assets.alerting.rule_rows import Draft, create_rule
from alphapulse_assets.alerts.payload import payload
from alphapulse_resources import platform_alerts
from alphapulse_resources.alert_places import places
from alphapulse_resources.database.client import Database
from alphapulse_resources.platform_alerts import Delivery, PlatformAlert, deliver, deliver_to, store
from alphapulse_resources.settings import Alerts, AlertSinkSettings, Settings

TOKEN = "123456:s3cret-token"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
SENT = payload(
    kind="rule", ts=NOW, known_at=NOW, severity="warning", title="BTC/USDT on binance: <dip> & more",
    detail={"values": {"price": 70123.5}}, reference="7", venue="binance", symbol="BTC/USDT",
    venue_symbol="BTCUSDT", alert_id=5,
    rule={"id": 7, "name": "dip", "expression": "price > 1", "mode": "level"},
)  # fmt: skip


def _send(sink: AlertSinkSettings, sent: dict[str, Any] = SENT) -> Delivery:
    found = deliver_to(places(Alerts(sinks={"desk": sink})), sent)
    assert found is not None
    return found


def _telegram(url: str, **given: Any) -> AlertSinkSettings:
    base = url.rpartition("/")[0]
    return AlertSinkSettings(kind="telegram", token=SecretStr(TOKEN), chat="-100", api_url=base, **given)


def _mail(port: int, **given: Any) -> AlertSinkSettings:
    return AlertSinkSettings(
        **{"kind": "email", "host": "127.0.0.1", "port": port, "security": "none", "sender": "a@example.org",
           "to": "b@example.org, c@example.org", **given}
    )  # fmt: skip


def test_telegram_gets_a_message_of_its_bot() -> None:
    with receiver(lambda _: Answer(200, '{"ok":true}')) as got:
        found = _send(_telegram(got.url))
    assert (found.outcome, got.requests) == ("delivered", [f"POST /bot{TOKEN}/sendMessage"])
    (body,) = got.bodies
    assert (body["chat_id"], body["link_preview_options"]) == ("-100", {"is_disabled": True})
    assert "BTC/USDT on binance: <dip> & more" in body["text"]


def test_telegram_is_not_asked_before_it_wants_to_be_and_its_token_is_not_told() -> None:
    wait = '{"ok":false,"error_code":429,"description":"slow","parameters":{"retry_after":1}}'
    with receiver(lambda number: Answer(429, wait) if number == 1 else Answer(200, "{}")) as got:
        began = time.monotonic()
        found = _send(_telegram(got.url))
    assert (found.outcome, found.attempts) == ("delivered", 2)
    assert time.monotonic() - began >= 1
    with receiver(lambda _: Answer(401, f"bad token {TOKEN}, bot{TOKEN}")) as got:
        found = _send(_telegram(got.url))
    assert (found.outcome, found.attempts) == ("failed", 1)
    assert "401" in str(found.error)
    assert "s3cret" not in str(found.error)


def test_mail_has_a_subject_in_one_line_and_goes_to_all() -> None:
    with mail_server() as got:
        found = _send(_mail(got.port), {**SENT, "title": "one\r\nBcc: evil@example.org"})
    assert (found.outcome, found.answer) == ("delivered", "taken for 2 addresses")
    (mail,) = got.mails
    assert mail["Subject"] == "AlphaPulse, warning: one Bcc: evil@example.org"
    assert (mail["To"], got.recipients) == (
        "b@example.org, c@example.org",
        ["b@example.org", "c@example.org"],
    )
    assert "rule, 2026-11-30T12:00:00+00:00" in mail.get_content()


@pytest.mark.parametrize(
    ("answer", "attempts", "words"), [("451 later", 3, "answered 451"), ("554 never", 1, "answered 554")]
)
def test_mail_that_may_be_taken_later_is_tried_again(answer: str, attempts: int, words: str) -> None:
    with mail_server(answer) as got:
        found = _send(_mail(got.port))
    assert (found.outcome, found.attempts) == ("failed", attempts)
    assert words in str(found.error)


@pytest.mark.parametrize("security", ["starttls", "ssl"])
@pytest.mark.parametrize("trusted", [True, False])
def test_mail_goes_encrypted_to_a_server_that_can_be_trusted_and_to_no_other(
    security: str, trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certified, key = certificate("mail")
    (tmp_path / "own.pem").write_bytes(certified + key)
    (tmp_path / "trusted.pem").write_bytes(certified if trusted else certificate("mail")[0])
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "own.pem")
    with mail_server(security=security, tls=context) as got:
        found = _send(_mail(got.port, security=security))
    if trusted:
        assert (found.outcome, len(got.mails)) == ("delivered", 1)
    else:
        assert (found.outcome, got.mails) == ("failed", [])
        assert "could not be trusted" in str(found)


def test_mail_is_not_sent_in_the_open_where_encryption_was_asked_for() -> None:
    with mail_server() as got:
        found = _send(_mail(got.port, security="starttls"))
    assert (found.outcome, got.mails) == ("failed", [])
    assert "STARTTLS" in str(found.error)


def test_a_template_makes_the_text_and_a_broken_one_loses_no_alert() -> None:
    text = (
        "{{ symbol }} {{ values.price }} {{ rule.name | upper }}{% if severity == 'critical' %}!{% endif %}"
    )
    with receiver() as got:
        url = SecretStr(got.url)
        for template in (text, "{{ symbol.__class__.__mro__ }}", "{{ nothing.at.all }}", "{% if"):
            found = _send(AlertSinkSettings(kind="slack", url=url, template=template))
            assert found.outcome == "delivered"
    texts = [body["text"] for body in got.bodies]
    assert texts[0] == "BTC/USDT 70123.5 DIP"
    assert all("dip" in each and "AlphaPulse, warning" in each for each in texts[1:])


def test_a_webhook_gets_the_whole_alert() -> None:
    with receiver() as got:
        assert _send(AlertSinkSettings(kind="webhook", url=SecretStr(got.url))).outcome == "delivered"
    (body,) = got.bodies
    text = body.pop("text")
    assert body == SENT
    assert text.startswith("🟠 AlphaPulse, warning: BTC/USDT on binance")


def test_alerts_of_the_platform_go_to_every_sink_that_takes_them_and_one_that_is_dead_delays_none(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform_alerts, "TRY_SECONDS", 0.3)
    with receiver() as good, receiver(lambda _: Answer(200, after=30)) as slow, receiver() as other:
        sinks = {
            "good": AlertSinkSettings(kind="discord", url=SecretStr(good.url)),
            "slow": AlertSinkSettings(kind="webhook", url=SecretStr(slow.url)),
            "rules": AlertSinkSettings(kind="webhook", url=SecretStr(other.url), takes="rules"),
        }
        alert = PlatformAlert("disk", "/", "critical", "the disk is full", {}, NOW)
        delivery = deliver(Settings(alerts=Alerts(sinks=sinks)), alert)
    assert delivery is not None
    assert (delivery.outcome, set(delivery.by_sink)) == ("delivered", {"good", "slow"})
    assert (len(good.bodies), other.bodies) == (1, [])
    store(database, alert, delivery)
    rows = database.rows("SELECT sink, outcome, answer FROM platform_alert_deliveries ORDER BY sink")
    assert [(row["sink"], row["outcome"], row["answer"]) for row in rows] == [
        ("good", "delivered", "200: ok"),
        ("slow", "failed", None),
    ]
    (told,) = database.rows("SELECT told_at, tellings, tries FROM platform_alerts")
    assert (told["told_at"] is not None, told["tellings"], told["tries"]) == (True, 1, 0)


def _tracked(database: Database) -> int:
    (instrument,) = register(database, ["BTC/USDT"], "binance")
    database.execute("UPDATE instruments SET tracked = true")
    return instrument


def test_the_watch_asks_of_freshness_without_a_stream_and_once_in_a_cool_down(database: Database) -> None:
    _tracked(database)
    database.execute(
        "INSERT INTO ohlcv_1m (instrument_id, ts, open, high, low, close, volume, source_id, received_at)"
        " SELECT instrument_id, date_trunc('minute', now()) - INTERVAL '10 min', 1, 1, 1, 1, 1, 1, now()"
        " - INTERVAL '9 min' FROM instruments"
    )
    with receiver() as got:
        sinks = {"desk": AlertSinkSettings(kind="webhook", url=SecretStr(got.url))}
        draft = Draft("late", "freshness.seconds > 180", mode="level", cool_down=timedelta(minutes=2))
        create_rule(database, draft, by="test", sinks=("desk",))
        settings, now = Settings(alerts=Alerts(sinks=sinks)), datetime.now(UTC)
        said = [look_once(database, settings, now + timedelta(seconds=each)) for each in (0, 30, 130)]
    assert [len(each) for each in said] == [1, 0, 1]
    assert said[0][0].startswith("BTC/USDT on binance: late: freshness.seconds > 180 (freshness.seconds ")
    assert [body["rule"]["name"] for body in got.bodies] == ["late", "late"]
    assert {row["delivery"] for row in database.rows("SELECT delivery FROM alerts")} == {"delivered"}
    (looked,) = database.rows("SELECT evaluator, unknown FROM alert_rule_looks")
    assert looked == {"evaluator": "watch", "unknown": 0}


def test_the_poller_asks_when_what_a_rule_reads_was_stored(database: Database) -> None:
    instrument = _tracked(database)

    def funding(rate: float) -> None:
        database.execute(
            "INSERT INTO mark_price_readings (instrument_id, ts, mark_price, funding_rate, interval_hours,"
            " known_at, source, received_at) VALUES (%(id)s, clock_timestamp(), 1, %(rate)s, 8,"
            " clock_timestamp(), 'test', now())",
            {"id": instrument, "rate": rate},
        )

    def until(ready: Any) -> None:
        for _ in range(1200):
            if ready():
                return
            time.sleep(0.05)
        raise AssertionError("it did not come within a minute")

    with receiver() as got:
        sinks = {"desk": AlertSinkSettings(kind="webhook", url=SecretStr(got.url))}
        create_rule(database, Draft("hot", "funding.rate_8h > 0.001"), by="test", sinks=("desk",))
        rules = PolledRules(database, Settings(alerts=Alerts(sinks=sinks)))
        funding(0.0001)
        rules.start()
        try:
            until(lambda: database.rows("SELECT FROM alert_rule_states WHERE truth = false"))
            funding(0.002)
            rules.took({"mark_prices"})
            until(lambda: got.bodies)
        finally:
            rules.close()
    assert got.bodies[0]["values"] == {"funding.rate_8h": 0.002}
