"""Directories of a home: for this user only, as far as nobody else needs them."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from alphapulse_resources.settings import PROJECT_ROOT

PRIVATE: Final = 0o700
PASSABLE: Final = 0o711
"""Under root the embedded server runs as another account, which has to pass through the home to its data."""
OURS: Final = ("logs", "archives", "dagster")


def make_home(home: Path) -> None:
    """Make the home, if need be, and close what is ours in it to others.

    A home that is there already keeps its own mode: it may be a directory of more than ours.
    """
    if not home.exists():
        home.mkdir(parents=True)
        home.chmod(PASSABLE if os.geteuid() == 0 else PRIVATE)
    for name in OURS:
        make_private(home / name)


def make_private(directory: Path) -> None:
    """A directory that only its owner enters; one of somebody else's stays as it is."""
    directory.mkdir(exist_ok=True)
    with suppress(PermissionError):
        directory.chmod(PRIVATE)


def make_dagster_home(home: Path) -> Path:
    """The DAGSTER_HOME below a home, with the configuration of this version."""
    directory = home / "dagster"
    make_private(directory)
    shutil.copyfile(PROJECT_ROOT / "deploy" / "dagster.yaml", directory / "dagster.yaml")
    return directory
