"""The series that the settings ask for, in the database: what they are, and that a new one is due."""

from collections.abc import Sequence

from psycopg.types.json import Jsonb

from alphapulse_assets.indicators.series import Series, parse
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.settings import Settings, get_settings


def asked_for(settings: Settings | None = None) -> tuple[Series, ...]:
    """The series of ALPHAPULSE_INDICATORS__EXTRA, by default those of this process.

    Raises:
        ValueError: the setting names what cannot be; the message says what, and its variable.
    """
    try:
        return parse((settings or get_settings()).indicators.extra)
    except ValueError as error:
        raise ValueError(f"ALPHAPULSE_INDICATORS__EXTRA: {error}") from None


def settle(database: Database, series: Sequence[Series]) -> None:
    """Let exactly these be kept up to date: days with bars are due of the new ones, and of no others.

    A series is new where the settings did not ask for it before, or its formula has another version. Rows of
    those that are gone stay where they are. Doing it again changes nothing.
    """
    database.execute(statement("derived/series_end"), {"kept": [each.dataset for each in series]})
    for each in series:
        told = {"dataset": each.dataset, "number": each.number}
        if database.rows(statement("derived/series_known"), told)[0]["known"]:
            continue
        with database.transaction() as connection, connection.cursor() as cursor:
            cursor.executemany(statement("derived/record_series"), _rows(each))
            description = f"The indicators {', '.join(value.name for value in each.definitions)}."
            cursor.execute(
                statement("derived/series_begins"), {"dataset": each.dataset, "description": description}
            )


def _rows(series: Series) -> list[dict[str, object]]:
    return [
        {
            "logic_version": series.number,
            "place": place,
            "name": each.name,
            "series": series.name,
            "parameters": Jsonb(dict(each.parameters)),
            "formula_version": each.formula_version,
            "warm_up": each.warm_up,
            "description": each.description,
            "source": each.source,
            "unit": each.unit,
            "undefined": each.undefined,
        }
        for place, each in enumerate(series.definitions, start=1)
    ]
