"""`alphapulse api`: the REST and WebSocket service, and the terminal's page."""

from typing import Any, Final

import uvicorn

from alphapulse_api.app import make_app
from alphapulse_api.broadcasting.endpoint import MOST_BYTES
from alphapulse_api.broadcasting.live import Live
from alphapulse_cli.database import find_dsn
from alphapulse_resources.database.analyst import analyst_dsn
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import get_settings

LIVE_SERVER: Final[dict[str, Any]] = {
    "ws": "websockets-sansio",
    "ws_max_size": MOST_BYTES,
    "ws_per_message_deflate": False,
}
"""How uvicorn serves /ws: without compression a message takes half the time (measured)."""


def run(host: str, port: int) -> None:
    """Serve until it is stopped, reading as the analyst."""
    settings = get_settings()
    owner = find_dsn(settings)
    database = Database(analyst_dsn(settings, owner))
    app = make_app(database, live=Live(database, settings.broadcast, Database(owner)))
    uvicorn.run(app, host=host, port=port, log_level="warning", **LIVE_SERVER)
