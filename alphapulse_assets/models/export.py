"""Features as of a time as one frame, for one's own models, with a card that says what they are."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import polars as pl

from alphapulse_assets.models.inputs import read_labelled
from alphapulse_assets.models.model import FEATURE_SCHEMA, FEATURES_VERSION, IDENTITY, digest
from alphapulse_assets.models.terms import features_digest
from alphapulse_assets.patterns.evaluation.outcomes import LOGIC_VERSION as OUTCOME_VERSION
from alphapulse_assets.patterns.events.configuration import PatternConfiguration
from alphapulse_assets.patterns.events.evidence import EVIDENCE
from alphapulse_assets.patterns.events.kinds import SIGNS
from alphapulse_assets.patterns.scoring.confidence import LOGIC_VERSION as CONFIDENCE_VERSION
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.derived_store import DerivedStore, Subject

LABELS: Final = {
    "gross_return": "Label: return its way from the close to the close at the horizon, a fraction.",
    "net_return": "Label: the same less the costs of a round trip.",
    "is_right": "Label: whether the net return is above 0.",
    "label_known_at": "When the labels of the horizon were known: nothing may learn from them before.",
}
"""Columns of each horizon, named with its number of bars."""
VIEW: Final = "event_features"
"""Where the meanings of the features are told."""


def feature_frame(
    store: DerivedStore,
    subjects: Sequence[Subject],
    timeframes: Sequence[str],
    start: datetime,
    end: datetime,
    configuration: PatternConfiguration,
) -> pl.DataFrame:
    """A row per piece of evidence of bars in [start, end): venue, symbol, features, labels of all horizons.

    Labels are null where their horizon was not over at `end`: nothing later than that is in the frame.
    """
    told, came = read_labelled(store, subjects, timeframes, start, end, configuration)
    names = pl.DataFrame(
        {
            "instrument_id": [each.instrument_id for each in subjects],
            "venue": [each.venue for each in subjects],
            "symbol": [each.symbol for each in subjects],
        },
        schema_overrides={"instrument_id": pl.Int32()},
    )
    frame = names.join(told, on="instrument_id", how="inner").join(
        _books(store, told), on=list(EVIDENCE), how="left"
    )
    for horizon in configuration.outcomes.horizons:
        mine = came.filter(pl.col("horizon") == horizon).select(
            *EVIDENCE, *(pl.col(name).alias(f"{name}_{horizon}") for name in LABELS)
        )
        frame = frame.join(mine, on=list(EVIDENCE), how="left")
    return frame.sort("known_at", "venue", "symbol", "timeframe", "direction", "shape")


def _books(store: DerivedStore, told: pl.DataFrame) -> pl.DataFrame:
    """Spread and imbalance its way, of rows that had a proven book."""
    found = []
    for (key,), rows in told.group_by("instrument_id"):
        moments = rows["known_at"].unique().to_list()
        books = store.database.read(statement("models/books"), (key, moments)).cast(
            {"known_at": FEATURE_SCHEMA["known_at"], "spread_bps": pl.Float64, "book_imbalance": pl.Float64}
        )
        found.append(rows.select("known_at", *EVIDENCE).join(books, on="known_at", how="inner"))
    schema = {name: FEATURE_SCHEMA[name] for name in ("known_at", *EVIDENCE)}
    numbers = {"spread_bps": pl.Float64(), "book_imbalance": pl.Float64()}
    sign = pl.col("direction").replace_strict(SIGNS, return_dtype=pl.Float64)
    return (
        pl.concat([pl.DataFrame(schema={**schema, **numbers}), *found])
        .with_columns((sign * pl.col("book_imbalance")).alias("imbalance"))
        .select(*EVIDENCE, "spread_bps", "imbalance")
    )


def data_card(
    store: DerivedStore,
    frame: pl.DataFrame,
    window: tuple[datetime, datetime],
    configuration: PatternConfiguration,
) -> dict[str, Any]:
    """What a frame holds: window, counts, versions, digest, and each column with its meaning."""
    _, columns = store.database.describe(VIEW)
    meanings = {column.name: column.description for column in columns}
    for horizon in configuration.outcomes.horizons:
        meanings |= {
            f"{name}_{horizon}": f"{words} Horizon: {horizon} bars." for name, words in LABELS.items()
        }
    return {
        "what": "Features as of a time: each was known at known_at. Labels were known at label_known_at_*.",
        "start": window[0].isoformat(),
        "end": window[1].isoformat(),
        "rows": frame.height,
        "symbols": sorted(set(frame["venue"] + " " + frame["symbol"])),
        "timeframes": sorted(set(frame["timeframe"])),
        "costs": {
            "fee_bps": configuration.costs.fee_bps,
            "slippage_bps": configuration.costs.slippage_bps,
            "round_trip": configuration.costs.round_trip,
        },
        "versions": {
            "features": FEATURES_VERSION,
            "confidence": CONFIDENCE_VERSION,
            "outcomes": OUTCOME_VERSION,
            "configuration": configuration.version,
        },
        "features_digest": features_digest(),
        "data_digest": digest(frame.write_csv()),
        "key": [name for name in IDENTITY if name != "known_at"],
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "columns": [
            {
                "name": name,
                "type": str(kind),
                "meaning": meanings.get(name) or "Key of the instrument.",
                "nulls": frame[name].null_count(),
            }
            for name, kind in frame.schema.items()
        ],
    }


def as_markdown(card: dict[str, Any]) -> str:
    """The same card for people."""
    facts = ("start", "end", "rows", "symbols", "timeframes", "costs", "versions", "data_digest")
    lines = ["# Data card", "", card["what"], "", *(f"- {name}: {card[name]}" for name in facts), ""]
    lines += ["| column | type | nulls | meaning |", "|---|---|---|---|"]
    lines += [
        f"| `{each['name']}` | {each['type']} | {each['nulls']} | {each['meaning']} |"
        for each in card["columns"]
    ]
    return "\n".join(lines) + "\n"
