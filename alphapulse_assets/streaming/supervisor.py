"""The sensor that keeps streams running: one run for each shard, always, and never two.

What it goes by is the shard's lock: a run that Dagster calls started but whose lock nobody holds has lost its
worker, and a lock whose run is over belongs to an orphan. To switch streams off, stop this sensor first and
terminate the runs then: otherwise the next tick starts them again.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from alphapulse_assets.datasets.switchable import sensor
from alphapulse_assets.streaming.code_version import code_version
from alphapulse_assets.streaming.job import SHARD_TAG, ShardConfig, stream_market_data
from alphapulse_assets.streaming.lease import holders
from alphapulse_assets.streaming.shards import Shard, all_shards, shard_of
from alphapulse_assets.streaming.upkeep import LIVE, VERSION_TAG, Kept, Tick, end_zombie, look_after
from alphapulse_resources.database.client import Database, statement
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings
from alphapulse_resources.streams.venues import market_of


def streamed_shards(database: Database, count: int) -> set[Shard]:
    """The shards that have a symbol to stream: tracked, confirmed by its venue, on a market with streams."""
    return {
        shard_of(f"{row['venue']}:{row['symbol']}", count)
        for row in database.rows(statement("streams/tracked"))
        if market_of(row["venue"], row["kind"]) is not None
    }


@sensor(job=stream_market_data, minimum_interval_seconds=10)
def stream_supervisor(context: dg.SensorEvaluationContext, database: DatabaseResource) -> dg.SensorResult:
    """Every ten seconds: each shard of the streams has exactly one run, of the present code.

    To switch streams off, stop this sensor first, then terminate the runs.
    """
    stored, count = database.get(), get_settings().streams.shards
    wanted = streamed_shards(stored, count)
    tick = Tick(
        context=context,
        database=stored,
        now=datetime.now(UTC).timestamp(),
        held=holders(stored),
        unseen=json.loads(context.cursor) if context.cursor else {},
    )
    runs = context.instance.get_runs(dg.RunsFilter(job_name=stream_market_data.name, statuses=LIVE))
    live = [run for run in runs if not _end_zombie(tick, run)]
    requests: list[dg.RunRequest] = []
    if others := [run for run in live if (shard := _shard(run)) and shard.count != count]:
        for run in others:  # nothing new may start while their symbols are still streamed
            tick.stop(run, f"there are {count} shards now")
    else:
        for shard in all_shards(count):
            request = _look_after(tick, shard, [run for run in live if _shard(run) == shard], shard in wanted)
            requests += [request] if request else []
    if not wanted:
        tick.said.append("no tracked symbol has a stream yet: alphapulse symbols add")
    return dg.SensorResult(
        requests,
        skip_reason=None if requests else "; ".join(tick.said) or "every shard has its run",
        cursor=json.dumps(tick.still_unseen),
    )


def _look_after(
    tick: Tick, shard: Shard, live: Sequence[dg.DagsterRun], wanted: bool
) -> dg.RunRequest | None:
    """What one shard needs: nothing, an end of its run, or a new one."""
    kept = Kept(shard.name, f"shard {shard.name}", stream_market_data.name, SHARD_TAG, code_version())
    after = look_after(tick, kept, live, wanted)
    return None if after is None else _request(shard, after)


def _end_zombie(tick: Tick, run: dg.DagsterRun) -> bool:
    """Fail a started run whose worker is gone; True if it was."""
    shard = _shard(run)
    return end_zombie(tick, run, None if shard is None else shard.name)


def _shard(run: dg.DagsterRun) -> Shard | None:
    """The shard of a run; one started by hand tells it by its config. None: it is none and will say so."""
    try:
        if name := run.tags.get(SHARD_TAG):
            return Shard.parse(name)
        config: Any = run.run_config
        chosen = config.get("ops", {}).get("stream_shard", {}).get("config", {})
        return Shard(chosen.get("index", 1), chosen.get("count", 1))
    except ValueError:
        return None


def _request(shard: Shard, after: str) -> dg.RunRequest:
    # the same predecessor gives the same key: a tick that is evaluated twice starts nothing twice
    return dg.RunRequest(
        run_key=f"{shard.name}:after:{after}",
        run_config=dg.RunConfig({"stream_shard": ShardConfig(index=shard.index, count=shard.count)}),
        tags={SHARD_TAG: shard.name, VERSION_TAG: code_version()},
    )
