"""The real API over a real database, the built page, and one browser for the tests of a file."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, sync_playwright

from alphapulse_api.app import make_app
from alphapulse_api.broadcasting.live import Live
from alphapulse_cli.api_writer import ApiWriter
from alphapulse_cli.page_build import DASHBOARD, PackagesError, PageBuildError, build
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings.sections import Broadcast

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
FLAGS: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
PATIENCE_MS: Final = 30_000
START_SECONDS: Final = 60.0


def built_page() -> Path:
    """The page as its sources are now; skips, saying why, where it cannot be built here."""
    try:
        build()
    except PackagesError as error:
        pytest.skip(str(error))
    except PageBuildError as error:
        if "there is no Node" in str(error):
            pytest.skip(str(error))
        raise
    return DASHBOARD / "dist"


class Terminal:
    """The API on a port of its own; it can be taken away and brought back."""

    def __init__(self, database: Database, page: Path) -> None:
        def app() -> FastAPI:
            live = Live(database, Broadcast(), database)
            return make_app(database, page, owner=database, live=live, writer=ApiWriter(database, ()))

        self.app: Callable[[], FastAPI] = app
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
        server = uvicorn.Server(
            uvicorn.Config(self.app(), port=self.port, log_level="error", ws="websockets-sansio")
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            assert thread.is_alive(), "the API did not start"
            assert time.monotonic() < deadline, "the API did not start in time"
            time.sleep(0.02)
        self._server, self._thread = server, thread

    def stop(self) -> None:
        """Serve no more, and cut who is connected."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = self._server.force_exit = True
            self._thread.join(START_SECONDS)
        self._server = None


@contextmanager
def a_browser() -> Iterator[Browser]:
    """A headless browser of this machine; skips where there is none."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"no browser is here: install one of {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


def scrolls_sideways(page: Page) -> bool:
    """Whether the page, or its main part, is wider than the window."""
    return bool(
        page.evaluate(
            "[document.documentElement, document.querySelector('.page')]"
            ".some((place) => place.scrollWidth > place.clientWidth + 1)"
        )
    )
