"""An installation from the wheel: what a user gets who does not work on the code.

The packages come from a wheel built of this tree, not from the tree; what they depend on comes from this
environment, which holds exactly what the lock file says: installing it once more would take a minute.
"""

import shutil
import subprocess
import sys
import sysconfig
import venv
from importlib.metadata import entry_points
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("alphapulse_assets", "alphapulse_cli", "alphapulse_resources", "alphapulse_sim")
COMMANDS = ("dagster", "dagster-daemon", "dagster-webserver")


def install_wheel(directory: Path) -> Path:
    """Build the wheel and install it into a new environment in `directory`; its `alphapulse`."""
    _pip("wheel", "--no-deps", "--wheel-dir", str(directory), str(ROOT))
    (wheel,) = directory.glob("*.whl")
    environment = directory / "venv"
    venv.create(environment, symlinks=True)
    python = environment / "bin" / "python"
    _pip("--python", str(python), "install", "--no-deps", "--no-index", str(wheel))
    (site,) = environment.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    _add_commands(python)
    _copy_machine_code(site)
    return python.with_name("alphapulse")


def _pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr


def _add_commands(python: Path) -> None:
    """Dagster's own commands, run by this environment's Python."""
    for point in entry_points(group="console_scripts"):
        if point.name in COMMANDS:
            script = python.with_name(point.name)
            script.write_text(f"#!{python}\nfrom {point.module} import {point.attr}\n{point.attr}()\n")
            script.chmod(0o755)


def _copy_machine_code(site: Path) -> None:
    """It is kept by the digest of its sources, and takes a minute to make."""
    for package in PACKAGES:
        for file in (ROOT / package).rglob("__pycache__/*.nb?"):
            to = site / file.relative_to(ROOT)
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, to)
