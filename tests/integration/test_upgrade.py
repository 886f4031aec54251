"""A database of the version before is upgraded in place: nothing lost, views show what they showed."""

import hashlib
import shutil
from pathlib import Path

import psycopg
from schema_rows import fill, shown

from alphapulse_resources.database.migrations import MIGRATIONS, migrate
from alphapulse_resources.frames import AGGREGATED
from tests.databases import fresh_database

BEFORE = "0028"
"""The last migration of the version before."""
UNEDITED = "d19160335cd9e9590aaeeba17b044589d925ce3cae022c4c8e02f31ee1a0afd5"
REFERENCE = {"venues", "timeframes", "sources", "derived_datasets", "write_locks"}
"""Tables that migrations add rows to."""
WORK = {"refresh_failures", "derived_dirty"}
"""Tables that say what is to be done: a migration may find more."""
GIVE_WAY = {"ohlcv", "bars", "indicators"}
"""Views in which a bar that lacks minutes gives way to a native one, since 0056."""

NARROWED = {"pattern_outcome_events", "pattern_confidences", "pattern_confluences", "pattern_relationships"}
"""Tables that migration 0055 gave another form. Rows made by rule, with names and sums that nobody's rules
give, have no place in it and are kept as they were; real ones are converted (test_narrow_patterns)."""
SHOWING_THEM = {"pattern_outcomes", "pattern_confidence", "pattern_confluence"}


def old_migrations() -> list[Path]:
    return [file for file in sorted(MIGRATIONS.glob("*.sql")) if file.stem[:4] <= BEFORE]


def test_no_migration_of_the_version_before_was_edited() -> None:
    """Its databases never apply them again: what is edited there is only in new databases."""
    text = b"".join(file.read_bytes() for file in old_migrations())
    assert hashlib.sha256(text).hexdigest() == UNEDITED


def test_an_old_database_is_upgraded_with_nothing_lost(server_dsn: str, tmp_path: Path) -> None:
    for file in old_migrations():
        shutil.copy(file, tmp_path)
    with fresh_database(server_dsn, migrated=False) as dsn:
        applied = migrate(dsn, directory=tmp_path).applied
        assert applied[-1].startswith(BEFORE)
        with psycopg.connect(dsn, autocommit=True) as connection:
            tables = fill(connection)
            connection.execute("CALL refresh_all_ohlcv()")
            before, again = shown(connection), shown(connection)
        assert [name for name in tables if not before[name].rows and name != "ohlcv_dirty"] == []
        upgraded = migrate(dsn)
        assert upgraded.applied[0].startswith("0029")
        assert "ohlcv" in upgraded.objects
        with psycopg.connect(dsn) as connection:
            after = shown(connection)
        assert before.keys() <= after.keys()
        for name, old in before.items():
            if name in SHOWING_THEM:
                continue
            new = after[f"{name}_unconverted" if name in NARROWED else name]
            assert set(old.columns) <= set(new.columns), f"{name} lost columns"
            # what tells of now is another at each look
            steady = tuple(each for each in old.columns if old.only((each,)) == again[name].only((each,)))
            assert len(steady) > len(old.columns) / 2, f"{name} shows nothing twice"
            if name in GIVE_WAY:
                assert len(new.rows) >= len(old.rows), f"{name} lost rows"
                continue
            assert old.only(steady) - new.only(steady) == {}, f"{name} lost or changed rows"
            if name not in REFERENCE and not (new.is_view or name in WORK):
                assert len(new.rows) == len(old.rows), f"{name} has rows that nobody wrote"
        assert [name for name in AGGREGATED if not before[f"ohlcv_{name}"].rows] == []
        # these are of now, or of stretches and ends that rows made by rule do not have
        empty = {name for name, each in before.items() if each.is_view and not each.rows}
        assert len(empty) <= 13, empty
        assert not empty & {"ohlcv", "indicators", "candle_coverage", "signals", "order_flow", "patterns"}
        done = migrate(dsn)
        assert (done.applied, done.objects) == ([], [])
