"""What tests of the Python client share: the API over a database."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from alphapulse_api.app import make_app
from alphapulse_resources.database.client import Database


@contextmanager
def api_over(dsn: str) -> Iterator[str]:
    """The API over a database, in a thread; its address."""
    database = Database(dsn)
    server = uvicorn.Server(uvicorn.Config(make_app(database), host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        until = time.monotonic() + 30
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < until
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        database.close()
