"""Warnings at the line of whoever called this package."""

import sys
import warnings
from pathlib import Path
from typing import Final

_HERE: Final = str(Path(__file__).parent)


def warn(message: str, kind: type[Warning]) -> None:
    """Warn at the nearest line outside this package."""
    level, frame = 2, sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_HERE):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, kind, stacklevel=level)
