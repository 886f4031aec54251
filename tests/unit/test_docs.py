"""The documents say what is so: settings, commands, files, sensors and Compose file are held to the code."""

import re
import shlex
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Final

import dagster as dg
import pytest
import typer
import yaml
from typer.core import TyperCommand, TyperGroup

from alphapulse_assets.definitions import defs
from alphapulse_assets.indicators.registry import INDICATORS
from alphapulse_assets.orchestration.automation import LONGEST
from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE, Candlestick
from alphapulse_assets.patterns.chart.definitions import CHART_CATALOGUE
from alphapulse_assets.patterns.evaluation.failures import CURES
from alphapulse_assets.patterns.events.adapters import CHART_NATURES
from alphapulse_assets.patterns.events.by_chance import breakouts_by_chance, candlesticks_by_chance
from alphapulse_assets.volume.definitions import VOLUME_CATALOGUE
from alphapulse_cli import services as dagster_services
from alphapulse_cli.main import app
from alphapulse_resources.frames import AGGREGATED
from alphapulse_resources.settings.model import fields_by_variable
from alphapulse_resources.settings.other_variables import OTHER_VARIABLES
from alphapulse_resources.settings.reading import SINK_VARIABLE

ROOT: Final = Path(__file__).resolve().parents[2]
DOCUMENTS: Final = (
    *("README.md", "deploy/README.md"),
    *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md") if path.stem != "data_dictionary"),
)
"""All that people wrote; the data dictionary is made from the database's comments."""
DEPLOY: Final = ROOT / "deploy"
ABBREVIATIONS: Final = {"5 s": 5, "10 s": 10, "15 s": 15, "30 s": 30, "60 s": 60, "300 s": 300}
DURATIONS: Final = {"minutes": 60, "hour": 3600, "hours": 3600}
POSTGRES_IMAGE: Final = {"POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB"}

_LINK: Final = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COMMAND: Final = re.compile(r"(?:^|[ `(])alphapulse (?!as )([a-z][^`\n|]*)", re.MULTILINE)
_PATH: Final = re.compile(
    r"`((?:alphapulse_(?:assets|resources|sim|cli)|sql|docs|deploy|tests|bench)/[\w./-]*"
    r"|Makefile|pyproject\.toml|requirements\.lock|(?:dagster|workspace)\.yaml)`"
)


def read(name: str) -> str:
    return (ROOT / name).read_text()


def default_text(value: Any) -> str:
    """A default as one writes it into an environment file."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def settings_by_variable() -> dict[str, tuple[str, str]]:
    """Each setting's variable with its default and description."""
    return {
        name: (default_text(field.default), field.description or "")
        for name, field in fields_by_variable().items()
    }


def table_below(document: str, first_column: str) -> list[list[str]]:
    """Cells of the Markdown table whose first column has this title."""
    lines = iter(read(document).splitlines())
    for line in lines:
        if line.startswith(f"| {first_column} |"):
            break
    else:
        raise AssertionError(f"{document} has no table of {first_column}")
    next(lines)
    rows: list[list[str]] = []
    for line in lines:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return rows


# settings ------------------------------------------------------------------------------------------------


def test_env_example_lists_exactly_the_settings_with_defaults_and_descriptions() -> None:
    found = re.findall(r"^# (.+)\n# (ALPHAPULSE_\w+)=(.*)$", read(".env.example"), re.MULTILINE)
    assert {name: (default, about) for about, name, default in found} == settings_by_variable()


def test_env_example_changes_nothing_when_it_is_copied_as_it_is() -> None:
    assert all(line.startswith("#") or not line for line in read(".env.example").splitlines())


def test_the_settings_table_is_exactly_the_settings() -> None:
    rows = table_below("docs/operations.md", "variable")
    shown = {name: ("" if default == "none" else default, about) for name, default, about in rows}
    assert shown == settings_by_variable()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_variable_that_is_named_exists(document: str) -> None:
    known = settings_by_variable().keys() | OTHER_VARIABLES.keys()
    named = set(re.findall(r"\bALPHAPULSE_[A-Z_]+\b", read(document)))
    assert {name for name in named if not SINK_VARIABLE.fullmatch(name)} <= known


