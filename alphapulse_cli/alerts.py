"""`alphapulse alerts test`: whether the webhook takes what it is sent."""

import socket
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from alphapulse_cli.database import CommandError
from alphapulse_cli.output import console, fail, print_json
from alphapulse_resources.platform_alerts import PlatformAlert, deliver
from alphapulse_resources.settings import get_settings
from alphapulse_resources.webhook import form_of

KIND: Final = "test"


def send_test(*, as_json: bool) -> int:
    """Send one alert; the exit code: 0 if it arrived."""
    settings = get_settings()
    if settings.alerts.webhook_url is None:
        raise CommandError("no webhook is set: ALPHAPULSE_ALERTS__WEBHOOK_URL names where alerts are sent to")
    url = settings.alerts.webhook_url.get_secret_value()
    title = f"this is a test, sent by `alphapulse alerts test` on {socket.gethostname()}"
    alert = PlatformAlert(KIND, KIND, "info", title, {}, datetime.now(UTC))
    delivery = deliver(settings, alert)
    assert delivery is not None
    delivered = delivery.outcome == "delivered"
    form, host = form_of(url, settings.alerts.webhook_form).value, _host(url)
    if as_json:
        print_json(
            {
                "delivered": delivered,
                "form": form,
                "host": host,
                "attempts": delivery.attempts,
                "answer": delivery.answer,
                "error": delivery.error,
            }
        )
    elif delivered:
        console().print(f"delivered to {host} in form {form}; it answered: {delivery.answer}", soft_wrap=True)
    else:
        fail(f"not delivered to {host} in form {form}, tried {delivery.attempts} times: {delivery.error}")
    return 0 if delivered else 1


def _host(url: str) -> str:
    """The host: all of the address that is no secret."""
    try:
        return urlsplit(url).hostname or "an address without a host"
    except ValueError:
        return "an address that is no URL"
