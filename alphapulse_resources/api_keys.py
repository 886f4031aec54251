"""Keys of the API: made, listed, revoked, and found by their token.

A token is 256 random bits, so its SHA-256 is all that has to be kept: nobody guesses what it is of.
"""

import hashlib
import hmac
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import psycopg

from alphapulse_resources.database.client import Database, statement

SCOPES: Final = ("read", "write:alerts", "write:watchlists", "admin")
PREFIX: Final = "ap_"
"""By which a token that lies around can be known for one (ours)."""


class KeyRefusedError(ValueError):
    """A key that cannot be; the message is a complete sentence."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that is taken: what it may, and how often."""

    key_id: int
    name: str
    token_sha256: bytes
    scopes: frozenset[str]
    requests_per_minute: int | None
    expires_at: datetime | None

    def may(self, scope: str) -> bool:
        """Whether it has a scope; `admin` has all, and whoever may write may read."""
        if "admin" in self.scopes or scope in self.scopes:
            return True
        return scope == "read" and bool(self.scopes)


def add_key(
    database: Database,
    name: str,
    scopes: Collection[str],
    *,
    requests_per_minute: int | None = None,
    expires_at: datetime | None = None,
) -> str:
    """Make a key; its token, which nobody can tell again. Raises: KeyRefusedError."""
    name = name.strip()
    if not 1 <= len(name) <= 64 or not name.isprintable():
        raise KeyRefusedError("a key's name has 1 to 64 characters, all of which can be seen")
    if wrong := [each for each in scopes if each not in SCOPES]:
        raise KeyRefusedError(f"there is no scope {wrong[0]!r}; there are {', '.join(SCOPES)}")
    token = PREFIX + secrets.token_urlsafe(32)
    given = {
        "name": name,
        "token_sha256": digest(token),
        "scopes": sorted(set(scopes)) or ["read"],
        "requests_per_minute": requests_per_minute,
        "expires_at": expires_at,
    }
    try:
        database.rows(statement("keys/add"), given)
    except psycopg.errors.ExclusionViolation:
        raise KeyRefusedError(f"there is a key {name!r} already: revoke it, or take another name") from None
    return token


def list_keys(database: Database) -> list[dict[str, Any]]:
    """All keys, without what proves their tokens."""
    return database.rows(statement("keys/list"))


def revoke_key(database: Database, which: str) -> str:
    """Take a key back, by name or number; its name. Raises: KeyRefusedError."""
    rows = database.rows(statement("keys/revoke"), {"which": which.strip()})
    if not rows:
        raise KeyRefusedError(f"there is no valid key {which!r}: `alphapulse api keys list` shows them")
    return str(rows[0]["name"])


def valid_keys(database: Database) -> list[ApiKey]:
    """Keys that are taken now."""
    return [
        ApiKey(
            row["key_id"],
            row["name"],
            bytes(row["token_sha256"]),
            frozenset(row["scopes"]),
            row["requests_per_minute"],
            row["expires_at"],
        )
        for row in database.rows(statement("keys/valid"))
    ]


def note_used(database: Database, key_ids: Collection[int]) -> None:
    """Note the hour in which keys were used."""
    database.execute(statement("keys/used"), {"key_ids": sorted(key_ids)})


def key_of(token: str, keys: Sequence[ApiKey]) -> ApiKey | None:
    """The key of a token; takes the same time whichever it is, or none."""
    given, found = digest(token), None
    for key in keys:
        if hmac.compare_digest(given, key.token_sha256):
            found = key
    return found


def digest(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()
