"""A data set made by the guide alone is in the definitions, the checks, the dictionary and the status."""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from derived_support import DAYS, FIRST, LAST, symbol

from alphapulse_assets import registry
from alphapulse_assets.core.bars import Bar
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.datasets.derived_checks import checks_of
from alphapulse_assets.datasets.partitions import range_tags
from alphapulse_assets.definitions import build_defs
from alphapulse_cli import status
from alphapulse_cli.dictionary import render
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings import get_settings

GUIDE = Path(__file__).parents[2] / "docs" / "adding_a_data_set.md"
MODULES = ("bodies", "live", "dataset")
PACKAGE = "alphapulse_assets.candle_bodies"


def blocks(language: str) -> list[str]:
    """The guide's blocks of code in a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def bodies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dataset]:
    """The data set of the guide, in a package of its own that is gone afterwards."""
    room = tmp_path / "candle_bodies"
    room.mkdir()
    (room / "__init__.py").touch()
    for name, code in zip(MODULES, blocks("python"), strict=True):
        (room / f"{name}.py").write_text(code)
    assets = importlib.import_module("alphapulse_assets")
    monkeypatch.setattr(assets, "__path__", [*assets.__path__, str(tmp_path)])
    yield importlib.import_module(f"{PACKAGE}.dataset").CANDLE_BODIES
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]


def run(definitions: dg.Definitions, instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    """Whole days of the data set, or of its checks where nothing else is defined, in this process."""
    job = definitions.resolve_implicit_global_asset_job_def()
    assets = {dg.AssetKey("candle_bodies")} & job.asset_layer.executable_asset_keys
    return job.execute_in_process(
        instance=instance,
        asset_selection=sorted(assets) or None,
        tags=range_tags(FIRST.date(), LAST.date(), "bybit", "bybit"),
        raise_on_error=False,
    )


def verdicts(result: dg.ExecuteInProcessResult) -> dict[str, bool]:
    """Which checks were made, and which passed."""
    return {each.check_name: each.passed for each in result.get_asset_check_evaluations()}


def test_a_room_and_a_line_are_all_it_takes(
    bodies: Dataset, database: Database, environment: pytest.MonkeyPatch
) -> None:
    every = (*registry.DATASETS, bodies)  # the line
    with database.connect(autocommit=True) as connection:
        for migration in blocks("sql"):
            connection.execute(migration)
    key = symbol(database)

    definitions = build_defs(datasets=every)
    dg.Definitions.validate_loadable(definitions)
    graph = definitions.resolve_asset_graph()
    node = graph.get(dg.AssetKey("candle_bodies"))
    assert (node.group_name, node.code_version, node.description) == ("indicators", "1", bodies.description)
    assert {parent.to_user_string() for parent in node.parent_keys} == set(bodies.reads)
    blocking = {check.name: graph.get_check_spec(check).blocking for check in node.check_keys}
    assert blocking == {"rules": True, "complete": False, "no_look_ahead": False}
    assert "candle_bodies" in registry.refreshed_each_minute(every)
    assert "candle_bodies" in registry.computed_again(every)

    with dg.DagsterInstance.ephemeral() as instance:
        result = run(definitions, instance)
        assert result.success
        assert verdicts(result) == {"rules": True, "complete": True, "no_look_ahead": True}
        found = database.read("SELECT timeframe_id, ts, body FROM candle_body_values WHERE timeframe_id = 1")
        minutes = database.read("SELECT * FROM ohlcv_1m")
        held = found.join(minutes, on="ts").filter(pl.col("high") > pl.col("low"))
        wrong = (
            pl.col("body") - (pl.col("close") - pl.col("open")).abs() / (pl.col("high") - pl.col("low"))
        ).abs()
        assert found.height == DAYS * 1440
        assert held.filter(wrong > 1e-12).is_empty()

        (start,) = registry.live([bodies])
        state, rows = start(key, "1m", None, FIRST), []  # type: ignore[arg-type]
        for bar in minutes.sort("ts").iter_rows(named=True):
            state.update(Bar.of(bar), lambda table, row: rows.append((row[1], row[2], row[-1])))
        assert rows == found.sort("ts").rows()  # the stream writes what the batch wrote

        database.execute("UPDATE candle_body_values SET body = 1.5 WHERE ts = %(ts)s", {"ts": LAST})
        database.execute("DELETE FROM candle_body_values WHERE ts = %(ts)s", {"ts": FIRST})
        checks = dg.Definitions(asset_checks=[checks_of(bodies)], resources=definitions.resources)
        told = verdicts(run(checks, instance))
        assert (told["rules"], told["complete"]) == (False, False)

    text = render(database, every)
    assert re.search(
        r"^\| `candle_bodies` \| indicators \| derived \|.*`candle_body_values`", text, re.MULTILINE
    )
    assert "### candle_body_values" in text
    assert "Data set `candle_bodies`." in text
    (row,) = (
        each for each in status.collect_datasets(get_settings(), every) if each["dataset"] == "candle_bodies"
    )
    assert (row["group"], row["symbols"], row["days_due"]) == ("indicators", 1, DAYS)
    assert row["computed_until"].date() > LAST.date()
