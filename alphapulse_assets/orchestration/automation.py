"""What runs by itself: sensors for what cannot wait, schedules for what belongs to a day.

Each sensor asks the database what is due, so that a restart forgets nothing, and asks for one run for all
of it: a run costs seconds, whatever it does. Run keys name what is asked for, so that a repeated tick does
not ask twice.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import dagster as dg

from alphapulse_assets.candles.assets import REFRESH_JOB, REPAIR_JOB
from alphapulse_assets.candles.coarse import due
from alphapulse_assets.datasets.dataset import NO_LOOK_AHEAD, REFRESH_DERIVED_JOB, REFRESH_REACTIONS_JOB
from alphapulse_assets.datasets.partitions import VENUE_NAMES, range_tags, today
from alphapulse_assets.datasets.reporting import REPORTS_ITSELF
from alphapulse_assets.datasets.switchable import Switchable, schedule, sensor
from alphapulse_assets.datasets.tags import IN_A_HURRY, LATENCY, LAYER
from alphapulse_assets.indicators.series_store import asked_for, settle
from alphapulse_assets.registry import computed_again, refreshed_each_minute
from alphapulse_assets.streaming.checks import LONGEST_CHECK, check_streams
from alphapulse_resources.database.client import statement
from alphapulse_resources.database.upsert import OHLCV_1M
from alphapulse_resources.frames import floor_time
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings
from alphapulse_resources.venue_queue import VENUE_TAG

TIMEFRAME_ASSETS: Final = dg.AssetSelection.tag(LAYER, "timeframes") | dg.AssetSelection.tag(LAYER, "bars")
"""Bars of 5m to 1w, and what stands for all of them."""
COARSE: Final = dg.AssetSelection.tag(LAYER, "history")
"""The venues' own longer bars, from before there are minutes."""
CANDLES: Final = dg.AssetSelection.groups("candles") - COARSE
"""Candles of minutes, timeframes, gaps and quality."""
MODEL: Final = dg.AssetSelection.assets("probability_model")
"""Trained once a month, in a run of its own."""
FROM_BARS: Final = dg.AssetSelection.groups("indicators", "volume", "patterns", "signals", "models") - MODEL
"""All that is computed from bars, and from that again."""
EACH_MINUTE: Final = dg.AssetSelection.tag(LATENCY, "minute")
EACH_DAY: Final = dg.AssetSelection.tag(LATENCY, "day")
OF_ALL: Final = dg.AssetSelection.tag(LAYER, "statistics")
"""Statistics of all symbols, which have a run of their own each day."""
HOURLY: Final = dg.AssetSelection.checks(dg.AssetCheckKey(dg.AssetKey("ohlcv_1m"), "stream_equals_batch"))
"""Checks of candles that are made each hour (`streaming.checks`), not with every run."""
AGAIN: Final = dg.AssetSelection.checks(
    *(dg.AssetCheckKey(dg.AssetKey(name), NO_LOOK_AHEAD) for name in computed_again())
)
"""Checks that compute again: with whole days, not each minute."""
RUNNING: Final = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
]
LONGEST: Final = {
    "resolve_instruments": timedelta(minutes=10),
    "refresh_candles": timedelta(minutes=15),
    "refresh_timeframes": timedelta(hours=1),
    "repair_gaps": timedelta(hours=2),
    "backfill_candles": timedelta(hours=24),
    "backfill_coarse_candles": timedelta(hours=6),
    "refresh_indicators": timedelta(hours=6),
    "backfill_indicators": timedelta(hours=24),
    "refresh_reactions": timedelta(hours=6),
    "train_models": timedelta(hours=6),
    check_streams.name: LONGEST_CHECK,
}
"""Longest time of a run of each job (ours); monitoring ends a run that takes longer."""
RETRY_AFTER: Final = timedelta(minutes=5)
"""Doubled with every failure, the first included, it is how long a failed symbol rests: 10 minutes before the
first retry, then 20, at most six hours (ours)."""
NO_SYMBOL: Final = "no symbol is tracked yet: alphapulse symbols add"
_MINUTE: Final = "%Y-%m-%d %H:%M"


def _max_runtime(job_name: str) -> dict[str, str]:
    return {"dagster/max_runtime": str(int(LONGEST[job_name].total_seconds()))}


