"""Settings: read by section, held to what there is, and by nothing when it is imported."""

import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

import alphapulse_assets
import alphapulse_cli
import alphapulse_resources
from alphapulse_resources.settings import SettingsError, end_if_refused, get_settings, read_settings
from alphapulse_resources.settings.model import fields_by_variable
from alphapulse_resources.settings.other_variables import OTHER_VARIABLES
from alphapulse_resources.settings.reading import nearest

ROOT: Final = Path(__file__).resolve().parents[2]
SECRET: Final = "s3cret-word"
OLD_AND_NEW: Final = {
    "TIMESCALEDB": "DATABASE__TIMESCALEDB",
    "DAGSTER_DATABASE": "DATABASE__DAGSTER",
    "POSTGRES_BIN": "DATABASE__POSTGRES_BIN",
    "ANALYST_PASSWORD": "ANALYSTS__PASSWORD",
    "ANALYST_TIMEOUT_SECONDS": "ANALYSTS__TIMEOUT_SECONDS",
    "ANALYST_CONNECTIONS": "ANALYSTS__CONNECTIONS",
    "ANALYST_TEMP_MEGABYTES": "ANALYSTS__TEMP_MEGABYTES",
    "HTTP_TIMEOUT_SECONDS": "VENUES__HTTP_TIMEOUT_SECONDS",
    "VENUES_WAIT_SECONDS": "VENUES__WAIT_SECONDS",
    "YAHOO_ENABLED": "VENUES__YAHOO_ENABLED",
    "HISTORY_DAYS": "HISTORY__DAYS",
    "FIRST_PARTITION": "HISTORY__FIRST_PARTITION",
    "MIN_COVERAGE": "HISTORY__MIN_COVERAGE",
    "AUTOMATION": "AUTOMATION__ENABLED",
    "VERIFY_MINUTES": "AUTOMATION__VERIFY_MINUTES",
    "REPAIR_MINUTES": "AUTOMATION__REPAIR_MINUTES",
    "STREAM_SHARDS": "STREAMS__SHARDS",
    "STREAM_SNAPSHOT_SECONDS": "STREAMS__SNAPSHOT_SECONDS",
    "STREAM_ZONES_SECONDS": "STREAMS__ZONES_SECONDS",
    "STREAM_BOOK_LEVELS": "STREAMS__BOOK_LEVELS",
    "STREAM_INDICATORS": "STREAMS__INDICATORS",
    "THRESHOLDS_FILE": "STREAMS__THRESHOLDS_FILE",
    "ALERT_WEBHOOK_URL": "ALERTS__WEBHOOK_URL",
    "ALERT_WEBHOOK_FORM": "ALERTS__WEBHOOK_FORM",
    "ALERT_WEBHOOK_PER_MINUTE": "ALERTS__WEBHOOK_PER_MINUTE",
    "EQUITY": "PATTERNS__EQUITY",
    "RISK_FRACTION": "PATTERNS__RISK_FRACTION",
    "POSITION_CAP": "PATTERNS__POSITION_CAP",
    "PATTERN_CONFIGURATION": "PATTERNS__CONFIGURATION",
    "WEB_HOST": "WEB__HOST",
    "WEB_PORT": "WEB__PORT",
    "WEB_NAMES": "WEB__NAMES",
}
"""Names before settings had sections, which people still have in their files."""
MISTYPED: Final = {
    "DNS": "DSN",
    "HOEM": "HOME",
    "DATABASE__DSN": "DSN",
    "VENUES__URL": "VENUE_URL",
    "STREAMS_SHARDS": "STREAMS__SHARDS",
    "STREAMS__SHARD": "STREAMS__SHARDS",
    "WEB__PRT": "WEB__PORT",
}
IMPORT_ALL: Final = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print("imported")
import alphapulse_assets.definitions
"""


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """No setting and no `.env`."""
    for name in [name for name in os.environ if name.startswith("ALPHAPULSE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    get_settings.cache_clear()
    yield monkeypatch
    get_settings.cache_clear()


def refused() -> str:
    with pytest.raises(SettingsError) as error:
        read_settings()
    assert error.value.__suppress_context__ or error.value.__context__ is None  # which had the values
    return str(error.value)


def test_sections_are_read_from_the_environment_and_the_file(place: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("ALPHAPULSE_STREAMS__SHARDS=3\nALPHAPULSE_WEB__PORT=1\nOTHERS_OWN=x\n")
    place.setenv("ALPHAPULSE_WEB__PORT", "4000")
    place.setenv("alphapulse_patterns__equity", "5")
    place.setenv("ALPHAPULSE_HISTORY__DAYS", "")  # the same as not being there
    settings = read_settings()
    assert (settings.streams.shards, settings.streams.book_levels) == (3, 20)
    assert (settings.web.port, settings.patterns.equity, settings.history.days) == (4000, 5, 30)


@pytest.mark.parametrize(("given", "meant"), [*OLD_AND_NEW.items(), *MISTYPED.items()])
def test_the_nearest_name_is_the_one_that_was_meant(given: str, meant: str) -> None:
    assert nearest(f"ALPHAPULSE_{given}", fields_by_variable()) == f"ALPHAPULSE_{meant}"


def test_a_variable_that_is_no_setting_is_refused_by_name_and_without_its_value(
    place: pytest.MonkeyPatch,
) -> None:
    place.setenv("ALPHAPULSE_STREAM_SHARDS", "2")
    place.setenv("ALPHAPULSE_DNS", f"postgresql://me:{SECRET}@there/db")
    assert refused().splitlines() == [
        "ALPHAPULSE_DNS (in the environment) is not a setting; did you mean ALPHAPULSE_DSN?",
        "ALPHAPULSE_STREAM_SHARDS (in the environment) is not a setting;"
        " did you mean ALPHAPULSE_STREAMS__SHARDS?",
    ]


def test_one_in_the_file_is_refused_too_and_one_like_nothing_is_sent_to_the_list() -> None:
    Path(".env").write_text("ALPHAPULSE_COLOUR=red\n")
    assert refused() == (
        "ALPHAPULSE_COLOUR (in .env) is not a setting; .env.example and docs/operations.md list all there are"
    )


def test_a_section_cannot_be_given_as_a_whole(place: pytest.MonkeyPatch) -> None:
    place.setenv("ALPHAPULSE_STREAMS", '{"shards": 2}')
    assert "ALPHAPULSE_STREAMS (in the environment) is not a setting" in refused()


def test_a_wrong_value_is_told_with_what_was_wanted_and_no_secret(place: pytest.MonkeyPatch) -> None:
    place.setenv("ALPHAPULSE_DSN", f"postgresql://me:{SECRET}@there/db")
    place.setenv("ALPHAPULSE_ANALYSTS__PASSWORD", SECRET)
    place.setenv("ALPHAPULSE_ANALYSTS__CONNECTIONS", "0")
    place.setenv("ALPHAPULSE_HISTORY__FIRST_PARTITION", "yesterday")
    connections, first = refused().splitlines()
    assert connections == (
        "ALPHAPULSE_ANALYSTS__CONNECTIONS is '0': input should be greater than or equal to 1"
        " (Most sessions of an analyst at a time.)"
    )
    assert first.startswith(
        "ALPHAPULSE_HISTORY__FIRST_PARTITION is 'yesterday': input should be a valid date"
    )


def test_a_program_ends_with_the_words_and_no_traceback(place: pytest.MonkeyPatch) -> None:
    place.setenv("ALPHAPULSE_EQUITY", "1")
    with pytest.raises(SystemExit, match="ALPHAPULSE_PATTERNS__EQUITY"):
        end_if_refused()


WITH_OLD_NAMES = (Path(__file__).resolve(), ROOT / "tests" / "integration" / "test_cli_commands.py")
"""Tests of what becomes of a name that is no longer one."""


def test_every_variable_that_code_names_is_a_setting_or_declared() -> None:
    files = [
        *(path for folder in ("bench", "deploy") for path in (ROOT / folder).rglob("*") if path.is_file()),
        *(path for path in ROOT.glob("alphapulse_*/**/*.py")),
        *(path for path in (ROOT / "tests").rglob("*.py") if path not in WITH_OLD_NAMES),
        ROOT / "Makefile",
    ]
    named = {}
    for path in files:
        with suppress(UnicodeDecodeError):  # a compiled file
            named |= dict.fromkeys(re.findall(r"\bALPHAPULSE_[A-Z_]+\b", path.read_text()), path)
    known = fields_by_variable().keys() | OTHER_VARIABLES.keys() | {"ALPHAPULSE_"}
    assert {name: path for name, path in named.items() if name not in known and not _of_sink(name)} == {}
    assert OTHER_VARIABLES.keys() <= named.keys()


@pytest.mark.slow
def test_modules_are_imported_whatever_the_settings_are_and_the_code_location_refuses_them() -> None:
    packages = (alphapulse_assets, alphapulse_cli, alphapulse_resources)
    modules = [
        found.name
        for package in packages
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if found.name != "alphapulse_assets.definitions"
    ]
    assert len(modules) > 300
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IMPORT_ALL, *modules],
        env={**os.environ, "ALPHAPULSE_STREAM_SHARDS": "many", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.stdout.strip() == "imported", done.stderr
    assert done.returncode != 0
    assert done.stderr.strip().endswith("did you mean ALPHAPULSE_STREAMS__SHARDS?")


def _of_sink(name: str) -> bool:
    return name.startswith("ALPHAPULSE_ALERTS__SINKS__")


def test_a_sink_is_read_from_the_environment_by_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    given = {"KIND": "telegram", "TOKEN": "1:s3cret", "CHAT": "-100"}
    for name, value in given.items():
        monkeypatch.setenv(f"ALPHAPULSE_ALERTS__SINKS__MY_DESK__{name}", value)
    alerts = read_settings().alerts
    assert alerts.sink_names == ("my_desk",)
    assert alerts.sinks["my_desk"].chat == "-100"
    assert "s3cret" not in repr(alerts)
    monkeypatch.setenv("ALPHAPULSE_ALERTS__SINKS__MY_DESK__TOKNE", "x")
    with pytest.raises(SettingsError, match="not a setting"):
        read_settings()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"KIND": "slack"}, "needs url"),
        ({"KIND": "telegram", "TOKEN": "1:s3cret"}, "needs chat"),
        (
            {"KIND": "email", "HOST": "mail.example", "SENDER": "a@b.c", "TO": "d@e.f", "SECURITY": "none"},
            "set security",
        ),
        ({"KIND": "pager", "URL": "https://s3cret.example"}, "webhook"),
    ],
)
def test_a_sink_that_lacks_something_is_refused_without_its_secrets(
    given: dict[str, str], words: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in given.items():
        monkeypatch.setenv(f"ALPHAPULSE_ALERTS__SINKS__DESK__{name}", value)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert words in str(refused.value)
    assert "s3cret" not in str(refused.value)
