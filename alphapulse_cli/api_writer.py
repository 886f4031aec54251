"""What the API may write, by the functions that the commands use."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from alphapulse_api.writing import ChangedWatchlist, NewRule, NewWatchlist
from alphapulse_assets.alerting import rule_rows, watchlist_rows
from alphapulse_resources.database.client import Database


@dataclass(frozen=True, slots=True)
class ApiWriter:
    """Writes as the pipeline's role; `alphapulse_api.writing.Writer` says what each does."""

    database: Database
    sinks: Collection[str]

    def watchlists(self) -> list[dict[str, Any]]:
        """All watchlists."""
        return watchlist_rows.watchlists(self.database)

    def watchlist(self, name: str) -> dict[str, Any]:
        """One of them."""
        return watchlist_rows.watchlist(self.database, name)

    def add_watchlist(self, body: NewWatchlist, by: str) -> dict[str, Any]:
        """Make one."""
        symbols = [(each.venue, each.symbol) for each in body.symbols]
        return watchlist_rows.create_watchlist(self.database, body.name, symbols, note=body.note, by=by)

    def change_watchlist(self, name: str, body: ChangedWatchlist) -> dict[str, Any]:
        """Change what is given of it."""
        symbols = None if body.symbols is None else [(each.venue, each.symbol) for each in body.symbols]
        return watchlist_rows.update_watchlist(
            self.database, name, new_name=body.name, note=body.note, symbols=symbols
        )

    def remove_watchlist(self, name: str) -> dict[str, Any]:
        """Remove it."""
        return watchlist_rows.delete_watchlist(self.database, name)

    def rules(self) -> list[dict[str, Any]]:
        """All rules."""
        return rule_rows.rules(self.database)

    def rule(self, which: str) -> dict[str, Any]:
        """One of them, by name or number."""
        return rule_rows.rule(self.database, which)

    def add_rule(self, body: NewRule, by: str) -> dict[str, Any]:
        """Make one."""
        given = body.model_dump(exclude={"cool_down_seconds"})
        seconds = body.cool_down_seconds
        draft = rule_rows.Draft(**given, cool_down=None if seconds is None else timedelta(seconds=seconds))
        return rule_rows.create_rule(self.database, draft, by=by, sinks=self.sinks)

    def change_rule(self, which: str, changes: dict[str, Any]) -> dict[str, Any]:
        """Change what is given of it."""
        return rule_rows.update_rule(self.database, which, changes, sinks=self.sinks)

    def remove_rule(self, which: str) -> dict[str, Any]:
        """Remove it."""
        return rule_rows.delete_rule(self.database, which)

    def acknowledge(self, alert_id: int, by: str, note: str | None) -> dict[str, Any]:
        """Note that somebody has seen an alert."""
        return rule_rows.acknowledge(self.database, alert_id, by=by, note=note)
