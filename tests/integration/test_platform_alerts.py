"""An alert of the platform reaches the webhook in seconds or says why not; what became of it is kept."""

import dataclasses
import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr
from webhook_support import SECRET, Answer, receiver

from alphapulse_resources.database.client import Database
from alphapulse_resources.platform_alerts import SECONDS, Delivery, PlatformAlert, deliver, store, tell
from alphapulse_resources.settings import Alerts, Settings

ALERT = PlatformAlert("disk", "/data", "critical", "the disk is full", {"free": 0}, datetime.now(UTC))


def settings(url: str | None, form: str = "auto") -> Settings:
    return Settings(alerts=Alerts(webhook_url=SecretStr(url) if url else None, webhook_form=form))  # type: ignore[arg-type]


def told(url: str, form: str = "auto") -> Delivery:
    found = deliver(settings(url, form), ALERT)
    assert found is not None
    return found


@contextmanager
def dripping() -> Iterator[str]:
    """A server that answers a byte a second, and never to the end."""
    leaving = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.2)

        def serve() -> None:
            while not leaving.is_set():
                try:
                    connection, _ = listening.accept()
                except TimeoutError:
                    continue
                with connection:
                    while not leaving.wait(0.5):
                        try:
                            connection.sendall(b"H")
                        except OSError:
                            break

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/{SECRET}"
        finally:
            leaving.set()
            thread.join(10)


def test_it_arrives_in_the_form_that_is_set() -> None:
    with receiver() as got:
        assert tell(settings(got.url), ALERT)
        assert tell(settings(got.url, "slack"), ALERT)
        assert tell(settings(got.url, "discord"), ALERT)
    plain, slack, discord = got.bodies
    assert plain["title"] == ALERT.title
    assert (plain["source"], plain["kind"], plain["subject"]) == ("platform", "disk", "/data")
    assert ALERT.title in slack["text"]
    assert ALERT.title in discord["content"]


def test_without_a_webhook_nothing_is_told() -> None:
    assert not tell(settings(None), ALERT)
    assert deliver(settings(None), ALERT) is None


@pytest.mark.parametrize("status", [301, 302, 307])
def test_a_redirect_is_not_followed_and_not_called_delivered(status: int) -> None:
    with receiver() as other:
        moved = Answer(status, "", {"Location": f"{other.url}/internal"})
        with receiver(lambda _: moved) as got:
            delivery = told(got.url)
    assert delivery.outcome == "failed"
    assert "127.0.0.1" in (delivery.error or "")
    assert SECRET not in (delivery.error or "")
    assert other.requests == []
    assert len(got.requests) == 1


def test_a_receiver_that_wants_a_pause_gets_it() -> None:
    asked: list[float] = []

    def answer(number: int) -> Answer:
        asked.append(time.monotonic())
        return Answer(429, '{"retry_after": 1.5}') if number == 1 else Answer(204, "")

    with receiver(answer) as got:
        delivery = told(got.url, "discord")
    assert (delivery.outcome, delivery.attempts) == ("delivered", 2)
    assert asked[1] - asked[0] >= 1.5


def test_a_pause_that_is_too_long_is_not_waited_for() -> None:
    with receiver(lambda _: Answer(429, "", {"Retry-After": "3600"})) as got:
        began = time.monotonic()
        delivery = told(got.url)
    assert time.monotonic() - began < SECONDS
    assert (delivery.outcome, delivery.attempts) == ("failed", 1)
    assert "3600 s" in (delivery.error or "")


def test_it_is_tried_again_where_the_receiver_fails_for_a_moment() -> None:
    with receiver(lambda number: Answer(503 if number < 3 else 200)) as got:
        assert told(got.url).attempts == 3


def test_nothing_holds_it_up_for_long_and_nothing_is_raised(caplog: pytest.LogCaptureFixture) -> None:
    with receiver(lambda _: Answer(after=60)) as silent, dripping() as drips:
        urls = [
            silent.url,
            drips,
            f"http://127.0.0.1:1/{SECRET}",
            f"http://alphapulse.invalid/{SECRET}",
        ]
        began = time.monotonic()
        with caplog.at_level(logging.DEBUG), ThreadPoolExecutor(len(urls)) as pool:
            assert not any(pool.map(lambda url: tell(settings(url), ALERT), urls))
        assert time.monotonic() - began < SECONDS + 6
    ours = [each.getMessage() for each in caplog.records if each.name.startswith("alphapulse")]
    assert len(ours) == len(urls)
    assert not any(SECRET in each for each in ours)


def test_an_alert_is_one_row_from_when_it_was_raised_until_it_is_over(database: Database) -> None:
    with receiver(lambda number: Answer(200 if number != 2 else 400)) as got:
        numbers = [
            store(database, alert, deliver(settings(got.url), alert))
            for alert in (
                ALERT,
                dataclasses.replace(ALERT, title="the disk is fuller", severity="warning"),
                dataclasses.replace(ALERT, resolved=True, at=datetime.now(UTC)),
            )
        ]
    assert len(set(numbers)) == 1
    (row,) = database.rows("SELECT * FROM alerts_of_platform")
    assert (row["title"], row["severity"], row["open"]) == ("the disk is fuller", "warning", False)
    assert (row["delivery"], row["tellings"]) == ("delivered", 2)
    outcomes = database.rows("SELECT what, outcome FROM platform_alert_deliveries ORDER BY settled_at")
    assert [tuple(each.values()) for each in outcomes] == [
        ("raised", "delivered"),
        ("raised", "failed"),
        ("resolved", "delivered"),
    ]
    again = store(database, ALERT)
    assert again not in numbers
    assert database.rows("SELECT count(*) AS n FROM alerts_of_platform WHERE open")[0]["n"] == 1


def test_two_that_store_the_same_at_once_make_one_row(database: Database) -> None:
    threads = [threading.Thread(target=store, args=(database, ALERT)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert database.rows("SELECT count(*) AS n FROM platform_alerts") == [{"n": 1}]
