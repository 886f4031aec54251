"""The aiohttp application: routes by the venue's host name, with faults, budgets and a log around them."""

import asyncio
from datetime import UTC, datetime
from email.utils import formatdate
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from alphapulse_sim import control
from alphapulse_sim.accounts import Accounts
from alphapulse_sim.context import STALE_MS, UNCONDITIONAL, LogEntry, SimConfig, Simulator, reply
from alphapulse_sim.faults import Fault
from alphapulse_sim.lies import lied
from alphapulse_sim.mutations import change_rows
from alphapulse_sim.news_lies import emptied, news_lied
from alphapulse_sim.page_caps import cut_page
from alphapulse_sim.refusals import refusal, with_budget_headers
from alphapulse_sim.stream_replay import read_recording
from alphapulse_sim.stream_routes import stream_routes
from alphapulse_sim.venues import private_routes, venue_routes
from alphapulse_sim.weights import budget_of, request_weight

SIMULATOR: Final = web.AppKey("simulator", Simulator)


def make_app(config: SimConfig | None = None) -> web.Application:
    """The simulator as an application; without a configuration the default one."""
    sim = Simulator(config or SimConfig())
    app = web.Application(middlewares=[_middleware(sim)])
    app[SIMULATOR] = sim
    files, speed = sim.config.replay, sim.config.replay_speed
    recording = read_recording(files, sim.clock, speed) if files else None
    accounts = Accounts(sim.catalogue)
    app.router.add_routes(control.routes(sim, accounts))
    app.router.add_routes(stream_routes(sim, recording))  # a recording's books go before the market's
    app.router.add_routes(venue_routes(sim))
    app.router.add_routes(private_routes(sim, accounts))
    return app


class _Reset(Exception):
    """The connection is to be cut without an answer."""


def _middleware(sim: Simulator) -> Middleware:
    @web.middleware
    async def around(request: web.Request, handler: Handler) -> web.StreamResponse:
        host, _, rest = request.path.lstrip("/").partition("/")
        if host == "_sim":
            return await _call(handler, request)
        path = f"/{rest}"
        weight = request_weight(host, path, request.query)
        entry = LogEntry(host, path, dict(request.query), 0, _iso(sim.clock.now_ms()), weight)
        sim.log.append(entry)
        faults = sim.faults.hitting(host, path, request.query)
        try:
            response = await _before(sim, request, host, faults)
            if response is None:
                if request.headers.get("Upgrade", "").lower() == "websocket":
                    entry.status = 101  # it is told when the stream begins, not when it ends
                response = await _serve(sim, request, handler, faults, entry)
        except _Reset:
            if request.transport is not None:
                request.transport.abort()
            raise web.HTTPServiceUnavailable() from None  # nobody hears it: the connection is gone
        entry.status = response.status
        return response

    return around


def _iso(moment_ms: int) -> str:
    return datetime.fromtimestamp(moment_ms / 1000, UTC).isoformat(timespec="milliseconds")


async def _call(handler: Handler, request: web.Request) -> web.StreamResponse:
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.content_type == "application/json":
            return error
        what = "no such route" if error.status == 404 else (error.reason or "refused")
        return reply({"simulator": what, "path": request.path_qs}, status=error.status)


async def _serve(
    sim: Simulator, request: web.Request, handler: Handler, faults: list[Fault], entry: LogEntry
) -> web.StreamResponse:
    """The venue's answer, within its budget, with the faults on its body."""
    counted = budget_of(entry.host, entry.path)
    budget = sim.budgets.get(counted)
    charge = budget.charge(entry.weight) if budget else None
    if charge is not None and (refused := refusal(entry.host, charge)) is not None:
        return refused
    for fault in faults:
        if fault.kind == "stale":
            request[STALE_MS] = int(fault.parameters["seconds"] * 1000)
        elif fault.kind == "frozen":
            request[STALE_MS] = max(0, sim.clock.now_ms() - fault.parameters["at"])
        elif fault.kind in ("news", "empty", "truncated"):
            request[UNCONDITIONAL] = True
    response = await _call(handler, request)
    if sim.clock.rate == 1.0 and not response.prepared:  # a clock that stands or runs is no venue's
        response.headers["Date"] = formatdate(sim.clock.now_ms() / 1000, usegmt=True)
    if charge is not None and counted == entry.host:
        with_budget_headers(entry.host, charge, response)
    for fault in faults:
        if fault.kind == "lost_answer":  # it was done, and nobody hears of it
            raise _Reset
        response = _after(entry.host, entry.path, fault, response)
    return response


async def _before(
    sim: Simulator, request: web.Request, host: str, faults: list[Fault]
) -> web.StreamResponse | None:
    """What faults answer in the venue's stead; a delay only takes its time."""
    for fault in faults:
        given = fault.parameters
        if fault.kind == "delay":
            await request.read()  # it has arrived, whether or not anybody still waits for the answer
            await asyncio.sleep(given["seconds"])
        elif fault.kind == "reset":
            raise _Reset
        elif fault.kind == "status":
            body = given["body"]
            if isinstance(body, str):
                return web.Response(status=given["code"], headers=given["headers"], text=body)
            return reply(body, status=given["code"], headers=given["headers"])
        elif fault.kind == "html":
            return web.Response(text=given["body"], content_type="text/html")
        elif fault.kind == "ban" and host in sim.budgets:
            sim.budgets[host].ban(given["seconds"])
    return None


def _after(host: str, path: str, fault: Fault, response: web.StreamResponse) -> web.StreamResponse:
    """The response as a fault leaves it."""
    if not isinstance(response, web.Response) or response.status != 200:
        return response
    body = response.body if isinstance(response.body, bytes) else b""
    if fault.kind == "truncated":
        response.body = body[: int(len(body) * fault.parameters["keep"])]
    elif fault.kind == "corrupt_zip":
        start, end = len(body) // 2, len(body) // 2 + 64
        response.body = body[:start] + bytes(byte ^ 0xFF for byte in body[start:end]) + body[end:]
    elif fault.kind == "checksum_mismatch":
        response.body = b"0" * 64 + body[64:]
    elif fault.kind == "page_cap" and response.content_type == "application/json":
        response.text = cut_page(host, path, body.decode(), fault.parameters)
    elif fault.kind == "lie" and response.content_type == "application/json":
        response.text = lied(body.decode(), fault.parameters["what"])
    elif fault.kind == "news" and ("xml" in response.content_type or "json" in response.content_type):
        response.body = news_lied(body, response.content_type, response.headers, fault.parameters, fault.hits)
    elif fault.kind == "empty" and (none := emptied(body, response.content_type, host)) is not None:
        response.text = none
    elif fault.kind in ("empty", "drop_rows", "mutate_rows") and response.content_type == "application/json":
        response.text = change_rows(host, body.decode(), fault)
    return response
