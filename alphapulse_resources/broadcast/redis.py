"""Redis as a bus: for thousands of books a second, or many hosts that serve. Needs `alphapulse[redis]`."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from pydantic import SecretStr

from alphapulse_resources.broadcast.bus import BusError

ANSWER_SECONDS: Final = 2.0
"""How long Redis may hold up a writer, at most, before it is told nothing for a while (ours)."""
LOOK_SECONDS: Final = 15.0


class RedisBus:
    """Publish and subscribe; nothing is stored there."""

    in_transaction: Final = False

    def __init__(self, url: SecretStr) -> None:
        self._url = url
        self._redis, self._asyncio = _libraries()
        self._client: Any = None

    def publish(self, topic: str, payloads: Sequence[bytes]) -> None:
        """See `Bus`; one round trip."""
        try:
            if self._client is None:
                self._client = self._redis.Redis.from_url(
                    self._url.get_secret_value(),
                    socket_timeout=ANSWER_SECONDS,
                    socket_connect_timeout=ANSWER_SECONDS,
                )
            pipe = self._client.pipeline(transaction=False)
            for payload in payloads:
                pipe.publish(topic, payload)
            pipe.execute()
        except (self._redis.RedisError, OSError) as error:
            self.close()
            raise BusError(f"Redis took no message: {error}") from error

    async def listen(self, topic: str) -> AsyncIterator[bytes | None]:
        """See `Bus`."""
        client = self._asyncio.Redis.from_url(
            self._url.get_secret_value(),
            socket_connect_timeout=ANSWER_SECONDS,
            health_check_interval=LOOK_SECONDS,
        )
        channel = client.pubsub()
        try:
            await channel.subscribe(topic)
            while True:
                heard = await channel.get_message(timeout=LOOK_SECONDS)
                if heard is None:
                    await channel.ping()
                elif heard["type"] == "subscribe":
                    yield None
                elif heard["type"] == "message":
                    yield heard["data"]
        except (self._redis.RedisError, OSError) as error:
            raise BusError(f"Redis is not heard any more: {error}") from error
        finally:
            await channel.aclose()
            await client.aclose()

    def close(self) -> None:
        """See `Bus`."""
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _libraries() -> tuple[Any, Any]:
    try:
        import redis
        import redis.asyncio
    except ImportError as error:
        raise BusError(
            "ALPHAPULSE_BROADCAST__REDIS_URL is set and the package redis is not there: "
            "pip install 'alphapulse[redis]', or unset it"
        ) from error
    return redis, redis.asyncio