resolve_instruments = dg.define_asset_job(
    "resolve_instruments",
    selection=["instruments"],
    executor_def=dg.in_process_executor,
    description="What the venues say of the tracked symbols.",
    tags=_max_runtime("resolve_instruments"),
)
refresh_candles = dg.define_asset_job(
    REFRESH_JOB,
    selection=(CANDLES & EACH_MINUTE) - HOURLY,
    executor_def=dg.in_process_executor,
    description="Newest candles of every venue and the timeframes they touch.",
    tags={"dagster/priority": "5", **REPORTS_ITSELF, **IN_A_HURRY, **_max_runtime("refresh_candles")},
)
backfill_candles = dg.define_asset_job(
    "backfill_candles",
    selection=CANDLES - HOURLY,
    executor_def=dg.in_process_executor,
    description="Whole days: candles, timeframes, gaps, quality and all checks.",
    tags=_max_runtime("backfill_candles"),
)
backfill_coarse_candles = dg.define_asset_job(
    "backfill_coarse_candles",
    selection=COARSE,
    executor_def=dg.in_process_executor,
    description="The venues' own bars of 1h and 1d from before symbols have minutes.",
    tags=_max_runtime("backfill_coarse_candles"),
)
repair_gaps = dg.define_asset_job(
    REPAIR_JOB,
    selection=CANDLES - HOURLY,
    executor_def=dg.in_process_executor,
    description="Open gaps that are due: every independent source is asked, then all that depends on them.",
    tags={**REPORTS_ITSELF, **_max_runtime("repair_gaps")},
)
refresh_timeframes = dg.define_asset_job(
    "refresh_timeframes",
    selection=TIMEFRAME_ASSETS,
    executor_def=dg.in_process_executor,
    description="Timeframes whose candles changed outside a run: an import, a correction, a killed run.",
    tags={**REPORTS_ITSELF, **IN_A_HURRY, **_max_runtime("refresh_timeframes")},
)
refresh_indicators = dg.define_asset_job(
    REFRESH_DERIVED_JOB,
    selection=(FROM_BARS & EACH_MINUTE) - AGAIN,
    executor_def=dg.in_process_executor,
    description="Indicators, regimes, patterns, confidence and signals of bars that are new or changed.",
    tags={"dagster/priority": "4", **REPORTS_ITSELF, **IN_A_HURRY, **_max_runtime("refresh_indicators")},
)
backfill_indicators = dg.define_asset_job(
    "backfill_indicators",
    selection=FROM_BARS - OF_ALL,
    executor_def=dg.in_process_executor,
    description="Whole days of what is computed from bars, with all checks.",
    tags=_max_runtime("backfill_indicators"),
)
refresh_reactions = dg.define_asset_job(
    REFRESH_REACTIONS_JOB,
    selection=FROM_BARS & EACH_DAY,
    executor_def=dg.in_process_executor,
    description="What price did after patterns and how they performed, as far as it is known.",
    tags={**REPORTS_ITSELF, **_max_runtime("refresh_reactions")},
)
train_models = dg.define_asset_job(
    "train_models",
    selection=MODEL,
    executor_def=dg.in_process_executor,
    description="The model of probabilities, of all that is known today, and whether the last has drifted.",
    tags=_max_runtime("train_models"),
)
jobs: Final = [
    resolve_instruments,
    refresh_candles,
    backfill_candles,
    backfill_coarse_candles,
    repair_gaps,
    refresh_timeframes,
    refresh_indicators,
    backfill_indicators,
    refresh_reactions,
    train_models,
]


def _sensor(job: Any, seconds: int) -> Callable[[Callable[..., Any]], Switchable[dg.SensorDefinition]]:
    """A sensor that asks for runs of `job`."""
    return sensor(job=job, minimum_interval_seconds=seconds)


def _schedule(job: Any, cron: str) -> Callable[[Callable[..., Any]], Switchable[dg.ScheduleDefinition]]:
    """A schedule that asks for runs of `job`."""
    return schedule(job=job, cron_schedule=cron)


def fetch_config(mode: str, symbols: list[str] | None = None) -> dict[str, Any]:
    """Run config of `ohlcv_1m`."""
    config: dict[str, Any] = {"mode": mode}
    if symbols is not None:
        config["symbols"] = symbols
    return {"ops": {"ohlcv_1m": {"config": config}}}


