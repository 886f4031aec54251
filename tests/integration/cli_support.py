"""What the tests of the command line share: a way to run it in this process and in one of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from alphapulse_cli.main import app
from alphapulse_resources.database.analyst import prepare_analyst
from alphapulse_resources.settings import Settings, get_settings

ALPHAPULSE = (sys.executable, "-c", "from alphapulse_cli.main import app; app()")


@dataclass(frozen=True)
class Said:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


def run(*arguments: str, stdin: str | None = None) -> Said:
    """Run a command in this process, with the settings that the environment has now."""
    get_settings.cache_clear()
    try:
        result = CliRunner().invoke(app, list(arguments), input=stdin)
    finally:
        get_settings.cache_clear()
    return Said(result.exit_code, result.stdout, result.stderr)


def run_process(*arguments: str, stdin: str | None = None) -> Said:
    """Run a command as users do, in a process of its own."""
    done = subprocess.run(
        [*ALPHAPULSE, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ.copy(),
    )
    return Said(done.returncode, done.stdout, done.stderr)


def let_analysts_in(dsn: str) -> None:
    """Give this home the analyst's log-in, as `alphapulse migrate` does: `alphapulse sql` needs it."""
    assert prepare_analyst(Settings(_env_file=None), dsn) == []


@contextmanager
def environment(monkeypatch: pytest.MonkeyPatch, home: Path, **variables: str) -> Iterator[None]:
    """No setting but these."""
    with monkeypatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("ALPHAPULSE_")]:
            patch.delenv(name)
        patch.setenv("ALPHAPULSE_HOME", str(home))
        for name, value in variables.items():
            patch.setenv(f"ALPHAPULSE_{name}", value)
        yield
