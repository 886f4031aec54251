"""What a command does not import: that it starts quickly, without counting seconds."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_support import environment, let_analysts_in

from tests.databases import fresh_database

HEAVY = {"pandas", "pyarrow", "adbc_driver_postgresql", "dagster", "matplotlib", "ccxt", "numba", "sklearn"}
NEVER = {"sql": {"polars", "sqlalchemy", "yoyo"}, "books": {"polars", "sqlalchemy", "yoyo"}}
AFTERWARDS = """
import sys
from alphapulse_cli.main import app
code = app(sys.argv[1:], standalone_mode=False)
print("\\nIMPORTED", *sorted({name.partition(".")[0] for name in sys.modules}))
sys.exit(code or 0)
"""


def imported_by(*arguments: str) -> set[str]:
    """The packages that a command has imported when it is done."""
    done = subprocess.run(
        [sys.executable, "-c", AFTERWARDS, *arguments], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.rpartition("IMPORTED")[2].split())


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, server_dsn: str) -> Iterator[None]:
    with (
        fresh_database(server_dsn) as dsn,
        pytest.MonkeyPatch.context() as patch,
        environment(patch, tmp_path_factory.mktemp("home"), DSN=dsn),
    ):
        let_analysts_in(dsn)
        yield


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "arguments",
    [("sql", "SELECT 1"), ("books", "--once"), ("symbols", "list"), ("status",), ("describe", "ohlcv")],
    ids=lambda arguments: arguments[0],
)
def test_a_command_for_a_look_imports_nothing_that_takes_long(arguments: tuple[str, ...]) -> None:
    forbidden = HEAVY | NEVER.get(arguments[0], set())
    assert imported_by(*arguments) & forbidden == set()


def test_the_help_imports_no_driver_either(tmp_path: Path) -> None:
    assert imported_by("--help") & {*HEAVY, "polars", "sqlalchemy", "psycopg", "pydantic"} == set()
