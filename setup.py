"""Puts what packages read from the top of the repository into the wheel; all else is in pyproject.toml."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
TARGET = Path(
    "alphapulse_resources", "project_files"
)  # `PROJECT_ROOT` in alphapulse_resources/settings/places.py
DIRECTORIES = ("sql",)
FILES = ("deploy/dagster.yaml", "workspace.yaml")
BUILT = ("dashboard/dist",)
"""What is there only after `make` has built it."""


class BuildWithProjectFiles(build_py):
    """The packages, `sql/` and Dagster's files. An editable installation reads them in place."""

    def run(self) -> None:
        """Copy into the directory that becomes the wheel, which may hold what an earlier build left."""
        super().run()
        if self.editable_mode:
            return
        target = Path(self.build_lib) / TARGET
        shutil.rmtree(target, ignore_errors=True)
        for name in DIRECTORIES:
            shutil.copytree(ROOT / name, target / name)
        for name in BUILT:
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, target / name)
        for name in FILES:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


setup(cmdclass={"build_py": BuildWithProjectFiles})
