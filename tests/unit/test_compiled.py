"""Machine code that is kept on disk is never older than what it was made of."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from alphapulse_assets.core import numba_cache as compiled

CALLER = """
from alphapulse_assets.core.numba_cache import compiled
from package.inner.constants import SCALE
from package.inner import callee

@compiled
def value(x):
    return SCALE * callee.twice(x)
"""
CALLEE = """
from alphapulse_assets.core.numba_cache import compiled

@compiled
def twice(x):
    return 2.0 * x
"""
ASK = "from package.caller import value; print(value(1.0), sum(value.stats.cache_hits.values()))"


def _ask(root: Path, **environment: str) -> tuple[float, int]:
    """What a new process gets, and whether from disk."""
    told = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=root,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    value, hits = told.stdout.split()
    return float(value), int(hits)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    root = tmp_path / "package"
    (root / "inner").mkdir(parents=True)
    for path in (root / "__init__.py", root / "inner" / "__init__.py"):
        path.write_text("")
    (root / "caller.py").write_text(CALLER)
    (root / "inner" / "callee.py").write_text(CALLEE)
    (root / "inner" / "constants.py").write_text("SCALE = 10.0\n")
    return root


@pytest.mark.slow
def test_a_change_in_another_module_is_seen_and_no_change_is_read_from_disk(package: Path) -> None:
    assert _ask(package.parent) == (20.0, 0)
    assert _ask(package.parent) == (20.0, 1)
    (package / "inner" / "callee.py").write_text(CALLEE.replace("2.0", "3.0"))
    assert _ask(package.parent) == (30.0, 0)
    (package / "inner" / "constants.py").write_text("SCALE = 7.0\n")
    assert _ask(package.parent) == (21.0, 0)
    assert _ask(package.parent) == (21.0, 1)


@pytest.mark.slow
def test_a_directory_that_is_set_holds_what_is_kept(package: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert _ask(package.parent, NUMBA_CACHE_DIR=str(kept)) == (20.0, 0)
    assert list(kept.rglob("caller.value*.nbi"))
    assert not list(package.rglob("*.nbi"))
    assert _ask(package.parent, NUMBA_CACHE_DIR=str(kept)) == (20.0, 1)


def test_a_digest_is_that_of_all_modules_needed_and_of_no_other(package: Path) -> None:
    def now() -> str:
        compiled.digest.cache_clear()
        return compiled.digest(package / "caller.py")

    before = now()
    (package / "inner" / "stranger.py").write_text("")
    assert now() == before
    (package / "inner" / "__init__.py").write_text("# new\n")
    assert now() != before
