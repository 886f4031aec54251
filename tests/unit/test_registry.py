"""The registry of data sets and what is computed from it: no data set is told of twice or halfway."""

import polars as pl
import pytest

from alphapulse_assets import registry
from alphapulse_assets.datasets.dataset import Dataset
from alphapulse_assets.datasets.derived_assets import derived_asset
from alphapulse_assets.datasets.derived_checks import rules
from alphapulse_assets.datasets.rules import AFTER_CLOSE
from alphapulse_assets.definitions import build_defs, defs
from alphapulse_resources.database.migrations import column_comments
from alphapulse_resources.database.tables import BAR_KEY, Table, computed_table

GRAPH = defs.resolve_asset_graph()
NAMES = [each.name for each in registry.DATASETS]
PLAIN = Dataset(name="plain", description="Says little. Says no more.", group="tests")


@pytest.mark.parametrize("dataset", registry.DATASETS, ids=NAMES)
def test_a_data_set_is_one_asset_with_what_its_room_says(dataset: Dataset) -> None:
    (node,) = (GRAPH.get(key) for key in GRAPH.get_all_asset_keys() if key.path == [dataset.name])
    assert (node.group_name, node.code_version) == (dataset.group, dataset.code_version)
    assert node.description == dataset.description
    assert {parent.to_user_string() for parent in node.parent_keys} == set(dataset.reads)
    assert {check.name for check in dataset.checks} <= {key.name for key in node.check_keys}
    assert 20 < len(dataset.sentence) < 400
    assert dataset.stored_in


def test_every_asset_has_its_data_set_and_each_is_there_once() -> None:
    assert sorted(NAMES) == sorted(key.to_user_string() for key in GRAPH.get_all_asset_keys())
    relations = [name for each in registry.DATASETS for name in each.stored_in]
    assert len(relations) == len(set(relations))


def test_what_a_data_set_reads_comes_before_it() -> None:
    for place, each in enumerate(registry.DATASETS):
        assert set(each.reads) <= set(NAMES[:place]), each.name


@pytest.mark.parametrize("dataset", registry.derived(), ids=lambda each: each.name)
def test_tables_and_rules_speak_of_the_columns_of_the_migration(dataset: Dataset) -> None:
    for table in dataset.tables:
        assert isinstance(table, Table)
        assert set(table.columns) == set(column_comments(table.name)), table.name
    columns = dataset.rules.columns if dataset.rules is not None else ()
    told = column_comments(dataset.table.name)
    if "kind_id" in told:  # the names stand beside it
        told = told | column_comments("pattern_kinds")
    assert set(columns) - {AFTER_CLOSE} <= set(told)


def test_a_data_set_that_is_not_in_the_registry_is_nowhere() -> None:
    fewer = [each for each in registry.DATASETS if each.name != "volume_profiles"]
    graph = build_defs(datasets=fewer).resolve_asset_graph()
    assert {key.to_user_string() for key in graph.get_all_asset_keys()} == {*NAMES} - {"volume_profiles"}
    assert all(key.asset_key.path != ["volume_profiles"] for key in graph.asset_check_keys)
    assert "volume_profiles" not in registry.refreshed_each_minute(fewer)


def test_without_derivation_or_rules_the_engines_say_what_is_missing() -> None:
    with pytest.raises(ValueError, match="plain is not derived from bars"):
        derived_asset(PLAIN)
    check = rules("Rules.", lambda scope, dataset: pl.DataFrame())
    with pytest.raises(ValueError, match="plain promises to hold to rules and has none"):
        check.run(None, PLAIN)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="plain has no table"):
        _ = PLAIN.table


def test_the_first_sentence_stands_alone() -> None:
    assert PLAIN.sentence == "Says little."


def test_a_computed_table_has_known_at_first_and_no_column_twice() -> None:
    table = computed_table("t", (*BAR_KEY, "logic_version"), ["ts", "timeframe", "a", "known_at", "b"])
    assert table.values == ("known_at", "a", "b")
    assert table.computed
