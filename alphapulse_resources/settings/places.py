"""Where the packages and the files beside them are."""

from pathlib import Path
from typing import Final

_RESOURCES: Final = Path(__file__).resolve().parent.parent
PACKAGES_ROOT: Final = _RESOURCES.parent
"""Where the packages are: the repository, or an environment's site-packages."""
_IN_WHEEL: Final = _RESOURCES / "project_files"
PROJECT_ROOT: Final = _IN_WHEEL if _IN_WHEEL.is_dir() else PACKAGES_ROOT
"""Where `sql/` and Dagster's files are: the repository, or what a wheel carries of it (`setup.py`)."""
