"""One demo for all end-to-end tests: a real `alphapulse demo` in a home of its own, used as a user would."""

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from alphapulse_cli.processes import end_strays
from alphapulse_cli.stack import OWNER
from alphapulse_resources.postgres.embedded import EmbeddedPostgres
from tests.databases import new_home
from tests.e2e.running_platform import PROGRAM, Platform, eventually, start_program
from tests.e2e.wheel import install_wheel

DAYS = 1
START_SECONDS = 600.0  # other tests share the machine
STOP_SECONDS = 90.0  # more than the platform gives its processes
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PATIENCE_MS = 120_000


@dataclass
class Demo(Platform):
    """A home for demos, and the one that runs in it, if one does."""

    home: Path
    process: subprocess.Popen[bytes] | None = None
    output: Path = field(init=False)

    def __post_init__(self) -> None:
        self.output = self.home / "output.txt"

    @property
    def data(self) -> Path:
        """The demo's own home, below the one it was given."""
        return self.home / "demo"

    def command(self, *arguments: str, **streams: Any) -> subprocess.Popen[bytes]:
        """`alphapulse` with these arguments in this home."""
        return start_program(self.home, *arguments, **streams)

    def start(self) -> None:
        """Start the demo and wait until it says that it runs; one that runs already is used."""
        if self.process is not None and self.process.poll() is None:
            return
        with self.output.open("wb") as output:
            self.process = self.command("demo", "--days", str(DAYS), stdout=output, stderr=output)
        eventually(self._says_that_it_runs, "the demo says that it runs", seconds=START_SECONDS)
        self.stop_schedules()

    def _says_that_it_runs(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"the demo ended early; it said:\n{self.said()}"
        return "AlphaPulse runs." in self.said()

    def said(self) -> str:
        """What the running demo has printed."""
        return self.output.read_text() if self.output.exists() else ""

    def interrupt(self, number: signal.Signals = signal.SIGINT) -> int:
        """End the demo by a signal; its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        code = self.process.wait(STOP_SECONDS)
        self.process = None
        return code

    def remove(self) -> None:
        """End whatever is left, however a test went, and remove the home."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        end_strays(OWNER, str(self.data))
        EmbeddedPostgres(self.data).stop()
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def url(self) -> str:
        """Address of its Dagster UI."""
        found = re.search(r"Dagster UI: (http://\S+)", self.said())
        assert found, self.said()
        return found[1]


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """The home of all demos of this session; nothing is started yet."""
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM} is not here: install the project into this environment")
    demo = Demo(new_home("alphapulse-e2e-"))
    yield demo
    demo.remove()


@dataclass(frozen=True, slots=True)
class Finished:
    """How `alphapulse demo --once --json` ended, and what it left."""

    code: int
    report: dict[str, Any]
    said: str
    processes: list[psutil.Process]
    server_runs: bool


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`alphapulse` as installed from a wheel of this tree."""
    return install_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def finished(demo: Demo, wheel: Path) -> Finished:
    """A first demo in this home, run to its end: from the wheel, which must not need the tree."""
    with (demo.home / "errors.txt").open("wb") as errors:
        options = ("--once", "--json", "--days", str(DAYS))
        process = demo.command("demo", *options, program=wheel, stdout=subprocess.PIPE, stderr=errors)
        demo.process = process
        answer, _ = process.communicate(timeout=1200)
    demo.process = None
    said = (demo.home / "errors.txt").read_text()
    assert answer, said
    return Finished(process.returncode, json.loads(answer), said, demo.owned(), demo.server_runs())


@pytest.fixture
def running(demo: Demo, finished: Finished) -> Demo:
    """The demo in the same home, up and filled."""
    demo.start()
    return demo


@pytest.fixture(scope="module")
def browser_page() -> Iterator[Page]:
    """A page of a headless browser of this machine."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"no browser is here: install one of {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1500, "height": 1100})
        page.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        yield page
        browser.close()
