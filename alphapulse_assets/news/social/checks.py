"""What is promised of posts beyond their hard rules: no names, and nothing of what was taken down."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import dagster as dg
import polars as pl

from alphapulse_assets.datasets.check_scope import CheckScope
from alphapulse_assets.datasets.dataset import Check, Dataset
from alphapulse_assets.datasets.derived_checks import none_but_zero
from alphapulse_assets.datasets.expectations import guard_frame
from alphapulse_resources.database.client import statement
from alphapulse_resources.settings import get_settings

ERROR: Final = dg.AssetCheckSeverity.ERROR
LATE: Final = timedelta(hours=3)
"""How long after its time a text may still be there: the hourly round, twice missed (ours)."""


def no_names(text: str) -> Check:
    """Authors are hashes, and no text names a user, an address of mail or a profile."""

    def run(scope: CheckScope, _dataset: Dataset) -> dg.AssetCheckResult:
        frame = scope.store.database.read(statement("social/names_to_check"), scope.window)
        return _all_zero("no_names", frame, ("authors_in_clear", "users_named", "mails_named"), scope)

    return Check("no_names", text, run, blocking=True)


def emptied(text: str) -> Check:
    """Of posts that were taken down nothing is left, and of old ones no text."""

    def run(scope: CheckScope, _dataset: Dataset) -> dg.AssetCheckResult:
        keep = timedelta(days=get_settings().news.keep_social_text_days) + LATE
        query = statement("social/emptied_to_check")
        frame = scope.store.database.read(query, (*scope.window, keep / timedelta(seconds=1)))
        columns = ("deleted_with_text", "deleted_with_author", "forgotten_with_text", "kept_too_long")
        return _all_zero("emptied", frame, columns, scope)

    return Check("emptied", text, run, blocking=True)


def all_emptied(text: str) -> Check:
    """Each removal emptied its post."""

    def run(scope: CheckScope, _dataset: Dataset) -> dg.AssetCheckResult:
        frame = scope.store.database.read(statement("social/removals_to_check"), scope.window)
        return _all_zero("all_emptied", frame, ("not_emptied",), scope)

    return Check("all_emptied", text, run)


def _all_zero(
    name: str, frame: pl.DataFrame, columns: Sequence[str], scope: CheckScope
) -> dg.AssetCheckResult:
    if scope.lightweight:
        return guard_frame(name, frame, {each: pl.col(each) != 0 for each in columns}, severity=ERROR)
    return none_but_zero(name, frame, columns, severity=ERROR)
