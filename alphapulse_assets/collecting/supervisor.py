"""The sensor that keeps the poller running: one run, always, and never two."""

import json
from datetime import UTC, datetime

import dagster as dg

from alphapulse_assets.collecting.job import (
    LEASE,
    POLLER_TAG,
    code_version,
    collect_market_data,
    collectors_of,
)
from alphapulse_assets.datasets.switchable import sensor
from alphapulse_assets.registry import DATASETS
from alphapulse_assets.streaming.lease import holders
from alphapulse_assets.streaming.upkeep import LIVE, VERSION_TAG, Kept, Tick, end_zombie, look_after
from alphapulse_resources.resources import DatabaseResource
from alphapulse_resources.settings import get_settings


@sensor(job=collect_market_data, minimum_interval_seconds=10)
def collection_supervisor(context: dg.SensorEvaluationContext, database: DatabaseResource) -> dg.SensorResult:
    """Every ten seconds: the poller has exactly one run, of the present code.

    To switch it off, stop this sensor first, then terminate the run.
    """
    stored = database.get()
    tick = Tick(
        context=context,
        database=stored,
        now=datetime.now(UTC).timestamp(),
        held=holders(stored),
        unseen=json.loads(context.cursor) if context.cursor else {},
    )
    runs = context.instance.get_runs(dg.RunsFilter(job_name=collect_market_data.name, statuses=LIVE))
    live = [run for run in runs if not end_zombie(tick, run, LEASE)]
    kept = Kept(LEASE, "the poller", collect_market_data.name, POLLER_TAG, code_version())
    wanted = get_settings().collecting.enabled and bool(collectors_of(DATASETS))
    after = look_after(tick, kept, live, wanted)
    tags = {POLLER_TAG: LEASE, VERSION_TAG: code_version()}
    # the same predecessor gives the same key: a tick that is evaluated twice starts nothing twice
    requests = [] if after is None else [dg.RunRequest(run_key=f"{LEASE}:after:{after}", tags=tags)]
    idle = "the poller runs" if wanted else "nothing is to be collected"
    return dg.SensorResult(
        requests,
        skip_reason=None if requests else "; ".join(tick.said) or idle,
        cursor=json.dumps(tick.still_unseen),
    )
