"""The checkout is a project of `dg`, Dagster's command, which finds the definitions under their name."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from alphapulse_assets.definitions import defs

ROOT = Path(__file__).resolve().parents[2]
DG = Path(sys.executable).with_name("dg")


def dg(*arguments: str) -> str:
    """What `dg` answers in a fresh checkout: no database, no Dagster of its own, no environment of ours."""
    ours = ("ALPHAPULSE_", "DAGSTER_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment = {**inherited, "PYTHONPATH": str(ROOT), "DAGSTER_DG_TELEMETRY_ENABLED": "false"}
    answer = subprocess.run(
        [DG, *arguments], env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_dg_dev_names_the_code_location_as_the_workspace_does() -> None:
    # Dagster keeps the state of sensors by this name: with another one `dg dev` would begin anew
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    (loaded,) = yaml.safe_load((ROOT / "workspace.yaml").read_text())["load_from"]
    assert project["code_location_name"] == loaded["python_module"]["location_name"]
    assert project["code_location_target_module"] == loaded["python_module"]["module_name"]


@pytest.mark.slow
@pytest.mark.skipif(not DG.exists(), reason="dagster-dg-cli is not installed: pip install -e '.[dev]'")
def test_dg_checks_and_lists_the_definitions() -> None:
    assert "All definitions loaded successfully" in dg("check", "defs")
    listed = json.loads(dg("list", "defs", "--json"))
    keys = {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}
    assert {asset["asset_key"] for asset in listed["assets"]} >= keys
    assert {sensor["name"] for sensor in listed["sensors"]} == {each.name for each in defs.sensors or ()}
