"""`alphapulse features`: what was known of each event when it was, and its labels, as a file with a card."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alphapulse_assets.models.export import as_markdown, data_card, feature_frame
from alphapulse_assets.patterns.events.configuration_store import configured
from alphapulse_cli.database import CommandError, open_database
from alphapulse_cli.export import parse_time
from alphapulse_cli.meant import known_or_as_asked, symbols_of, venues_of
from alphapulse_cli.output import console
from alphapulse_resources.database.derived_store import COMPUTED, DerivedStore, Subject
from alphapulse_resources.settings import get_settings

DAYS = 30


def run(
    file: Path,
    *,
    symbol: str | None,
    venue: str | None,
    timeframe: str | None,
    start: str | None,
    end: str | None,
) -> None:
    """Write the frame, and its card beside it as JSON and Markdown."""
    if file.suffix not in (".parquet", ".csv"):
        raise CommandError(f"{file} ends in neither .parquet nor .csv")
    if timeframe is not None and timeframe not in COMPUTED:
        raise CommandError(f"nothing is computed of {timeframe}; choose of {', '.join(COMPUTED)}")
    last = parse_time(end, "--end") or datetime.now(UTC)
    first = parse_time(start, "--start") or last - timedelta(days=DAYS)
    if first >= last:
        raise CommandError(f"--start {first} is not before --end {last}")
    store = DerivedStore(open_database())
    subjects = _subjects(store, venue, symbol)
    configuration = configured(get_settings())
    names = [timeframe] if timeframe else list(COMPUTED)
    frame = feature_frame(store, subjects, names, first, last, configuration)
    if frame.is_empty():
        told = ", ".join(map(str, subjects[:5]))
        raise CommandError(
            f"no confirmed event of {told} between {first} and {last} has a confidence: nothing was written;"
            " features are made of pattern_confidence, see alphapulse status"
        )
    card = data_card(store, frame, (first, last), configuration)
    if file.suffix == ".csv":
        frame.write_csv(file)
    else:
        frame.write_parquet(file)
    file.with_suffix(".card.json").write_text(json.dumps(card, indent=2, ensure_ascii=False) + "\n")
    words = file.with_suffix(".card.md")
    words.write_text(as_markdown(card))
    console().print(
        f"{file}: {frame.height:,} events, {frame.width} columns; {words} says what they are", markup=False
    )


def _subjects(store: DerivedStore, venue: str | None, symbol: str | None) -> list[Subject]:
    database = store.database
    if venue is not None:
        venue = known_or_as_asked(venue, venues_of(database))
    if symbol is not None:
        symbol = known_or_as_asked(symbol, symbols_of(database, venue))
    venues = [venue] if venue else venues_of(database)
    found = store.tracked(venues, None if symbol is None else [symbol])
    if not found:
        what = " ".join(name for name in (venue, symbol) if name) or "any symbol"
        raise CommandError(f"nothing is known of {what}: alphapulse symbols list")
    return found
