"""What we use of Dagster's private modules is in one file, and is what we take it for."""

import ast
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from alphapulse_assets.datasets.dagster_private import OnceADay, delete_runless_events

ROOT = Path(__file__).resolve().parents[2]
PRIVATE = ROOT / "alphapulse_assets" / "datasets" / "dagster_private.py"


def private_imports(source: str) -> set[str]:
    """Modules with a private part in their name that are imported from Dagster's packages."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {
        name
        for name in found
        if name.startswith("dagster") and any(part.startswith("_") for part in name.split("."))
    }


def test_no_other_file_imports_what_is_private_to_dagster() -> None:
    files = [path for package in ROOT.glob("alphapulse_*") for path in package.rglob("*.py")]
    assert len(files) > 200
    found = {path: names for path in files if (names := private_imports(path.read_text()))}
    assert set(found) == {PRIVATE}, found


def test_a_private_import_is_seen_in_every_spelling() -> None:
    for source in ("import dagster._core", "from dagster import _core", "from dagster._utils.x import y"):
        assert private_imports(source)
    assert not private_imports("import dagster as dg\nfrom dagster_webserver import cli")


def test_old_events_without_a_run_are_deleted_and_no_others() -> None:
    partitions = OnceADay(
        {"day": dg.DailyPartitionsDefinition("2024-01-01"), "x": dg.StaticPartitionsDefinition(["a"])}
    )

    @dg.asset(partitions_def=partitions)
    def of_a_run() -> None: ...

    now = datetime.now(UTC)
    with dg.DagsterInstance.local_temp() as instance:
        for name in ("streamed", "imported"):
            instance.report_runless_asset_event(dg.AssetMaterialization(name))
        assert dg.materialize([of_a_run], instance=instance, partition_key="2024-01-02|a").success
        assert delete_runless_events(instance, ["streamed", "of_a_run"], now - timedelta(hours=1)) == 0
        assert delete_runless_events(instance, ["streamed", "of_a_run"], now + timedelta(hours=1)) == 1
        kept = {
            key.to_user_string()
            for key in instance.all_asset_keys()
            if instance.get_latest_materialization_event(key)
        }
        assert {"imported", "of_a_run"} <= kept
