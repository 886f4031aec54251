"""The places that alerts are sent to, as settings name them: their forms, their texts, and what they take.

No place shows its address, its token or its password: they are `SecretStr`, and errors are told without them.
"""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pydantic import SecretStr

from alphapulse_resources.settings import Alerts, AlertSinkSettings
from alphapulse_resources.settings.sections import WEBHOOK
from alphapulse_resources.webhook import SETTING, Form, form_of, refusal, text_of

log = logging.getLogger(__name__)

TEXT_CHARACTERS: Final = 20_000
"""Of what a template may make (ours): receivers take less."""
PORTS: Final[Mapping[str, int]] = {"starttls": 587, "ssl": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail server, and whose mail it is to take."""

    host: str
    port: int
    security: str
    user: str | None
    password: SecretStr | None
    sender: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One place. `url` of a mail is empty, and `mail` of everything else is None.

    `setting` is the variable that an error of its address names.
    """

    name: str
    form: Form
    url: SecretStr
    setting: str = SETTING
    per_minute: int = 30
    chat: str | None = None
    mail: Mail | None = None
    template: str | None = None
    rules_only: bool = False

    def refusal(self) -> str | None:
        """Why nothing may be sent there; None where it may."""
        return None if self.mail is not None else refusal(self.url.get_secret_value(), self.setting)

    def takes(self, sinks: Collection[str] | None, *, of_rule: bool) -> bool:
        """Whether an alert goes there. A rule names its sinks; None: all."""
        if of_rule and sinks is not None:
            return self.name in sinks
        return of_rule or not self.rules_only

    def text(self, payload: Mapping[str, Any]) -> str:
        """The message: by the template, or ours where there is none or it fails."""
        if self.template is None:
            return text_of(payload)
        try:
            return rendered(self.template, payload)
        except Exception as error:  # whatever a template does: the alert has to arrive
            log.warning("sink %s: its template failed, the usual text is sent: %s", self.name, error)
            return text_of(payload)


def places(alerts: Alerts) -> list[Place]:
    """All places that are set, the webhook first."""
    found = []
    if alerts.webhook_url is not None:
        form = form_of(alerts.webhook_url.get_secret_value(), alerts.webhook_form)
        found.append(Place(WEBHOOK, form, alerts.webhook_url, per_minute=alerts.webhook_per_minute))
    return [*found, *(_place(name, sink) for name, sink in sorted(alerts.sinks.items()))]


def rendered(template: str, payload: Mapping[str, Any]) -> str:
    """What a template makes of an alert. Raises jinja2.TemplateError where it is wrong."""
    return _template(template).render(**payload)[:TEXT_CHARACTERS]  # type: ignore[no-any-return]


@lru_cache(maxsize=100)
def _template(text: str) -> Any:
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # only where somebody has a template

    return ImmutableSandboxedEnvironment(autoescape=False).from_string(text)


def _place(name: str, sink: AlertSinkSettings) -> Place:
    setting = f"ALPHAPULSE_ALERTS__SINKS__{name.upper()}__URL"
    url, form, mail = sink.url or SecretStr(""), Form.JSON, None
    if sink.kind == "telegram":
        assert sink.token is not None  # the settings see to that
        url = SecretStr(f"{sink.api_url.rstrip('/')}/bot{sink.token.get_secret_value()}/sendMessage")
        form, setting = Form.TELEGRAM, setting.removesuffix("URL") + "API_URL"
    elif sink.kind == "email":
        mail = _mail(sink)
    elif sink.kind != "webhook":
        form = Form(sink.kind)
    return Place(
        name, form, url, setting, sink.per_minute, sink.chat, mail, sink.template, sink.takes == "rules"
    )


def _mail(sink: AlertSinkSettings) -> Mail:
    assert sink.host is not None  # the settings see to all three
    assert sink.sender is not None
    assert sink.to is not None
    to = tuple(filter(None, map(str.strip, sink.to.split(","))))
    port = sink.port or PORTS[sink.security]
    return Mail(sink.host, port, sink.security, sink.user, sink.password, sink.sender, to)
