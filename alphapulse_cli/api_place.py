"""Where the API may listen: on this machine always, beyond it only where somebody has a key."""

import ipaddress

from alphapulse_resources.api_keys import valid_keys
from alphapulse_resources.database.client import Database


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def why_no_api(dsn: str, host: str) -> str | None:
    """Why the API must not listen there, or None."""
    if is_loopback(host):
        return None
    database = Database(dsn)
    try:
        if valid_keys(database):
            return None
    finally:
        database.close()
    return (
        f"{host} can be reached from other machines, and no key is valid: nobody could ask. "
        "`alphapulse api keys add NAME` makes one; or bind to 127.0.0.1"
    )
