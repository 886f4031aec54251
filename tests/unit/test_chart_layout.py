"""The records of the chart scan's memory lie where its offsets say."""

import numpy as np

from alphapulse_assets.patterns.chart import layout as at

FLOAT = np.dtype(np.float64).itemsize


def places(record: np.dtype[np.void]) -> dict[str, int]:
    """Where each field begins, counted in numbers."""
    assert record.fields is not None
    return {name: offset // FLOAT for name, (_, offset, *_) in record.fields.items()}


def test_a_record_is_as_long_as_what_it_names() -> None:
    sizes = [record.itemsize // FLOAT for record in (at.POINT_RECORD, at.NOW_RECORD, at.SCALE_RECORD)]
    assert sizes == [at.POINT, at.NOW_SIZE, at.SCALE_SIZE]


def test_the_fields_of_a_record_lie_at_their_offsets() -> None:
    assert places(at.POINT_RECORD) == {
        **{"x": at.X, "price": at.PRICE, "kind": at.KIND, "confirmed": at.CONFIRMED},
        **{"atr": at.ATR, "volumes": at.VOLUMES, "closes": at.CLOSES, "bars": at.BARS},
    }
    assert places(at.NOW_RECORD) == {
        **{"x": at.NOW_X, "high": at.HIGH, "low": at.LOW, "close": at.CLOSE, "volume": at.VOLUME},
        **{"atr": at.NOW_ATR, "volumes": at.NOW_VOLUMES, "closes": at.NOW_CLOSES, "bars": at.NOW_BARS},
        **{"first_close": at.FIRST_CLOSE, "open_patterns": at.OPEN_PATTERNS, "admitted": at.ADMITTED},
        **{"step": at.STEP, "last_close": at.LAST_CLOSE, "scales": at.SCALES},
    }
    assert places(at.SCALE_RECORD) == {
        **{"multiple": at.MULTIPLE, "direction": at.LEG_AT + at.DIRECTION, "since": at.LEG_AT + at.SINCE},
        **{"count": at.LEG_AT + at.COUNT, "extreme": at.EXTREME, "highest": at.SEEDS},
        "lowest": at.SEEDS + at.POINT,
        **{f"pivot_{number}": at.PIVOTS_AT + number * at.POINT for number in range(at.PIVOTS)},
        "tails": at.TAILS,
    }
