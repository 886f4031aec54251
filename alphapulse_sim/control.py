"""The simulator's own routes under `/_sim`: faults, clock, log, budgets, health."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from alphapulse_sim.accounts import NETWORKS, Accounts
from alphapulse_sim.context import Simulator, compact, reply
from alphapulse_sim.faults import parse_fault
from alphapulse_sim.instruments import epoch_ms
from alphapulse_sim.weights import new_budgets


def _bad(message: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=compact({"error": message}), content_type="application/json")


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except ValueError as error:
        raise _bad(f"the body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise _bad("the body must be a JSON object")
    return body


class Control:
    """The handlers of `/_sim`."""

    def __init__(self, sim: Simulator, accounts: Accounts) -> None:
        self.sim = sim
        self.accounts = accounts

    async def health(self, request: web.Request) -> web.Response:
        """That it runs, with which seed, and what time it believes it is."""
        now = datetime.fromtimestamp(self.sim.clock.now_ms() / 1000, UTC)
        return reply({"status": "ok", "seed": self.sim.config.seed, "now": now.isoformat()})

    async def add_fault(self, request: web.Request) -> web.Response:
        """Put a fault in force; 400 says what is wrong with it."""
        try:
            fault = parse_fault(await _body(request))
        except (ValueError, TypeError) as error:
            raise _bad(str(error)) from None
        return reply(asdict(self.sim.faults.add(fault)))

    async def list_faults(self, request: web.Request) -> web.Response:
        """The faults in force with their hits."""
        return reply(self.sim.faults.describe())

    async def clear_faults(self, request: web.Request) -> web.Response:
        """Remove all faults, and the bans they set."""
        self.sim.faults.clear()
        self.sim.budgets = new_budgets()
        return reply([])

    async def log(self, request: web.Request) -> web.Response:
        """The latest requests, oldest first."""
        return reply([asdict(entry) for entry in self.sim.log])

    async def clear_log(self, request: web.Request) -> web.Response:
        """Forget the requests."""
        self.sim.log.clear()
        return reply([])

    async def set_clock(self, request: web.Request) -> web.Response:
        """Jump, freeze or run: `{"now": iso or null, "rate": seconds per second or absent}`."""
        body = await _body(request)
        try:
            self.sim.clock.set(body.get("now"), body.get("rate"))
        except (ValueError, TypeError) as error:
            raise _bad(f"the clock takes an ISO time and a number: {error}") from None
        return await self.health(request)

    async def spend(self, request: web.Request) -> web.Response:
        """Set what a host's budget has used in this window: `{"host": ..., "used": weight}`."""
        body = await _body(request)
        budget = self.sim.budgets.get(str(body.get("host")))
        if budget is None or not isinstance(body.get("used"), int):
            raise _bad(f"give used= and host= one of {', '.join(self.sim.budgets)}")
        budget.spend(body["used"])
        return reply({"host": body["host"], "used": budget.used})

    async def clear_accounts(self, request: web.Request) -> web.Response:
        """All accounts as at the beginning."""
        self.accounts.clear()
        return reply([])

    async def orders(self, request: web.Request) -> web.Response:
        """All orders that a host's account has ever had: what tests hold a client's books against."""
        account = self.accounts.of(*NETWORKS[request.query["host"]])
        return reply(
            [
                {
                    "client_id": order.client_id,
                    "symbol": order.listing.symbol,
                    "kind": order.listing.kind,
                    "status": order.status,
                    "executed": str(order.executed),
                }
                for order in account.orders.values()
            ]
        )

    async def stories(self, request: web.Request) -> web.Response:
        """The truth of all texts of [start, end), ISO times: what readers of feeds are held against."""
        try:
            start, end = (epoch_ms(request.query[name]) for name in ("start", "end"))
        except (KeyError, ValueError) as error:
            raise _bad(f"give start= and end= as ISO times: {error}") from None
        outlet, coin = request.query.get("outlet"), request.query.get("coin")
        found = self.sim.stories.between(start, end)
        return reply(
            [
                asdict(story)
                for story in found
                if outlet in (None, story.outlet) and (coin is None or coin in story.coins)
            ]
        )


def routes(sim: Simulator, accounts: Accounts) -> list[web.RouteDef]:
    """The routes of `/_sim`."""
    control = Control(sim, accounts)
    return [
        web.get("/_sim/health", control.health),
        web.post("/_sim/faults", control.add_fault),
        web.get("/_sim/faults", control.list_faults),
        web.delete("/_sim/faults", control.clear_faults),
        web.get("/_sim/log", control.log),
        web.delete("/_sim/log", control.clear_log),
        web.post("/_sim/clock", control.set_clock),
        web.post("/_sim/weights", control.spend),
        web.get("/_sim/orders", control.orders),
        web.get("/_sim/stories", control.stories),
        web.delete("/_sim/accounts", control.clear_accounts),
    ]
