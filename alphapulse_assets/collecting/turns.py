"""Whose turn it is: what the poller remembers of each collector that it asks."""

from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime

from alphapulse_assets.datasets.collecting import Collector
from alphapulse_assets.datasets.collector_run import Round


@dataclass(slots=True)
class Turn:
    """When a collector is due next, when its newest round began, and that round while it runs."""

    collector: Collector
    due: datetime
    asked: datetime | None = None
    running: Future[Round] | None = None