# files, links, commands ----------------------------------------------------------------------------------


def anchors(document: Path) -> set[str]:
    """Anchors of a document's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_relative_link_leads_somewhere(document: str) -> None:
    for link in _LINK.findall(read(document)):
        if link.startswith("http"):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / document).parent / path if path else ROOT / document
        assert target.exists(), f"{document} links to {link}"
        assert not anchor or anchor in anchors(target), f"{document} links to {link}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_of_the_project_that_is_named_exists(document: str) -> None:
    made_by_the_user = {"deploy/.env"}
    named = set(_PATH.findall(read(document))) - made_by_the_user
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def command_lines(document: str) -> Iterator[list[str]]:
    """The words after each `alphapulse` in a document, without shell comments."""
    for line in _COMMAND.findall(read(document).replace("\\\n", " ")):
        plain = line.split("#")[0].split(", ")[0]
        try:
            yield shlex.split(plain)
        except ValueError:  # a statement in quotes that goes on in the next line
            yield shlex.split(plain.split('"')[0])


def find_command(words: list[str]) -> TyperCommand | TyperGroup | None:
    """The command that the first words name; None where prose only mentions the program."""
    command: Any = typer.main.get_command(app)
    for word in words:
        if not isinstance(command, TyperGroup):
            break
        if command.invoke_without_command and (word.startswith("-") or word not in command.commands):
            break  # what runs by itself, too
        command = command.commands.get(word)
        if command is None:
            return None
    if isinstance(command, TyperGroup):
        return command if command.invoke_without_command else None
    return command if isinstance(command, TyperCommand) else None


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_that_is_named_exists_with_its_options(document: str) -> None:
    for words in command_lines(document):
        command = find_command(words)
        assert command is not None, f"{document}: alphapulse {' '.join(words)}"
        known = {
            name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)
        }
        options = {word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)}
        assert options <= known, f"{document}: alphapulse {' '.join(words)}"


def test_the_documents_name_most_commands() -> None:
    # guards the search itself: a pattern that finds nothing would prove nothing
    named = {
        command.name
        for document in DOCUMENTS
        for words in command_lines(document)
        if (command := find_command(words))
    }
    assert named >= {
        "up",
        "demo",
        "add",
        "candles",
        "export",
        "sql",
        "migrate",
        "start",
        "dsn-file",
        "status",
    }


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_that_is_named_exists(document: str) -> None:
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:^|[`(])make ([a-z]+)", read(document), re.MULTILINE)) <= targets


def test_the_data_dictionary_has_every_table_view_and_routine_of_the_migrations() -> None:
    created = re.compile(
        r"CREATE (?:OR REPLACE |UNLOGGED )?(?:TABLE|VIEW|FUNCTION|PROCEDURE) (?:IF NOT EXISTS )?"
        r"(?!IF NOT|\w+\.)([a-z]\w+)",
        re.IGNORECASE,  # what is in another schema than public is no reader's business
    )
    files = [*(ROOT / "sql" / "migrations").glob("*.sql"), *(ROOT / "sql" / "objects").rglob("*.sql")]
    text = "".join(path.read_text() for path in files)
    names = set(created.findall(text)) | {f"ohlcv_{timeframe}" for timeframe in AGGREGATED}
    assert set(re.findall(r"^### (\w+)$", read("docs/data_dictionary.md"), re.MULTILINE)) == names


def test_the_indicator_table_is_exactly_the_registry() -> None:
    shown = {name: tuple(rest) for name, *rest in table_below("docs/indicators.md", "indicator")}
    assert shown == {
        name: (each.description, each.unit, str(each.warm_up), each.source)
        for name, each in INDICATORS.items()
    }


def test_the_pattern_table_is_exactly_the_definitions() -> None:
    shown = re.findall(r"^\| `(\w+)` \| ((?:[^|\n]|\\\|)+) \|$", read("docs/indicators.md"), re.MULTILINE)
    assert {name: text.replace("\\|", "|") for name, text in shown} == VOLUME_CATALOGUE


def seen_on_24_7(pattern: Candlestick) -> str:
    """How the documents say where a pattern is silent."""
    return "never seen" if pattern.never_fired else "silent" if pattern.silent_on_24_7 else ""


def test_the_candlestick_table_is_exactly_the_catalogue() -> None:
    shown = {name: rest for name, *rest in table_below("docs/patterns.md", "candlestick")}
    chance = candlesticks_by_chance()
    assert shown == {
        name: [
            *(each.description, str(each.candles), each.nature, each.direction.replace("_", " ")),
            *(f"{chance[name]:.2f}", seen_on_24_7(each), each.function, each.source),
        ]
        for name, each in CATALOGUE.items()
    }


def test_the_chart_pattern_table_is_exactly_the_definitions() -> None:
    chance = breakouts_by_chance()
    shown = {name: rest for name, *rest in table_below("docs/patterns.md", "chart pattern")}
    assert shown == {
        name: [text, CHART_NATURES[name], f"{chance[name]:.2f}"] for name, text in CHART_CATALOGUE.items()
    }
    assert f"bars; {chance['all']:.1f} of all patterns together" in read("docs/patterns.md")


# what runs by itself -------------------------------------------------------------------------------------


def repository() -> dg.RepositoryDefinition:
    return defs.get_repository_def()


def test_the_sensor_table_is_exactly_the_sensors_with_their_intervals_and_jobs() -> None:
    shown = {
        name: (ABBREVIATIONS[every], job)
        for name, every, job, _ in table_below("docs/operations.md", "sensor")
    }
    assert shown == {
        sensor.name: (
            sensor.minimum_interval_seconds,
            sensor.job_name if sensor.targets else "nothing",  # those that watch start none
        )
        for sensor in repository().sensor_defs
    }


def test_the_schedule_table_is_exactly_the_schedules_with_their_times_and_jobs() -> None:
    shown = {name: (cron, job) for name, cron, job, _ in table_below("docs/operations.md", "schedule")}
    schedules = repository().schedule_defs
    assert shown == {schedule.name: (schedule.cron_schedule, schedule.job_name) for schedule in schedules}
    assert {schedule.execution_timezone or "UTC" for schedule in schedules} == {"UTC"}


def test_the_job_table_is_exactly_the_limits_of_the_jobs() -> None:
    shown = {}
    for name, text in table_below("docs/operations.md", "job"):
        count, unit = text.split()
        shown[name] = int(count) * DURATIONS[unit]
    assert shown == {name: int(longest.total_seconds()) for name, longest in LONGEST.items()}


def test_the_check_table_is_exactly_the_checks() -> None:
    timeframes = [f"ohlcv_{timeframe}" for timeframe in AGGREGATED]
    together = f"{timeframes[0]}` to `{timeframes[-1]}"
    shown = {
        (asset, name)
        for name, assets, *_ in table_below("docs/guide.md", "check")
        for asset in (timeframes if assets == together else [assets])
    }
    keys = repository().asset_graph.asset_check_keys
    assert shown == {(key.asset_key.to_user_string(), key.name) for key in keys}


@pytest.mark.parametrize(
    "block",
    [
        text
        for document in ("docs/guide.md", "docs/indicators.md")
        for kind, text in _BLOCK.findall(read(document))
        if kind == "yaml"
    ],
)
def test_run_config_in_the_documents_is_accepted_by_its_job(block: str) -> None:
    config = yaml.safe_load(block)
    op = next(iter(config["ops"]))
    job = {"track": "track_symbols", "indicators": "backfill_indicators"}.get(op, "backfill_candles")
    assert dg.validate_run_config(defs.resolve_job_def(job), config)


# Docker Compose ------------------------------------------------------------------------------------------


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((DEPLOY / "docker-compose.yaml").read_text())
    return document


def dagster_variables() -> set[str]:
    """Variables that dagster.yaml reads."""
    return set(re.findall(r"\{env: (\w+)\}", read("deploy/dagster.yaml")))


def test_compose_runs_only_programs_that_the_image_has() -> None:
    programs = {script.name for script in entry_points(group="console_scripts")} | {"python"}
    services = compose()["services"]
    assert set(services) == {"database", "migrate", "code_location", "webserver", "daemon", "api"}
    for name, service in services.items():
        if name != "database":
            assert service["command"][0] in programs
        if name not in ("database", "migrate"):
            assert service["healthcheck"]["test"][0] == "CMD"
            assert service["healthcheck"]["test"][1] in programs


def test_compose_migrates_with_a_command_that_exists() -> None:
    assert find_command(compose()["services"]["migrate"]["command"][1:]) is not None


def test_compose_sets_only_variables_that_something_reads() -> None:
    known = settings_by_variable().keys() | dagster_variables() | {"DAGSTER_HOME"}
    for name, service in compose()["services"].items():
        assert set(service["environment"]) <= (POSTGRES_IMAGE if name == "database" else known)
        assert name == "database" or dagster_variables() <= set(service["environment"])


def test_compose_takes_every_secret_from_the_environment() -> None:
    text = (DEPLOY / "docker-compose.yaml").read_text()
    asked = set(re.findall(r"\$\{(\w+)", text))
    assert asked <= POSTGRES_IMAGE | settings_by_variable().keys()
    for line in text.splitlines():
        if "PASSWORD:" in line or "DSN:" in line:
            assert "${POSTGRES_PASSWORD" in line


def test_compose_publishes_the_web_pages_on_this_machine_only() -> None:
    services = compose()["services"]
    published = [port for service in services.values() for port in service.get("ports", ())]
    assert all(each.startswith("127.0.0.1:") for each in published)
    assert [each.rpartition(":")[2] for each in published] == ["3000", "3160"]


def test_compose_waits_for_services_and_mounts_volumes_that_it_has() -> None:
    document = compose()
    for service in document["services"].values():
        for other, condition in service.get("depends_on", {}).items():
            healthy = condition["condition"] == "service_healthy"
            assert "healthcheck" in document["services"][other] or not healthy
        for source in (volume.split(":")[0] for volume in service["volumes"]):
            assert source in document["volumes"] or (source.startswith("./") and (DEPLOY / source).is_file())


def test_compose_bounds_the_logs_and_the_memory_of_every_container() -> None:
    for service in compose()["services"].values():
        assert {"max-size", "max-file"} <= set(service["logging"]["options"])
        assert service["mem_limit"]


def test_compose_watches_and_asks_each_process_of_dagster_by_a_command_that_exists() -> None:
    serve = find_command(["serve"])
    assert serve is not None
    options = {option for parameter in serve.params for option in parameter.opts}
    for name in ("code_location", "webserver", "daemon"):
        service = compose()["services"][name]
        for words in (service["command"], service["healthcheck"]["test"][1:]):
            assert words[:2] == ["alphapulse", "serve"]
            assert words[2].replace("-", "_") == name
            assert {word.split("=")[0] for word in words[3:]} <= options
        assert "--probe" in service["healthcheck"]["test"]


def test_compose_logs_in_as_a_role_that_is_no_superuser() -> None:
    text, made = (DEPLOY / "docker-compose.yaml").read_text(), (DEPLOY / "owner.sh").read_text()
    (role,) = set(re.findall(r"postgresql://(\w+):", text))
    assert role != compose()["services"]["database"]["environment"]["POSTGRES_USER"]
    assert f"CREATE ROLE {role} LOGIN CREATEROLE CREATEDB PASSWORD" in made
    assert "SUPERUSER" not in made


def test_the_workspace_points_at_the_code_location() -> None:
    (location,) = yaml.safe_load((DEPLOY / "workspace.yaml").read_text())["load_from"]
    server, command = location["grpc_server"], compose()["services"]["code_location"]["command"]
    assert server["host"] in compose()["services"]
    assert f"--port={server['port']}" in command
    assert server["location_name"] == dagster_services.LOCATION


def test_the_image_is_made_of_files_that_exist_and_are_sent_to_the_builder() -> None:
    copied = [
        source
        for line in (DEPLOY / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY ")
        for source in line.split()[1:-1]
    ]
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert {"deploy/dagster.yaml", "deploy/workspace.yaml", "sql", "alphapulse_assets"} <= set(copied)
    for source in copied:
        assert (ROOT / source).exists()
        assert f"!{source}" in ignored


def test_every_hint_about_failing_patterns_is_explained() -> None:
    told = [row[0] for row in table_below("docs/pattern_performance.md", "hint")]
    assert sorted(told) == sorted([*CURES, "only_in_regimes", "leave_out", "collect_more"])