@_sensor(resolve_instruments, seconds=10)
def new_symbols(context: dg.SensorEvaluationContext, database: DatabaseResource) -> dg.SensorResult:
    """A symbol that was just added is looked up at its venue."""
    unresolved = database.get().rows(statement("instruments/unresolved"))
    if not unresolved or _is_running(context, resolve_instruments.name):
        return dg.SensorResult(skip_reason="no new symbol, or being looked up")
    venues = [row["venue"] for row in unresolved]
    return dg.SensorResult(
        [dg.RunRequest(run_config={"ops": {"instruments": {"config": {"venues": venues}}}})]
    )


@_sensor(refresh_candles, seconds=15)
def newest_candles(context: dg.SensorEvaluationContext, database: DatabaseResource) -> dg.SensorResult:
    """Soon after each minute has closed: the newest candles of all venues, in one run.

    Where the streams bring every symbol's candles, what they brought is held against the venues' answers only
    every `verify_minutes`: a run costs seconds of a processor, whatever it finds.
    """
    minute = floor_time(datetime.now(UTC), "1m")
    asked = _minute(context.cursor)
    if asked == minute:
        return dg.SensorResult(skip_reason=f"candles up to {minute:{_MINUTE}} have been asked for")
    venues = _fetched_venues(database)
    if not venues:
        return dg.SensorResult(skip_reason=NO_SYMBOL)
    if _is_running(context, refresh_candles.name):
        return dg.SensorResult(skip_reason="the last refresh is still running")
    due = asked + timedelta(minutes=get_settings().automation.verify_minutes) if asked else minute
    if minute < due and not database.get().rows(statement("candles/behind")):
        return dg.SensorResult(
            skip_reason=f"the streams have brought every candle; they are verified at {due:{_MINUTE}}"
        )
    # one run for all venues: the range of venues may hold some without symbols, which cost nothing
    tags = range_tags(today(), today(), *_venue_range(venues))
    requests = [dg.RunRequest(run_config=fetch_config("newest"), tags=tags)]
    return dg.SensorResult(requests, cursor=f"{minute:{_MINUTE}}")


def _minute(cursor: str | None) -> datetime | None:
    """The minute of the last run, as the cursor has it."""
    return datetime.strptime(cursor, _MINUTE).replace(tzinfo=UTC) if cursor else None


@_sensor(backfill_candles, seconds=15)
def symbol_history(context: dg.SensorEvaluationContext, database: DatabaseResource) -> dg.SensorResult:
    """A symbol with days missing from its history gets them: one run a venue, only the symbols in need."""
    requests = []
    first = get_settings().history.first_partition
    due = {"dataset": OHLCV_1M.name, "rest": RETRY_AFTER, "first_partition": first}
    for row in database.get().rows(statement("ledger/history_due"), due):
        if _is_running(context, backfill_candles.name, {VENUE_TAG: row["venue"]}):
            continue
        requests.append(
            dg.RunRequest(
                run_config=fetch_config("days", row["symbols"]),
                tags={
                    VENUE_TAG: row["venue"],
                    "alphapulse/reason": "history" if row["attempts"] == 0 else f"retry {row['attempts']}",
                    **range_tags(row["first_day"], row["last_day"], row["venue"], row["venue"]),
                },
            )
        )
    return dg.SensorResult(requests, skip_reason=None if requests else "every history is complete")


@_sensor(backfill_coarse_candles, seconds=60)
def coarse_history(context: dg.SensorEvaluationContext, database: DatabaseResource) -> dg.SensorResult:
    """A symbol gets what its venue has of longer bars from before its minutes: one run a venue, once."""
    requests, history, store = [], get_settings().history, database.candles()
    resting = {
        row["instrument_id"]
        for row in database.get().rows(statement("candles/coarse_resting"), {"rest": RETRY_AFTER})
    }
    for venue in _fetched_venues(database):
        if _is_running(context, backfill_coarse_candles.name, {VENUE_TAG: venue}):
            continue
        lacking = due(store, venue, history.coarse_days, history.first_partition, datetime.now(UTC), resting)
        if not lacking:
            continue
        first = min(part.start for _, part in lacking).date()
        last = max(part.end for _, part in lacking).date()
        symbols = sorted({instrument.symbol for instrument, _ in lacking})
        requests.append(
            dg.RunRequest(
                run_config={"ops": {"coarse_candles": {"config": {"symbols": symbols}}}},
                tags={
                    VENUE_TAG: venue,
                    "alphapulse/reason": "coarse history",
                    **range_tags(first, min(last, today()), venue, venue),
                },
            )
        )
    return dg.SensorResult(requests, skip_reason=None if requests else "every coarse history is complete")


