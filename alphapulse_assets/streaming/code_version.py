"""Which code a process streams with: a digest of the sources that stream runs import, and of their SQL.

A run is begun anew when this changes, and every order book with it: what streams never import (a dashboard, a
command, assets that only batches materialise) must not count. Migrations do not either: they change the
server, which runs its functions anew by itself.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from alphapulse_resources.settings import PACKAGES_ROOT, PROJECT_ROOT

STARTS: Final = ("alphapulse_assets.streaming.job", "alphapulse_assets.streaming.worker")
"""The modules that a stream run begins with; the job imports the worker when it starts."""
IN_THE_SERVER: Final = frozenset(("migrations", "objects"))
"""Folders of SQL that is run once, when the database is brought up to date."""

# as the formatter leaves them, at any depth: parsing all of it takes ten times as long, and a test compares
_IMPORT: Final = re.compile(
    r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|.*)|import[ \t]+(.*))", re.MULTILINE
)
_DOTTED: Final = re.compile(r"[\w.]+")
_NAMED: Final = re.compile(r'(/ )?"([\w/]+)"')
_PUT_TOGETHER: Final = re.compile(r'f"([\w/]*/\w*)\{')


@lru_cache(maxsize=1)
def code_version() -> str:
    """The digest as the files were when this process first asked; other code, other digest."""
    return digest_of(PACKAGES_ROOT, PROJECT_ROOT)


def digest_of(packages: Path, project: Path, starts: Sequence[str] = STARTS) -> str:
    """The digest of the code below `packages` that is imported from `starts` on, and of its SQL."""
    digest = hashlib.blake2b(digest_size=6)
    sources = imported(packages, starts)
    for path, source in sorted(sources.items()):
        digest.update(f"{path.relative_to(packages).as_posix()}\0{source}\0".encode())
    folder = project / "sql"
    for path in sorted(_statements(folder, "\n".join(sources.values()))):
        digest.update(f"{path.relative_to(folder).as_posix()}\0{path.read_text()}\0".encode())
    return digest.hexdigest()


def imported(packages: Path, starts: Sequence[str] = STARTS) -> dict[Path, str]:
    """Path and text of every module of ours that such runs import, directly or not, at once or later."""
    modules = _modules(packages)
    found: dict[Path, str] = {}
    waiting = list(starts)
    seen = set(waiting)
    while waiting:
        if (path := modules.get(waiting.pop())) is None:
            continue  # not a module of ours, or a name in one
        found[path] = path.read_text()
        new = {package for name in _imports(found[path]) for package in _and_above(name)} - seen
        seen |= new
        waiting.extend(new)
    return found


def _modules(packages: Path) -> Mapping[str, Path]:
    """Files by the name that they are imported by."""
    return {
        ".".join(path.relative_to(packages).with_suffix("").parts).removesuffix(".__init__"): path
        for path in packages.glob("alphapulse_*/**/*.py")
    }


def _imports(source: str) -> Iterator[str]:
    """What a module may import; some are names in modules."""
    for module, names, plain in _IMPORT.findall(source):
        yield from (f"{module}.{name}" for name in _DOTTED.findall(names)) if module else ()
        yield from _DOTTED.findall(plain)


def _and_above(name: str) -> Iterator[str]:
    """A module and the packages that it is in: they are imported with it."""
    parts = name.split(".")
    return (".".join(parts[:length]) for length in range(1, len(parts) + 1))


def _statements(folder: Path, text: str) -> Iterator[Path]:
    """The SQL that these sources name: as a whole, by how its name begins, or by its folder in a path."""
    names = {name for _, name in _NAMED.findall(text)}
    folders = {name for slash, name in _NAMED.findall(text) if slash} - IN_THE_SERVER
    beginnings = tuple(set(_PUT_TOGETHER.findall(text)))
    for path in folder.rglob("*.sql"):
        name = path.relative_to(folder).with_suffix("").as_posix()
        inside = name.rpartition("/")[0]
        put_together = any(inside == each.rpartition("/")[0] and name.startswith(each) for each in beginnings)
        if name in names or inside in folders or put_together:
            yield path
