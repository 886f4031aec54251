"""Where a request comes from: this machine or not, a page of ours or of somebody else. Pure.

A browser's request says more than its address: `Host` is the name that was asked for, which a foreign page
can make point at us (DNS rebinding), `Origin` and `Sec-Fetch-Site` are the page that asks.
"""

import ipaddress
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

SAFE: Final = frozenset({"GET", "HEAD"})
FORWARDED: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
"""What proxies add: whoever asks is behind one, and not on this machine."""
FRAMES: Final = frozenset({"iframe", "frame", "embed", "object", "fencedframe"})


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. headers: by lower-case name, of several values all in one."""

    address: str | None
    headers: Mapping[str, str]

    @property
    def host(self) -> str | None:
        """The name that was asked for, without its port."""
        return _name(self.headers.get("host", ""))


def is_loopback(caller: Caller) -> bool:
    """Whether somebody on this machine asks this machine by a name that is always its own."""
    if any(name in caller.headers for name in FORWARDED):
        return False
    host = caller.host
    return _is_own_address(caller.address) and host is not None and _is_own_name(host)


def wrong_host(caller: Caller, names: Collection[str]) -> str | None:
    """Why a request is refused by the name that it was sent to, or None.

    An address in numbers cannot be made to point elsewhere; a name can.
    """
    host = caller.host
    if host is not None and (_is_own_name(host) or host in names or _is_address(host)):
        return None
    shown = (host or "that was given")[:100]
    return (
        f"this API does not answer to the name {shown!r}: where it is its own, or that of a proxy before it, "
        "add it to ALPHAPULSE_API__NAMES"
    )


def other_page(
    caller: Caller, method: str, names: Collection[str], origins: Collection[str], *, socket: bool = False
) -> str | None:
    """Why a request of a page in a browser is refused, or None; programs say nothing of pages."""
    origin, site = caller.headers.get("origin"), caller.headers.get("sec-fetch-site")
    if origin is not None and origin in origins:
        return None
    link = (
        not socket
        and method in SAFE
        and caller.headers.get("sec-fetch-mode") == "navigate"
        and caller.headers.get("sec-fetch-dest") not in FRAMES
    )
    if site is not None and site not in ("same-origin", "none") and not link:
        return "requests of other web sites are refused"
    if origin is None or site == "same-origin":
        return None
    try:
        place = urlsplit(origin).netloc.lower()
    except ValueError:
        place = ""
    if place and (place == caller.headers.get("host", "").lower() or _name(place) in names):
        return None
    return f"requests of pages from {origin[:100]!r} are refused"


def _name(host: str) -> str | None:
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return None
    return name.rstrip(".").lower() if name else None


def _is_own_name(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost") or _is_own_address(name)


def _is_own_address(text: str | None) -> bool:
    try:
        address = ipaddress.ip_address(text or "")
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return address.is_loopback or (mapped is not None and mapped.is_loopback)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
