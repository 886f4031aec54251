"""The tool chain of the terminal's page: when it builds, what it says, what the wheel carries."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import setuptools
from setuptools import Distribution

from alphapulse_cli import page_build
from alphapulse_cli.page_build import PackagesError, PageBuildError, build, digest, main

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def dashboard(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "main.tsx").write_text("one")
    (tmp_path / "package-lock.json").write_text("{}")
    return tmp_path


@pytest.fixture
def commands(dashboard: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is run, in place of Node: `npm ci` makes node_modules, `vite build` makes the page."""
    asked: list[str] = []

    def run(place: Path, log: Any, command: list[str]) -> None:
        asked.append(command[2])
        (place / "node_modules").mkdir(exist_ok=True)
        if command[2] == "build":
            (place / "dist.new").mkdir(exist_ok=True)
            (place / "dist.new" / "index.html").write_text((place / "src" / "main.tsx").read_text())

    monkeypatch.setattr(page_build, "_run", run)
    return asked


def test_the_page_is_built_once_and_anew_when_its_sources_change(
    dashboard: Path, commands: list[str]
) -> None:
    assert build(dashboard)
    assert not build(dashboard)
    assert commands == ["ci", "build"]
    (dashboard / "src" / "main.tsx").write_text("two")
    assert build(dashboard)
    assert commands == ["ci", "build", "build"]  # the packages are the same
    assert (dashboard / "dist" / "index.html").read_text() == "two"
    assert not (dashboard / "dist.new").exists()
    assert not (dashboard / "dist.old").exists()


def test_other_packages_are_fetched_and_the_page_is_built_with_them(
    dashboard: Path, commands: list[str]
) -> None:
    build(dashboard)
    (dashboard / "package-lock.json").write_text('{"lockfileVersion": 3}')
    build(dashboard)
    assert commands == ["ci", "build", "ci", "build"]


def test_a_failed_build_leaves_the_page_that_was_there(
    dashboard: Path, commands: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build(dashboard)
    (dashboard / "src" / "main.tsx").write_text("broken")

    def fail(*_: object) -> None:
        raise PageBuildError("vite build failed with status 1")

    monkeypatch.setattr(page_build, "_run", fail)
    with pytest.raises(PageBuildError, match="vite build failed"):
        build(dashboard)
    assert (dashboard / "dist" / "index.html").read_text() == "one"


def test_without_packages_checks_are_left_out_aloud_and_a_build_fails(
    dashboard: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise PageBuildError("npm-cli.js ci failed with status 1")

    monkeypatch.setattr(page_build, "_run", fail)
    monkeypatch.setattr(page_build, "DASHBOARD", dashboard)
    monkeypatch.setattr(page_build.build, "__defaults__", (dashboard,))
    monkeypatch.setattr("os.nice", lambda _: 0)
    with pytest.raises(PackagesError, match="could not be fetched"):
        build(dashboard)
    assert main([]) == 1
    assert main(["types"]) == 0
    assert "the page is not checked: the packages of dashboard/package-lock.json" in capsys.readouterr().err
    assert main(["typse"]) == 1
    assert "there is no 'typse'; there are types, test" in capsys.readouterr().err


def test_an_installation_without_sources_says_where_the_page_is_built(tmp_path: Path) -> None:
    with pytest.raises(PageBuildError, match="no sources of the page"):
        build(tmp_path)


def test_a_digest_tells_names_and_contents_apart(dashboard: Path) -> None:
    before = digest(dashboard, ("src",))
    (dashboard / "src" / "main.tsx").rename(dashboard / "src" / "other.tsx")
    assert digest(dashboard, ("src",)) != before


def test_the_lock_names_no_host_and_checks_every_package() -> None:
    lock = json.loads((ROOT / "dashboard" / "package-lock.json").read_text())
    packages = {name: of for name, of in lock["packages"].items() if name}
    assert len(packages) > 50
    for name, of in packages.items():
        assert "resolved" not in of, name
        assert of["integrity"].startswith("sha512-"), name


def test_the_wheel_carries_the_built_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: dict[str, Any] = {}
    monkeypatch.setattr(setuptools, "setup", lambda **keywords: made.update(keywords))
    monkeypatch.setattr(sys, "argv", ["setup.py"])
    namespace: dict[str, Any] = {"__file__": str(tmp_path / "setup.py"), "__name__": "setup"}
    exec(compile((ROOT / "setup.py").read_text(), "setup.py", "exec"), namespace)
    for name in ("sql", "deploy", "dashboard/dist/assets"):
        (tmp_path / name).mkdir(parents=True)
    for name in (*namespace["FILES"], "dashboard/dist/index.html", "dashboard/dist/THIRD_PARTY_NOTICES.txt"):
        (tmp_path / name).write_text("x")
    command = made["cmdclass"]["build_py"]
    monkeypatch.setattr(command.__bases__[0], "run", lambda self: None)
    building = command(Distribution())
    building.build_lib = str(tmp_path / "lib")
    building.run()
    page = tmp_path / "lib" / "alphapulse_resources" / "project_files" / "dashboard" / "dist"
    assert sorted(each.name for each in page.iterdir()) == ["THIRD_PARTY_NOTICES.txt", "assets", "index.html"]
