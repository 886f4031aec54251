"""Who may ask what: names and pages, keys and scopes, and how often. An ASGI layer before the application.

From this machine nobody needs a key; from elsewhere everybody, but for the page's files and whether we live.
A WebSocket from elsewhere may bring its token in its first message: `scope["state"]["access"]` says who asks.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alphapulse_api.keyring import Keyring
from alphapulse_api.origin import SAFE, Caller, is_loopback, other_page, wrong_host
from alphapulse_api.problems import ProblemError, problem, problem_of
from alphapulse_resources.api_keys import ApiKey

OPEN: Final = ("/api/v1/health", "/api/v1/openapi.json")
"""What needs no key anywhere."""
WRITES: Final = (("/api/v1/watchlists", "write:watchlists"), ("/api/v1/alert", "write:alerts"))
MOST_BODY: Final = 65_536
"""Bytes of a request's body at most (ours): a rule or a watchlist is a few kilobytes."""
MOST_QUERY: Final = 16_384
SECURITY: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
)


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules of access. per_minute: of a key or an address; loopback_per_minute: 0 is no limit."""

    names: frozenset[str] = frozenset()
    origins: frozenset[str] = frozenset()
    per_minute: int = 1_200
    loopback_per_minute: int = 0


@dataclass(slots=True)
class Who:
    """Who asks: from this machine, or by a key, or neither so far."""

    loopback: bool
    address: str
    key: ApiKey | None = None
    keyring: Keyring | None = field(default=None, repr=False)

    def may(self, scope: str) -> bool:
        """Whether it has a scope. This machine's user has them all: it could ask the database."""
        return (self.loopback and self.key is None) or (self.key is not None and self.key.may(scope))

    async def show(self, token: str) -> bool:
        """Take a token that came later, as a WebSocket's first message; whether it is one."""
        self.key = await self.keyring.find(token) if self.keyring is not None else None
        return self.key is not None


class Access:
    """ASGI middleware: refuses, or hands on."""

    def __init__(self, app: ASGIApp, policy: Policy, keyring: Keyring) -> None:
        self._app, self._policy, self._keyring = app, policy, keyring
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Judge a request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        caller = Caller((scope.get("client") or (None,))[0], _headers(scope))
        try:
            who = await self._judged(scope, caller)
        except Exception as error:
            await _refuse(scope, receive, send, problem_of(error))
            return
        scope.setdefault("state", {})["access"] = who
        if scope["type"] == "http":
            send = _dressed(send, caller.headers.get("origin"), self._policy.origins)
            if scope["method"] == "OPTIONS" and caller.headers.get("origin") in self._policy.origins:
                await _preflight(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _judged(self, scope: Scope, caller: Caller) -> Who:
        policy, socket = self._policy, scope["type"] == "websocket"
        method, path = scope.get("method", "GET"), scope["path"]
        why = wrong_host(caller, policy.names) or other_page(
            caller, method, policy.names, policy.origins, socket=socket
        )
        if why is not None:
            raise ProblemError(403, why)
        if len(scope["query_string"]) > MOST_QUERY:
            raise ProblemError(414, f"the query has more than {MOST_QUERY} bytes: ask for less at once")
        who = Who(is_loopback(caller), caller.address or "", keyring=self._keyring)
        token = _token(caller.headers.get("authorization"))
        if token is not None and not await who.show(token):
            await self._count(f"refused {who.address}", policy.per_minute)
            raise ProblemError(401, "this key is not taken: it is wrong, expired or revoked", headers=_ASK)
        await self._count_request(who)
        if socket or method == "OPTIONS" or not path.startswith(("/api/", "/metrics")) or path in OPEN:
            return who
        self._check_scope(who, method, path)
        if method not in SAFE:
            _check_body(caller.headers)
        return who

    def _check_scope(self, who: Who, method: str, path: str) -> None:
        wanted = "admin" if path.startswith("/metrics") else "read"
        if method not in SAFE:
            wanted = next((scope for prefix, scope in WRITES if path.startswith(prefix)), "read")
        if who.may(wanted):
            return
        if who.key is None:
            raise ProblemError(
                401,
                "a key is needed from other machines: `alphapulse api keys add NAME` makes one; send it as "
                "Authorization: Bearer",
                headers=_ASK,
            )
        raise ProblemError(403, f"the key {who.key.name!r} has not the scope {wanted}")

    async def _count_request(self, who: Who) -> None:
        if who.key is not None:
            most = who.key.requests_per_minute or self._policy.per_minute
            await self._count(f"key {who.key.key_id}", most)
        elif who.loopback:
            if self._policy.loopback_per_minute:
                await self._count("loopback", self._policy.loopback_per_minute)
        else:
            await self._count(f"address {who.address}", self._policy.per_minute)

    async def _count(self, whose: str, most: int) -> None:
        item = RateLimitItemPerMinute(most)
        if await self._limiter.hit(item, whose):
            return
        window = await self._limiter.get_window_stats(item, whose)
        seconds = max(math.ceil(window.reset_time - time.time()), 1)
        raise ProblemError(
            429,
            f"more than {most} requests in a minute: ask again in {seconds} s",
            headers={"retry-after": str(seconds)},
        )


_ASK: Final = {"www-authenticate": 'Bearer realm="AlphaPulse"'}


def _token(header: str | None) -> str | None:
    if header is None:
        return None
    kind, _, token = header.partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else ""


def _check_body(headers: Mapping[str, str]) -> None:
    """What a form of another page could send is refused, and what is too long."""
    length = headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > MOST_BODY:
        raise ProblemError(413, f"a body has {MOST_BODY} bytes at most")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if (length not in ("", "0") or "transfer-encoding" in headers) and kind != "application/json":
        raise ProblemError(415, f"a body has to be application/json, not {kind[:50]!r}")


def _headers(scope: Scope) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1").strip())
    return {name: ", ".join(values) for name, values in found.items()}


def _dressed(send: Send, origin: str | None, origins: frozenset[str]) -> Send:
    more = list(SECURITY)
    if origin is not None and origin in origins:
        more = [each for each in more if each[0] != b"cross-origin-resource-policy"]
        more += [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"access-control-expose-headers", b"ETag, Link, X-Next-Cursor, Retry-After"),
            (b"vary", b"Origin"),
        ]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *more]
        await send(message)

    return sending


async def _preflight(scope: Scope, receive: Receive, send: Send) -> None:
    headers: list[tuple[bytes, bytes]] = [
        (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
        (b"access-control-allow-headers", b"Authorization, Content-Type, Accept, If-None-Match"),
        (b"access-control-max-age", b"600"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _refuse(scope: Scope, receive: Receive, send: Send, error: ProblemError) -> None:
    if scope["type"] == "websocket":
        await receive()  # the request to connect
        await send({"type": "websocket.close", "code": 1008, "reason": error.detail[:100]})
        return
    response = problem(error.status, error.detail, parameter=error.parameter, headers=error.headers)
    dressed: Any = _dressed(send, None, frozenset())
    await response(scope, receive, dressed)