@_sensor(repair_gaps, seconds=300)
def gap_repair(context: dg.SensorEvaluationContext, database: DatabaseResource) -> dg.SensorResult:
    """Open gaps that are due for another look, those of five minutes together, one run a venue."""
    requests = []
    for row in database.get().rows(
        statement("gaps/due"),
        {"dataset": OHLCV_1M.name, "first_partition": get_settings().history.first_partition},
    ):
        if _is_running(context, repair_gaps.name, {VENUE_TAG: row["venue"]}):
            continue
        requests.append(
            dg.RunRequest(
                run_config=fetch_config("gaps", row["symbols"]),
                tags={
                    VENUE_TAG: row["venue"],
                    "alphapulse/reason": f"{row['gaps']} open gaps",
                    **range_tags(row["first_day"], row["last_day"], row["venue"], row["venue"]),
                },
            )
        )
    return dg.SensorResult(requests, skip_reason=None if requests else "no gap is due")


@_sensor(refresh_timeframes, seconds=60)
def changed_candles(context: dg.SensorEvaluationContext, database: DatabaseResource) -> dg.SensorResult:
    """Candles that changed outside a run (imports, corrections, killed runs) reach every timeframe."""
    due = database.get().rows(statement("candles/dirty_days"))
    if not due or due[0]["first_day"] is None or _is_running(context, refresh_timeframes.name):
        return dg.SensorResult(skip_reason="every timeframe is up to date")
    row = due[0]
    first = max(row["first_day"], get_settings().history.first_partition)
    venues = [venue for venue in VENUE_NAMES if venue in row["venues"]] or list(VENUE_NAMES)
    tags = range_tags(first, max(first, row["last_day"]), *_venue_range(venues))
    return dg.SensorResult([dg.RunRequest(tags=tags)])


@_sensor(refresh_indicators, seconds=60)
def changed_bars(context: dg.SensorEvaluationContext, database: DatabaseResource) -> dg.SensorResult:
    """Bars that closed or changed reach what is computed from them, to the last bar they show in.

    What the stream has computed of today is computed again every `repair_minutes`, for corrected candles.
    An indicator that the settings ask for and did not before is due of every day that has bars.
    """
    rest = timedelta(minutes=get_settings().automation.repair_minutes)
    settle(database.get(), asked_for())
    due = database.get().rows(statement("derived/due"), {"rest": rest})
    if _is_running(context, backfill_candles.name):
        return dg.SensorResult(skip_reason="candles are being backfilled: what follows from them comes after")
    if not due[0]["due"] or _is_running(context, refresh_indicators.name):
        return dg.SensorResult(skip_reason="everything computed from bars is up to date, or being computed")
    venues = [venue for venue in VENUE_NAMES if venue in due[0]["venues"]] or list(VENUE_NAMES)
    config = {
        "ops": {
            name: {"config": {"mode": "changed"}}
            for name in (*refreshed_each_minute(), "signals", "event_probabilities")
        }
    }
    tags = range_tags(today(), today(), *_venue_range(venues))
    return dg.SensorResult([dg.RunRequest(run_config=config, tags=tags)])


@_sensor(refresh_reactions, seconds=60)
def first_performance(context: dg.SensorEvaluationContext, database: DatabaseResource) -> dg.SensorResult:
    """Patterns are judged once as soon as they can be, not first in the night after: at most once a day."""
    if not database.get().rows(statement("derived/first_performance"))[0]["due"]:
        return dg.SensorResult(
            skip_reason="patterns were judged before, or what they follow from is not there yet"
        )
    if _is_running(context, backfill_candles.name) or _is_running(context, refresh_reactions.name):
        return dg.SensorResult(skip_reason="candles are being backfilled, or patterns are being judged")
    request = _reactions(database, today(), "first performance")
    return dg.SensorResult([request] if isinstance(request, dg.RunRequest) else [])


@_schedule(backfill_candles, cron="15 0 * * *")
def close_of_day(context: dg.ScheduleEvaluationContext, database: DatabaseResource) -> Any:
    """Shortly after midnight UTC: yesterday as a whole, with all checks, one run a venue."""
    yesterday = today() - timedelta(days=1)
    return _requests(database, yesterday, yesterday, "close of day", fetch_config("days"))


