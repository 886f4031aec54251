"""`alphapulse simulator`: the venue simulator in place of this process, so that signals are its own."""

import os
import socket
import sys
from typing import NoReturn

from alphapulse_cli.database import CommandError
from alphapulse_cli.output import notes
from alphapulse_resources.settings import get_settings


def run(port: int, seed: int) -> NoReturn:
    """Become the simulator; it prints its URL as one line of JSON when it listens."""
    get_settings()  # it has none, but a mistyped one is refused wherever it stands
    _check_port(port)
    notes().print(
        "Set ALPHAPULSE_VENUE_URL to the url below and every client asks the simulator. Ctrl-C stops."
    )
    arguments = ["-m", "alphapulse_sim", "--port", str(port), "--seed", str(seed)]
    os.execv(sys.executable, [sys.executable, *arguments])


def _check_port(port: int) -> None:
    """Raise CommandError where the simulator could not listen."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or "ports go from 0 to 65535"
            raise CommandError(
                f"the simulator cannot listen on port {port} ({why}): name another by --port; 0: a free one"
            ) from None
