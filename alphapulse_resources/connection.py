"""Which database this process uses: the one ALPHAPULSE_DSN names, or the embedded server of this home."""

from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr
from sqlalchemy.engine import make_url

from alphapulse_resources.embedded_postgres import EmbeddedPostgres
from alphapulse_resources.settings import Settings

DAGSTER_VARIABLES = (
    "DAGSTER_PG_HOST",
    "DAGSTER_PG_PORT",
    "DAGSTER_PG_USERNAME",
    "DAGSTER_PG_PASSWORD",
    "DAGSTER_PG_DB",
)


class NoDatabaseError(RuntimeError):
    """There is no database to use; the message says how to get one."""


def resolve_dsn(settings: Settings) -> SecretStr:
    """The connection string to use. Attaches to the embedded server but never starts or stops it."""
    if settings.dsn is not None:
        return settings.dsn
    server = embedded(settings).attach()
    if server is None:
        raise NoDatabaseError(
            f"no database: nothing runs in {settings.home.resolve()}. Start it with `alphapulse up`, "
            "`alphapulse demo` or, for the database alone, `alphapulse db start`; or set ALPHAPULSE_DSN to "
            "your PostgreSQL or TimescaleDB."
        )
    return SecretStr(server.dsn)


def embedded(settings: Settings) -> EmbeddedPostgres:
    """The embedded server that belongs to the settings' home."""
    return EmbeddedPostgres(settings.home.resolve(), bin_dir=settings.postgres_bin)


def dagster_environment(dsn: str, database: str) -> dict[str, str]:
    """The variables `dagster.yaml` reads, for Dagster's own database on the same server."""
    url = make_url(dsn)
    parameters = conninfo_to_dict(dsn)
    values = (
        url.host or str(parameters.get("host", "localhost")),
        str(url.port or parameters.get("port") or 5432),
        url.username or str(parameters.get("user", "postgres")),
        url.password or "",
        database,
    )
    return dict(zip(DAGSTER_VARIABLES, map(str, values), strict=True))
