"""Streams are begun anew for new code of streams, and for no other."""

import ast
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from alphapulse_assets.streaming.code_version import STARTS, digest_of, imported
from alphapulse_resources.settings import PACKAGES_ROOT, PROJECT_ROOT

OURS = ("alphapulse_assets", "alphapulse_cli", "alphapulse_resources", "alphapulse_sim")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources that may be changed."""
    root = tmp_path_factory.mktemp("tree")
    for name in OURS:
        shutil.copytree(PACKAGES_ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(PROJECT_ROOT / "sql", root / "sql")
    return root


def _changed(tree: Path, file: str, text: str) -> bool:
    """Whether the version is another one with this text behind a file, or in a new one."""
    path = tree / file
    before, found = digest_of(tree, tree), path.read_text() if path.exists() else None
    path.write_text((found or "") + text)
    try:
        return digest_of(tree, tree) != before
    finally:
        path.write_text(found) if found is not None else path.unlink()


@pytest.mark.parametrize(
    "file",
    [
        "alphapulse_assets/streaming/job.py",
        "alphapulse_assets/streaming/worker.py",  # imported in a function, when a run starts
        "alphapulse_assets/order_book/book/levels.py",  # machine code
        "alphapulse_assets/core/numba_cache.py",
        "alphapulse_assets/patterns/chart/scan.py",
        "alphapulse_resources/streams/writer.py",
        "alphapulse_resources/database/pools.py",
        "alphapulse_resources/settings/sections.py",
    ],
)
def test_code_that_streams_import_makes_another_version(tree: Path, file: str) -> None:
    assert (tree / file).exists()
    assert _changed(tree, file, "\nCHANGED = 1\n")


@pytest.mark.parametrize(
    "file",
    [
        "sql/streams/tracked.sql",
        "sql/streams/heartbeat.sql",  # its name is put together
        "sql/derived/unsettled.sql",
        "sql/templates/merge.sql",
    ],
)
def test_sql_that_streams_use_makes_another_version(tree: Path, file: str) -> None:
    assert (tree / file).exists()
    assert _changed(tree, file, "-- changed\n")


@pytest.mark.parametrize(
    "file",
    [
        "alphapulse_assets/definitions.py",
        "alphapulse_assets/volume/assets.py",
        "alphapulse_assets/streaming/checks.py",
        "alphapulse_assets/streaming/supervisor.py",
        "alphapulse_assets/orchestration/a_dashboard.py",  # a new one
        "alphapulse_cli/main.py",
        "alphapulse_resources/export.py",
        "alphapulse_sim/server.py",
        "sql/status/streams.sql",
        "sql/quality/record_flag.sql",
        "sql/alerts/open.sql",
        "sql/migrations/0099_more.sql",  # a new one
    ],
)
def test_anything_else_leaves_streams_alone(tree: Path, file: str) -> None:
    assert not _changed(tree, file, "\n")


def test_a_module_that_is_imported_in_a_function_counts_from_then_on(tree: Path) -> None:
    new = tree / "alphapulse_resources" / "brand_new.py"
    new.write_text("VALUE = 1\n")
    worker = tree / "alphapulse_assets" / "streaming" / "worker.py"
    text = worker.read_text()
    assert not _changed(tree, "alphapulse_resources/brand_new.py", "VALUE = 2\n")
    lazily = "\n\ndef later():\n    from alphapulse_resources import (\n        brand_new,\n    )  # noqa\n"
    worker.write_text(text + lazily)
    try:
        assert _changed(tree, "alphapulse_resources/brand_new.py", "VALUE = 2\n")
    finally:
        worker.write_text(text)
        new.unlink()


def test_imports_and_statements_are_those_that_python_sees(
    tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = imported(tree)
    assert {path for path in found if "streaming" in path.parts} >= {
        tree.joinpath(*start.split(".")).with_suffix(".py") for start in STARTS
    }
    for path, source in found.items():
        missing = [file for name in _names(ast.parse(source)) for file in _files(tree, name) - found.keys()]
        assert not missing, f"{path} imports what is not seen"
    _all_statements_count(tree, found, monkeypatch)


def _all_statements_count(tree: Path, found: dict[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[Path] = set()
    plain: Callable[..., str] = Path.read_text

    def reading(path: Path, *arguments: str) -> str:
        read.add(path)
        return plain(path, *arguments)

    monkeypatch.setattr(Path, "read_text", reading)
    digest_of(tree, tree)
    named = {name for source in found.values() for name in _constants(ast.parse(source))}
    stored = {path.relative_to(tree / "sql").with_suffix("").as_posix(): path for path in tree.rglob("*.sql")}
    wanted = {path for name, path in stored.items() if name in named}
    assert len(wanted) > 30
    assert wanted <= read


def _names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, "a relative import: code_version does not follow these"
            yield from (f"{node.module}.{each.name}" for each in node.names)
        elif isinstance(node, ast.Import):
            yield from (each.name for each in node.names)


def _files(root: Path, name: str) -> set[Path]:
    """Files of ours that an import of this name executes."""
    parts = name.split(".")
    heads = [root.joinpath(*parts[:length]) for length in range(1, len(parts) + 1)]
    return {
        file
        for head in heads
        for file in (head.with_suffix(".py"), head / "__init__.py")
        if parts[0] in OURS and file.exists()
    }


def _constants(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
