"""One bar and shape is one piece of evidence, whatever its names."""

import polars as pl
import pytest

from alphapulse_assets.patterns.candlestick.catalogue import CATALOGUE
from alphapulse_assets.patterns.chart.definitions import CHART_CATALOGUE
from alphapulse_assets.patterns.events.evidence import CHART, SHAPES, shape_column, shape_of
from alphapulse_assets.volume.definitions import VOLUME_CATALOGUE

EVERY = [
    *(("candlestick", name) for name in CATALOGUE),
    *(("volume", name) for name in VOLUME_CATALOGUE),
    *(("chart", name) for name in CHART_CATALOGUE),
]


def test_every_pattern_has_a_shape_and_the_frame_says_the_same() -> None:
    frame = pl.DataFrame(EVERY, schema=["family", "pattern"], orient="row").with_columns(shape_column())
    assert frame["shape"].to_list() == [shape_of(*each) for each in EVERY]
    assert {each for each in EVERY if each[0] != CHART} == set(SHAPES)


def test_the_names_of_one_big_bar_with_volume_are_one_shape() -> None:
    names = ("belt_hold", "closing_marubozu", "engulfing", "long_line", "marubozu")
    assert {shape_of("candlestick", name) for name in names} == {shape_of("volume", "spike")}


def test_a_pattern_without_a_shape_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'whatever' has no shape"):
        shape_of("volume", "whatever")