@_schedule(backfill_candles, cron="30 3 * * *")
def verify_recent_days(context: dg.ScheduleEvaluationContext, database: DatabaseResource) -> Any:
    """Each night: the last three days again, since archives are published and venues correct themselves.

    One run a venue.
    """
    first, last = today() - timedelta(days=3), today() - timedelta(days=1)
    return _requests(database, first, last, "verify", fetch_config("days"))


@_schedule(backfill_indicators, cron="30 0 * * *")
def indicators_of_yesterday(context: dg.ScheduleEvaluationContext, database: DatabaseResource) -> Any:
    """Each day: all that is computed from yesterday's bars as a whole, with all checks: indicators, regimes,
    volume, candlestick and chart patterns, confidence, confluence, signals and outcomes. One run a venue.
    """
    yesterday = today() - timedelta(days=1)
    return _requests(database, yesterday, yesterday, "indicators")


@_schedule(refresh_reactions, cron="45 0 * * *")
def reactions_of_yesterday(context: dg.ScheduleEvaluationContext, database: DatabaseResource) -> Any:
    """Each day: what price did after patterns, with the outcomes that yesterday made known or corrected."""
    return _reactions(database, today() - timedelta(days=1), "reactions")


@_schedule(train_models, cron="30 4 1 * *")
def models_of_the_month(context: dg.ScheduleEvaluationContext, database: DatabaseResource) -> Any:
    """Each month: a model of what was known by its first day, and whether the one before has drifted."""
    if not _fetched_venues(database):
        return dg.SkipReason(NO_SYMBOL)
    return dg.RunRequest(run_key=f"models:{today()}", tags={"alphapulse/reason": "month"})


@_schedule(resolve_instruments, cron="5 0 * * *")
def verify_instruments(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Each day: what the venues list now, so that delistings and new tick sizes are known."""
    return dg.RunRequest()


def _reactions(database: DatabaseResource, day: date, reason: str) -> dg.RunRequest | dg.SkipReason:
    """A run that computes outcomes and judges patterns as of the end of a day."""
    venues = _fetched_venues(database)
    if not venues:
        return dg.SkipReason(NO_SYMBOL)
    # how patterns perform is a matter of all venues together
    return dg.RunRequest(
        run_key=f"{reason}:{day}",
        run_config={
            "ops": {
                name: {"config": {"mode": "changed"}} for name in ("pattern_outcomes", "pattern_performance")
            }
        },
        tags={"alphapulse/reason": reason, **range_tags(day, day, venues[0], venues[-1])},
    )


def _requests(
    database: DatabaseResource,
    first: date,
    last: date,
    reason: str,
    config: Mapping[str, Any] | None = None,
) -> list[dg.RunRequest] | dg.SkipReason:
    """A run of whole days for each venue, with the tag that the limits of dagster.yaml count."""
    requests = [
        dg.RunRequest(
            run_key=f"{reason}:{venue}:{first}:{last}",
            run_config=config,
            tags={VENUE_TAG: venue, "alphapulse/reason": reason, **range_tags(first, last, venue, venue)},
        )
        for venue in _fetched_venues(database)
    ]
    return requests or dg.SkipReason(NO_SYMBOL)


def _fetched_venues(database: DatabaseResource) -> list[str]:
    """Venues with a symbol that can be fetched, in the order of VENUE_NAMES."""
    rows = database.get().rows(
        "SELECT DISTINCT venue FROM instruments WHERE tracked AND venue_symbol IS NOT NULL"
    )
    present = {row["venue"] for row in rows}
    return [venue for venue in VENUE_NAMES if venue in present]


def _venue_range(venues: list[str]) -> tuple[str, str]:
    return venues[0], venues[-1]


def _is_running(
    context: dg.SensorEvaluationContext,
    job_name: str,
    tags: Mapping[str, str] | None = None,
) -> bool:
    """Whether a run of this job (with these tags) is queued or under way.

    A run that is older than its longest time lost its worker in a way nobody noticed: it does not count.
    """
    filters = dg.RunsFilter(
        job_name=job_name,
        statuses=RUNNING,
        tags=dict(tags or {}),
        created_after=datetime.now(UTC) - LONGEST[job_name],
    )
    return context.instance.get_runs_count(filters) > 0


sensors: Final = [
    new_symbols,
    newest_candles,
    symbol_history,
    coarse_history,
    gap_repair,
    changed_candles,
    changed_bars,
    first_performance,
]
schedules: Final = [
    close_of_day,
    verify_recent_days,
    indicators_of_yesterday,
    reactions_of_yesterday,
    models_of_the_month,
    verify_instruments,
]
