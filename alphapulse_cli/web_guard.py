"""What Dagster's web server does not refuse by itself: what other web pages ask in a user's browser.

Dagster runs mutations by GET, asks neither Origin nor Host, and has no log-in. So any page that is open in a
browser on a machine that reaches the server could start and end runs, and a page whose name is made to point
at the server (DNS rebinding) could read all there is. Programs that are no browsers are not concerned.
"""

import ipaddress
from collections.abc import Awaitable, Callable, Container, Iterable, Mapping, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from graphql import GraphQLError, OperationDefinitionNode, OperationType, parse

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

GRAPHQL: Final = "/graphql"
BODIES: Final = frozenset({"application/json", "application/graphql"})
"""Content types that a page of another origin may not send without asking first (Fetch standard: CORS)."""
FRAMES: Final = frozenset({"iframe", "frame", "embed", "object", "fencedframe"})
SAFE: Final = frozenset({"GET", "HEAD"})
HEADERS: Final = ((b"x-frame-options", b"SAMEORIGIN"), (b"cross-origin-resource-policy", b"same-origin"))


def refusal(
    kind: str, method: str, path: str, query: str, headers: Mapping[str, list[str]], names: Container[str]
) -> str | None:
    """Why a request is refused, or None. `kind` is http or websocket, `names` are the server's."""
    return (
        _wrong_host(headers, names)
        or _other_site(kind, method, path, headers, names)
        or (_mutation(method, path, query, headers) if kind == "http" else None)
    )


def _wrong_host(headers: Mapping[str, list[str]], names: Container[str]) -> str | None:
    hosts = headers.get("host", [])
    name = _name(hosts[0]) if len(hosts) == 1 else None
    if name is not None and _is_ours(name, names):
        return None
    return (
        f"this server does not answer to the name {name or 'that was given'!r}: where it is its own, or that "
        "of a proxy before it, add it to ALPHAPULSE_WEB__NAMES"
    )


def _is_ours(name: str, names: Container[str]) -> bool:
    """An address in numbers cannot be made to point elsewhere; a name can."""
    if name == "localhost" or name.endswith(".localhost") or name in names:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _name(host: str) -> str | None:
    """The name of a Host header or an origin, without the port."""
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return None
    return name.rstrip(".") if name else None


def _other_site(
    kind: str, method: str, path: str, headers: Mapping[str, list[str]], names: Container[str]
) -> str | None:
    """What browsers tell of the page that makes a request; a link to a page of ours may be anywhere."""
    site = _only(headers, "sec-fetch-site")
    link = (
        kind == "http"
        and method in SAFE
        and not _is_graphql(path)
        and _only(headers, "sec-fetch-mode") == "navigate"
        and _only(headers, "sec-fetch-dest") not in FRAMES
    )
    if site is not None and site not in ("same-origin", "none") and not link:
        return "requests of other web sites are refused"
    origin = _only(headers, "origin")
    if origin is None or site == "same-origin":
        return None
    try:
        place = urlsplit(origin).netloc.lower()
    except ValueError:
        place = ""
    here = _only(headers, "host")
    if place and here is not None and (place == here.lower() or _name(place) in names):
        return None
    return f"requests of pages from {origin[:100]!r} are refused"


def _mutation(method: str, path: str, query: str, headers: Mapping[str, list[str]]) -> str | None:
    """A GET may only ask; and a POST has to say that it is JSON, which no form of another page can."""
    if not _is_graphql(path):
        return None
    if method == "POST":
        given = (_only(headers, "content-type") or "").partition(";")[0].strip().lower()
        return None if given in BODIES else f"a request to {GRAPHQL} has to be JSON, not {given[:50]!r}"
    texts = parse_qs(query, keep_blank_values=True, max_num_fields=100).get("query", [])
    return None if all(map(_only_asks, texts)) else f"by GET, {GRAPHQL} only answers queries"


def _is_graphql(path: str) -> bool:
    return path.rstrip("/").endswith(GRAPHQL)  # there may be a prefix before it


def _only_asks(text: str) -> bool:
    try:
        document = parse(text, no_location=True)
    except GraphQLError:
        return True  # nothing that could be run: the server says what is wrong
    return all(
        node.operation is OperationType.QUERY
        for node in document.definitions
        if isinstance(node, OperationDefinitionNode)
    )


def _only(headers: Mapping[str, list[str]], name: str) -> str | None:
    """The value of a header; of several, all in one, which then is none that is known."""
    values = headers.get(name)
    return ", ".join(values) if values else None


class WebGuard:
    """ASGI middleware that refuses what other web pages ask."""

    def __init__(self, app: Application, names: Iterable[str]) -> None:
        self._app = app
        self._names = frozenset(name.strip().lower().rstrip(".") for name in names) - {""}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse it or hand it on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        why = self._refusal(scope)
        if why is None:
            await self._app(scope, receive, _with_headers(send))
        elif scope["type"] == "websocket":
            await receive()  # the request to connect
            await send({"type": "websocket.close", "code": 1008, "reason": why[:100]})
        else:
            await _refuse(send, why)

    def _refusal(self, scope: Scope) -> str | None:
        headers: dict[str, list[str]] = {}
        for name, value in scope["headers"]:
            headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1").strip())
        try:
            return refusal(
                scope["type"],
                scope.get("method", "GET"),
                scope["path"],
                scope["query_string"].decode("latin-1"),
                headers,
                self._names,
            )
        except ValueError as error:  # more fields than anybody needs
            return f"the request cannot be read: {error}"


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *HEADERS]
        await send(message)

    return sending


async def _refuse(send: Send, why: str) -> None:
    body = f"{why}\n".encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
