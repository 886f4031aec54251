"""What is written down of orders: the order before it is sent, every step, and the kill switch."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from psycopg.types.json import Jsonb

from alphapulse_resources.database.client import Database, statement
from alphapulse_trading.model import Network, OrderRequest, OrderState, RefusedError, TradingError

HALT_FILE: Final = "TRADING_HALTED"
"""A file of this name in the platform's home stops orders too: for when the database cannot be reached."""
_SECRET: Final = ("key", "secret", "signature", "sign", "passphrase", "token")


class Books:
    """The tables of orders on one network."""

    def __init__(self, database: Database, network: Network, home: Path) -> None:
        self._database, self.network, self._home = database, network, home

    def note(
        self, action: str, step: str, detail: Mapping[str, Any], *, venue: str | None = None,
        client_id: str | None = None,
    ) -> None:  # fmt: skip
        """Add a step to the audit, in a transaction of its own: it stays whatever happens next."""
        given = {
            "network": self.network, "venue": venue, "client_id": client_id, "action": action, "step": step,
            "detail": Jsonb(clean(detail)),
        }  # fmt: skip
        self._database.execute(statement("trading/note"), given)

    def begin(self, order: OrderRequest, replaces: str | None = None) -> bool:
        """Write an order down before it is sent; False where its id is known already.

        Raises:
            RefusedError: the id is that of another order.
        """
        given = {
            **self._key(order), "symbol": order.symbol, "side": order.side, "kind": order.kind,
            "size": order.size, "price": order.price, "stop_price": order.stop,
            "reduce_only": order.reduce_only, "replaces": replaces,
        }  # fmt: skip
        if self._database.rows(statement("trading/begin"), given):
            return True
        known = self.known(order.venue, order.client_id)
        assert known is not None
        if _told(known) != order:
            raise RefusedError(
                f"the client order id {order.client_id} is that of another order ({_told(known).words}): an "
                "id is one order's for good"
            )
        return False

    def known(self, venue: str, client_id: str) -> dict[str, Any] | None:
        """The row of an order."""
        given = {"network": self.network, "venue": venue, "client_id": client_id}
        rows = self._database.rows(statement("trading/known"), given)
        return rows[0] if rows else None

    def request(self, venue: str, client_id: str) -> OrderRequest:
        """The order of an id; TradingError where none is known."""
        known = self.known(venue, client_id)
        if known is None:
            raise TradingError(f"no order {client_id} at {venue} on the {self.network} network is known")
        return _told(known)

    def sending(self, order: OrderRequest) -> datetime:
        """Write down that it is sent now; when that is."""
        sent: datetime = self._database.rows(statement("trading/sending"), self._key(order))[0]["sent_at"]
        return sent

    def learn(self, order: OrderRequest, state: OrderState, error: str | None = None) -> OrderState:
        """Write down what is known of it; the state."""
        given = {
            **self._key(order), "status": state.status, "venue_id": state.venue_id, "filled": state.filled,
            "average": state.average, "error": error,
        }  # fmt: skip
        self._database.execute(statement("trading/learn"), given)
        return state

    def amended(self, order: OrderRequest) -> None:
        """Write down another size and price."""
        self._database.execute(
            statement("trading/amended"), {**self._key(order), "size": order.size, "price": order.price}
        )

    def halt(self, reason: str) -> None:
        """Stop all orders from now on."""
        self._database.execute(statement("trading/halt"), {"halted": True, "reason": reason})
        self.note("halt", "decision", {"reason": reason})

    def resume(self, reason: str) -> None:
        """Let orders through again; the file, if there is one, is for whoever made it to remove."""
        self._database.execute(statement("trading/halt"), {"halted": False, "reason": reason})
        self.note("resume", "decision", {"reason": reason})

    def check_halt(self) -> None:
        """TradingError while orders are stopped."""
        file = self._home / HALT_FILE
        if file.exists():
            raise TradingError(f"orders are stopped: {file} exists")
        rows = self._database.rows(statement("trading/halted"))
        if rows and rows[0]["halted"]:
            raise TradingError(
                f"orders are stopped since {rows[0]['at']:%Y-%m-%d %H:%M:%S} UTC ({rows[0]['reason']}); "
                "alphapulse orders resume lets them through"
            )

    def listed(self, *, everything: bool) -> list[dict[str, Any]]:
        """Orders, the newest first: those that may still be filled, or all."""
        return self._database.rows(statement("trading/list"), {"everything": everything})

    def _key(self, order: OrderRequest) -> dict[str, Any]:
        return {"network": self.network, "venue": order.venue, "client_id": order.client_id}


def clean(value: Any) -> Any:
    """A value as it may be written down: JSON, and nothing under a name of a secret."""
    if isinstance(value, Mapping):
        return {str(name): "***" if _is_secret(str(name)) else clean(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    if isinstance(value, Decimal | datetime):
        return str(value)
    return value


def _is_secret(name: str) -> bool:
    lower = name.lower()
    return any(lower == each or lower.endswith((f"_{each}", f"api{each}")) for each in _SECRET)


def _told(row: Mapping[str, Any]) -> OrderRequest:
    return OrderRequest(
        row["client_id"], row["venue"], row["symbol"], row["side"], row["kind"], row["size"], row["price"],
        row["stop_price"], row["reduce_only"],
    )  # fmt: skip
