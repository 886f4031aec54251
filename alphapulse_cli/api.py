"""`alphapulse api`: the REST and WebSocket service, and the terminal's page."""

import uvicorn

from alphapulse_api.app import make_app
from alphapulse_api.broadcasting.endpoint import SERVER_OPTIONS
from alphapulse_api.broadcasting.live import Live
from alphapulse_cli.database import find_dsn
from alphapulse_resources.database.analyst import analyst_dsn
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import get_settings


def run(host: str, port: int) -> None:
    """Serve until it is stopped, reading as the analyst."""
    settings = get_settings()
    owner = find_dsn(settings)
    database = Database(analyst_dsn(settings, owner))
    app = make_app(database, live=Live(database, settings.broadcast, Database(owner)))
    uvicorn.run(app, host=host, port=port, log_level="warning", **SERVER_OPTIONS)
