"""`alphapulse api`: the REST and WebSocket service, and the terminal's page."""

import uvicorn

from alphapulse_api.app import make_app
from alphapulse_cli.database import find_dsn
from alphapulse_resources.database.analyst import analyst_dsn
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import get_settings


def run(host: str, port: int) -> None:
    """Serve until it is stopped, reading as the analyst."""
    settings = get_settings()
    database = Database(analyst_dsn(settings, find_dsn(settings)))
    uvicorn.run(make_app(database), host=host, port=port, log_level="warning")
