"""`alphapulse api keys`: make, list and revoke keys of the API."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.output import Format, console, parse_format, print_records
from alphapulse_resources.api_keys import KeyRefusedError, add_key, list_keys, revoke_key

_LISTED: Final = (
    "key_id",
    "name",
    "state",
    "scopes",
    "requests_per_minute",
    "created_at",
    "expires_at",
    "revoked_at",
    "last_used_at",
)


def add(name: str, scopes: Sequence[str], days: int | None, per_minute: int | None) -> None:
    """Make a key and print its token, alone on standard output. Raises: CommandError."""
    until = None if days is None else datetime.now(UTC) + timedelta(days=days)
    try:
        token = add_key(open_database(), name, scopes, requests_per_minute=per_minute, expires_at=until)
    except KeyRefusedError as error:
        raise CommandError(str(error)) from None
    print(token)


def show(form: str) -> None:
    """Print all keys, without their tokens, which nobody knows."""
    style = parse_format(form)
    rows = list_keys(open_database())
    if not rows and style is Format.TABLE:
        console().print("there are no keys: alphapulse api keys add NAME")
        return
    print_records(rows, _LISTED, style)


def revoke(which: str) -> None:
    """Take a key back. Raises: CommandError."""
    try:
        name = revoke_key(open_database(), which)
    except KeyRefusedError as error:
        raise CommandError(str(error)) from None
    print(f"revoked {name}")
