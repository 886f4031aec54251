"""numba's decorator, typed: a function becomes machine code at its first call, which is kept on disk."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numba

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """The same function as machine code, kept between processes beside the file it stands in."""
    return compiled_with(function, cache=True)


def compiled_with(function: Callable[_P, _R], **options: Any) -> Callable[_P, _R]:
    """The same with numba's own options (`numba.njit`)."""
    made: Callable[_P, _R] = numba.njit(**options)(function)
    return made
