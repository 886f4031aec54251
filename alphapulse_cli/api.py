"""`alphapulse api`: the REST and WebSocket service, and the terminal's page."""

import os
from typing import Final

import requests
import uvicorn
from fastapi import FastAPI

from alphapulse_api.access import Policy
from alphapulse_api.app import make_app
from alphapulse_api.broadcasting.endpoint import SERVER_OPTIONS
from alphapulse_api.broadcasting.live import Live
from alphapulse_cli.api_place import is_loopback, why_no_api
from alphapulse_cli.api_writer import ApiWriter
from alphapulse_cli.database import CommandError, find_dsn
from alphapulse_cli.output import warn
from alphapulse_resources.database.analyst import analyst_dsn
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.pools import PoolLimits
from alphapulse_resources.settings import Settings, get_settings

FACTORY: Final = "alphapulse_cli.api:application"
ASK_SECONDS: Final = 5.0
WAIT_SECONDS: Final = 10.0
"""How long a question waits for a connection, before that is an answer (ours)."""
OWNERS: Final = PoolLimits(most=3, wait_seconds=WAIT_SECONDS)


def run(host: str | None, port: int | None) -> None:
    """Serve until it is stopped, reading as the analyst. Raises: CommandError."""
    settings = get_settings()
    host, port = host or settings.api.host, settings.api.port if port is None else port
    dsn = find_dsn(settings)
    analyst_dsn(settings, dsn)  # says here what is wrong, not in each of the processes
    if why := why_no_api(dsn, host):
        raise CommandError(why)
    if not is_loopback(host):
        warn("the API speaks plain HTTP: beyond this machine put a proxy with TLS before it")
    proxies = _listed(settings.api.proxies)
    os.environ.setdefault("ALPHAPULSE_DSN", dsn)  # for further processes: all serve the same database
    uvicorn.run(
        FACTORY,
        factory=True,
        host=host,
        port=port,
        workers=settings.api.workers,
        log_level="warning",
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        **SERVER_OPTIONS,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )


def application() -> FastAPI:
    """The application by the settings, made in each process that serves."""
    settings = get_settings()
    dsn = find_dsn(settings)
    limits = PoolLimits(most=settings.api.connections, wait_seconds=WAIT_SECONDS)
    owner = Database(dsn, OWNERS)
    reading = Database(analyst_dsn(settings, dsn), limits)
    return make_app(
        reading,
        owner=owner,
        live=Live(reading, settings.broadcast, owner) if settings.broadcast.enabled else None,
        writer=ApiWriter(owner, settings.alerts.sink_names),
        policy=policy_of(settings),
        threads=settings.api.connections,
        cache_bytes=settings.api.cache_megabytes * 2**20,
        dagster_url=settings.api.dagster_url,
    )


def policy_of(settings: Settings) -> Policy:
    """Who may ask what, by the settings."""
    api = settings.api
    return Policy(
        names=frozenset(name.lower().rstrip(".") for name in _listed(api.names)),
        origins=frozenset(origin.rstrip("/") for origin in _listed(api.cors_origins)),
        per_minute=api.requests_per_minute,
        loopback_per_minute=api.loopback_per_minute,
    )


def probe(port: int | None) -> str:
    """Whether the API that runs here answers; raises CommandError with what was heard if not."""
    port = get_settings().api.port if port is None else port
    try:
        with requests.Session() as session:
            session.trust_env = False  # a proxy has no business here
            answer = session.get(f"http://127.0.0.1:{port}/api/v1/health", timeout=ASK_SECONDS)
    except requests.RequestException:
        raise CommandError(f"the API does not answer on port {port}") from None
    if not answer.ok:
        raise CommandError(f"the API answers {answer.status_code}: {answer.text[:200]}")
    return "the API answers"


def _listed(text: str) -> list[str]:
    return [each.strip() for each in text.split(",") if each.strip()]
