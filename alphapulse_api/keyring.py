"""The keys that are taken, as this process knows them: asked of the database every few seconds."""

import asyncio
import logging
import time
from typing import Final

from alphapulse_resources.api_keys import ApiKey, key_of, note_used, valid_keys
from alphapulse_resources.database.client import Database

log = logging.getLogger(__name__)
SECONDS: Final = 5.0
"""A revoked key is refused within so long (ours)."""
OLDEST_SECONDS: Final = 60.0
"""For so long known keys are taken while the database is away (ours)."""


class Keyring:
    """Finds the key of a token."""

    def __init__(self, owner: Database | None) -> None:
        self._owner = owner
        self._keys: list[ApiKey] = []
        self._at = float("-inf")
        self._asking = asyncio.Lock()
        self._noted: set[tuple[int, int]] = set()

    async def find(self, token: str) -> ApiKey | None:
        """The key of a token, if it is taken. Raises: psycopg.Error where nobody can tell."""
        if self._owner is None:
            return None
        async with self._asking:
            if time.monotonic() - self._at > SECONDS:
                await self._ask(self._owner)
        found = key_of(token, self._keys)
        if found is not None and found.expires_at is not None and found.expires_at.timestamp() <= time.time():
            return None
        if found is not None:
            await self._note(self._owner, found)
        return found

    async def _ask(self, owner: Database) -> None:
        try:
            self._keys = await asyncio.to_thread(valid_keys, owner)
            self._at = time.monotonic()
        except Exception:
            if time.monotonic() - self._at > OLDEST_SECONDS:
                raise
            log.warning("keys could not be asked for; those of before are taken", exc_info=True)

    async def _note(self, owner: Database, key: ApiKey) -> None:
        hour = (key.key_id, int(time.time() // 3600))
        if hour not in self._noted:
            self._noted = {each for each in self._noted if each[1] == hour[1]} | {hour}
            try:
                await asyncio.to_thread(note_used, owner, [key.key_id])
            except Exception:
                log.warning("the use of key %s could not be noted", key.name, exc_info=True)
