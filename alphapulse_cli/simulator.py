"""`alphapulse simulator`: the venue simulator in place of this process, so that signals are its own."""

import os
import sys
from typing import NoReturn

from alphapulse_cli.output import notes
from alphapulse_resources.settings import get_settings


def run(port: int, seed: int) -> NoReturn:
    """Become the simulator; it prints its URL as one line of JSON when it listens."""
    get_settings()  # it has none, but a mistyped one is refused wherever it stands
    notes().print(
        "Set ALPHAPULSE_VENUE_URL to the url below and every client asks the simulator. Ctrl-C stops."
    )
    arguments = ["-m", "alphapulse_sim", "--port", str(port), "--seed", str(seed)]
    os.execv(sys.executable, [sys.executable, *arguments])
