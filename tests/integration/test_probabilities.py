"""Probabilities as they are stored: by what was known then, the same whenever they are computed."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
from cli_support import environment, run
from derived_support import FIRST
from probability_query_checks import NOW, PROBABILITY_CHECKS
from probability_support import (
    HORIZON,
    RATES_AS_OF,
    TRAINED_UNTIL,
    probabilities,
    told,
    with_model,
    with_outcomes,
)
from pydantic import SecretStr
from query_support import QUERIES
from query_support import run as answered
from signal_support import BYBIT, END

import alphapulse
from alphapulse_assets.models.artefact import WrongArtefactError, from_bytes
from alphapulse_assets.models.assets import probability_model
from alphapulse_assets.models.drift_check import drifted
from alphapulse_assets.models.inputs import read_labelled
from alphapulse_assets.models.model import FROM_RATES
from alphapulse_assets.patterns.events.configuration import DEFAULT
from alphapulse_assets.patterns.events.evidence import shape_column
from alphapulse_assets.patterns.events.model import DAILY_DELAY
from alphapulse_resources.database.client import Database
from alphapulse_resources.database.derived_store import COMPUTED, TIMEFRAME_IDS, DerivedStore
from alphapulse_resources.resources import DatabaseResource
from tests.databases import fresh_database


@pytest.fixture(scope="module")
def market(server_dsn: str) -> Iterator[tuple[Database, str]]:
    """A symbol with two days of everything, a model of the first 30 hours, and probabilities."""
    with fresh_database(server_dsn) as dsn:
        database = Database(dsn)
        with_outcomes(database)
        before = probabilities(database).days(BYBIT)
        assert before.failures == {}
        first = told(database)
        assert set(first["model_version"]) == {FROM_RATES}
        model = with_model(database)
        assert probabilities(database).days(BYBIT).failures == {}
        yield database, model.version
        database.close()


def test_an_event_is_scored_by_what_was_known_then(market: tuple[Database, str]) -> None:
    database, version = market
    rows = told(database)
    late = pl.col("known_at") >= TRAINED_UNTIL + DAILY_DELAY
    assert set(rows.filter(late)["model_version"]) == {version}
    assert set(rows.filter(~late)["model_version"]) == {FROM_RATES}
    assert rows.filter(~late)["known_at"].min() >= RATES_AS_OF + DAILY_DELAY
    assert (rows["trained_until"] + DAILY_DELAY <= rows["known_at"]).all()
    assert (rows["probability_low"] <= rows["probability"]).all()
    assert (rows["probability"] <= rows["probability_high"]).all()
    assert rows["probability"].is_between(0, 1).all()


def test_each_piece_of_evidence_has_one_row_from_then_on(market: tuple[Database, str]) -> None:
    database, _ = market
    events = database.read(
        "SELECT t.timeframe_id, ts, direction, family, pattern"
        " FROM pattern_confidence JOIN timeframes AS t USING (timeframe)"
        " WHERE stage = 'complete' AND direction <> 'neutral' AND known_at >= $1",
        (TRAINED_UNTIL + DAILY_DELAY,),
    )
    wanted = events.with_columns(shape_column()).group_by("timeframe_id", "ts", "direction", "shape").len()
    rows = told(database).filter(pl.col("known_at") >= TRAINED_UNTIL + DAILY_DELAY)
    keys = ["timeframe_id", "ts", "direction", "shape"]
    both = wanted.join(rows, on=keys, how="full", coalesce=True)
    assert both["len"].to_list() == both["names"].to_list()


def test_days_computed_again_one_by_one_have_the_same_rows(market: tuple[Database, str]) -> None:
    database, _ = market
    before = told(database)
    for day in BYBIT["bybit"]:
        found = probabilities(database).days({"bybit": [day]})
        assert (found.total.inserted, found.total.changed, found.total.removed) == (0, 0, 0)
    assert told(database).equals(before)


def test_numbers_that_were_changed_are_not_used(market: tuple[Database, str]) -> None:
    database, version = market
    (row,) = database.rows("SELECT artefact, artefact_hash FROM probability_models")
    data = bytearray(row["artefact"])
    data[len(data) // 2] ^= 1
    with pytest.raises(WrongArtefactError, match="changed or cut off"):
        from_bytes(bytes(data), row["artefact_hash"])
    assert from_bytes(bytes(row["artefact"]), row["artefact_hash"]).version == version


def test_signals_are_graded_by_the_evidence_of_their_trigger(market: tuple[Database, str]) -> None:
    database, _ = market
    grades = database.read("SELECT * FROM signal_grades")
    assert (
        grades.height == database.rows("SELECT count(*) AS n FROM signals WHERE signal <> 'neutral'")[0]["n"]
    )
    known = grades.drop_nulls("probability")
    assert known.height
    for row in known.iter_rows(named=True):
        (said,) = database.rows(
            "SELECT * FROM event_probability WHERE venue = %(venue)s AND symbol = %(symbol)s"
            " AND timeframe = %(timeframe)s AND ts = %(ts)s AND shape = %(shape)s AND horizon = %(horizon)s"
            " AND direction = %(direction)s",
            {**row, "direction": "bullish" if row["signal"].endswith("buy") else "bearish"},
        )
        assert said["probability"] == row["probability"]
        even = row["break_even"]
        wanted = "A" if row["probability_low"] > even else "B" if row["probability"] > even else "C"
        assert row["grade"] == wanted


def test_what_makes_confidences_due_makes_probabilities_due(market: tuple[Database, str]) -> None:
    database, _ = market
    key = database.rows("SELECT instrument_id FROM instruments WHERE tracked")[0]["instrument_id"]
    database.execute("DELETE FROM derived_dirty")
    database.execute(
        "INSERT INTO derived_dirty (dataset, instrument_id, day) VALUES ('signals', %(key)s, %(day)s)",
        {"key": key, "day": FIRST.date()},
    )
    due = "SELECT dataset FROM derived_dirty ORDER BY dataset"
    assert [row["dataset"] for row in database.rows(due)] == ["event_probabilities", "signals"]
    assert probabilities(database).changed().total.inserted == 0
    assert len(database.rows(due)) == 2, "they wait for the confidences"
    database.execute("DELETE FROM derived_dirty WHERE dataset = 'signals'")
    database.execute(
        "UPDATE event_probabilities SET probability = 0.5 WHERE ts >= %(end)s",
        {"end": END - timedelta(hours=1)},
    )
    assert probabilities(database).changed().total.changed > 0
    assert database.rows(due) == []


def test_a_model_makes_due_what_it_may_speak_of(market: tuple[Database, str]) -> None:
    database, version = market
    database.execute("DELETE FROM derived_dirty")
    database.execute("DELETE FROM probability_models")
    assert with_model(database).version == version, "the same data give the same model"
    marks = database.rows("SELECT dataset, day FROM derived_dirty")
    assert marks == [{"dataset": "event_probabilities", "day": TRAINED_UNTIL.date()}]
    with_model(database)
    database.execute("DELETE FROM derived_dirty")
    with_model(database)
    assert database.rows("SELECT dataset FROM derived_dirty") == [], "one that is there makes nothing due"
    assert DEFAULT.models.horizons == (10,)


def test_features_in_sql_are_those_of_the_pure_function(market: tuple[Database, str]) -> None:
    database, _ = market
    store = DerivedStore(database)
    pure, came = read_labelled(store, store.tracked(["bybit"]), COMPUTED, FIRST, END, DEFAULT)
    keys = ["instrument_id", "timeframe", "ts", "direction", "shape"]
    labelled_rows = pure.join(came.filter(pl.col("horizon") == HORIZON), on=keys, how="left")
    asked = database.read("SELECT * FROM event_features").with_columns(pl.col("instrument_id").cast(pl.Int32))
    both = asked.join(labelled_rows, on=keys, how="left", suffix="_pure")
    assert both.height == asked.height > 1_000
    names = [name for name in labelled_rows.columns if name not in (*keys, "horizon")]
    for name in names:
        one, other = both[name], both[f"{name}_pure"]
        assert one.is_null().to_list() == other.is_null().to_list(), name
        if one.dtype == pl.Float64:
            apart = (one - other).abs().max()
            assert apart is None or apart < 1e-6 * (1 + other.abs().max()), name  # type: ignore[operator]
        else:
            assert one.drop_nulls().to_list() == other.drop_nulls().to_list(), name
    assert both["is_right"].null_count() < both.height


def test_features_are_written_as_of_a_time_with_a_card(
    market: tuple[Database, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, version = market
    file, end = tmp_path / "events.parquet", FIRST + timedelta(hours=20)
    given = ("--symbol", "btc/usdt", "--timeframe", "1m", "--start", FIRST.isoformat())
    with environment(monkeypatch, tmp_path, DSN=database.dsn):
        said = run("features", *given, "--end", end.isoformat(), "--out", str(file))
        assert said.code == 0, said
        refused = run("features", *given, "--end", FIRST.isoformat(), "--out", str(file))
        assert refused.code != 0
        with alphapulse.connect(database.dsn) as db:
            assert db.models()["model_version"].to_list() == [version]
            asked = db.features("BTC/USDT", "1m", start=FIRST, end=end)
            assert db.signal_grades().height
            assert db.probabilities(min_probability=0.9).filter(pl.col("probability") < 0.9).is_empty()
    frame = pl.read_parquet(file)
    assert frame["known_at"].max() <= end
    known = [name for name in frame.columns if name.startswith("label_known_at")]
    assert all(frame[name].max() <= end for name in known)
    assert frame[f"label_known_at_{HORIZON}"].null_count() > 0, "of the last events nothing is known yet"
    card = json.loads(file.with_suffix(".card.json").read_text())
    assert [each["name"] for each in card["columns"]] == frame.columns
    assert card["rows"] == frame.height
    assert all(each["meaning"] for each in card["columns"])
    assert file.with_suffix(".card.md").read_text().startswith("# Data card")
    keys = ["timeframe", "ts", "direction", "shape"]
    both = asked.join(frame.with_columns(pl.col("instrument_id")), on=keys, how="inner", suffix="_file")
    assert both.height == asked.height > 100
    assert (both["move_before_atr"] - both["move_before_atr_file"]).abs().max() < 1e-9  # type: ignore[operator]


def test_the_query_about_probabilities_answers_right(market: tuple[Database, str]) -> None:
    database, _ = market
    store = DerivedStore(database)
    _, came = read_labelled(store, store.tracked(["bybit"]), COMPUTED, FIRST, END, DEFAULT)
    keys = ["instrument_id", "timeframe_id", "ts", "direction", "shape"]
    labels = came.filter(pl.col("horizon") == HORIZON).with_columns(
        pl.col("timeframe").replace_strict(TIMEFRAME_IDS, return_dtype=pl.Int16).alias("timeframe_id")
    )
    both = told(database).join(labels.drop("timeframe", "horizon"), on=keys, how="inner")
    for name, check in PROBABILITY_CHECKS.items():
        (path,) = [path for path in QUERIES if path.stem == name]
        check(answered(database, path, NOW), both)


def test_the_asset_trains_apart_and_shows_its_card(market: tuple[Database, str]) -> None:
    database, version = market
    database.execute("DELETE FROM probability_models")
    config = {"ops": {"probability_model": {"config": {"as_of": TRAINED_UNTIL.isoformat()}}}}
    resource = DatabaseResource(dsn=SecretStr(database.dsn), home="")
    made = dg.materialize([probability_model], resources={"database": resource}, run_config=config)
    (shown,) = made.asset_materializations_for_node("probability_model")
    assert shown.metadata[f"h{HORIZON}_model_version"].value == version, "as in this process"
    assert "base64" in str(shown.metadata[f"h{HORIZON}_picture"].value)
    (card,) = database.rows("SELECT * FROM model_cards")
    assert (card["model_version"], card["configurations_tried"]) == (version, 7)
    assert card["known_at"] == TRAINED_UNTIL + DAILY_DELAY


def test_what_a_model_said_is_held_against_what_came(market: tuple[Database, str]) -> None:
    database, version = market
    found = drifted(database, END, DEFAULT)
    figures, told_so = found[version]
    assert figures["n"] > 200
    assert 0 < figures["brier"] < 0.5
    assert figures["stability"]["weekday"] > 0.25, "it learned of a Sunday and was asked on a Monday"
    assert any("weekday" in words for words in told_so)
