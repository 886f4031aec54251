"""Which bus a stack has, by its settings."""

from alphapulse_resources.broadcast.bus import CHANNEL, Bus, topic_of
from alphapulse_resources.broadcast.postgres import PostgresBus
from alphapulse_resources.broadcast.redis import RedisBus
from alphapulse_resources.database.client import Database
from alphapulse_resources.settings.sections import Broadcast


def bus_of(settings: Broadcast, database: Database) -> tuple[Bus, str]:
    """The bus and the topic under which this stack is heard. Raises: BusError, psycopg.Error."""
    if settings.redis_url is None:
        return PostgresBus(database.dsn), CHANNEL
    return RedisBus(settings.redis_url), topic_of(database)
