"""numba's decorator, typed: a function becomes machine code at its first call, which is kept on disk.

What is kept holds the machine code of everything the function calls and the constants it reads, from other
modules too, while numba would look for changes in the function's own file alone. The cache here is as fresh
as all modules of the package that the function's module imports, directly or not.
"""

import ast
from collections.abc import Callable, Iterator
from functools import cache as remembered
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import numba
from numba.core import caching

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """The same function as machine code, kept between processes."""
    return compiled_with(function)


def compiled_with(function: Callable[_P, _R], *, cache: bool = True, **options: Any) -> Callable[_P, _R]:
    """The same with numba's own options (`numba.njit`)."""
    before = numba.config.CACHE_LOCATOR_CLASSES
    numba.config.CACHE_LOCATOR_CLASSES = _LOCATORS  # numba's setting for whole processes; others keep theirs
    try:
        made: Callable[_P, _R] = numba.njit(cache=cache, **options)(function)
    finally:
        numba.config.CACHE_LOCATOR_CLASSES = before
    return made


@remembered
def digest(module: Path) -> str:
    """SHA-256 of a module and of all modules of its package that it needs."""
    needed, waiting = {module}, [module]
    while waiting:
        new = set(_imported(waiting.pop())) - needed
        needed |= new
        waiting.extend(new)
    return sha256(b"".join(path.read_bytes() for path in sorted(needed))).hexdigest()


@remembered
def _imported(module: Path) -> tuple[Path, ...]:
    """Files of the modules that a module imports from its own package."""
    root = module.parent
    while (root / "__init__.py").exists():
        package, root = root.name, root.parent
    found = (root / name for name in _names(ast.parse(module.read_bytes())) if name.parts[0] == package)
    return tuple(path for path in found if path.exists())


def _names(tree: ast.Module) -> Iterator[Path]:
    """Where the imports at the top of a module might be found, from the package's parent directory."""
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            above = Path(*statement.module.split("."))
            yield from (above.with_suffix(".py"), above / "__init__.py")
            yield from (above / f"{each.name}.py" for each in statement.names)
        elif isinstance(statement, ast.Import):
            yield from (Path(*each.name.split(".")).with_suffix(".py") for each in statement.names)


class _Fresh:
    """A cache locator that looks at all modules needed."""

    _py_file: str

    def get_source_stamp(self) -> str:
        return digest(Path(self._py_file))


# numba has no types
class Given(_Fresh, caching.UserProvidedCacheLocator):  # type: ignore[misc]
    """In NUMBA_CACHE_DIR where that is set."""


class InTree(_Fresh, caching.InTreeCacheLocator):  # type: ignore[misc]
    """In `__pycache__` beside the module."""


class UserWide(_Fresh, caching.UserWideCacheLocator):  # type: ignore[misc]
    """In the user's cache directory where an installation cannot be written to."""


_LOCATORS: Final = ",".join(f"{__name__}.{each.__name__}" for each in (Given, InTree, UserWide))
