"""One address of an article, whoever links to it. Pure.

What only counts clicks is dropped (utm_source, fbclid, ...), as are the fragment and what tells a copy for
telephones from the page. Everything else stays: a parameter that is not known to be for counting may name the
article.
"""

import re
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

LONGEST: Final = 2000
"""Characters of an address that are believed (ours): no article has a longer one."""
_COUNTING: Final = frozenset({
    "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "ttclid", "igshid",
    "mc_cid", "mc_eid", "_hsenc", "_hsmi", "vero_id", "oly_enc_id", "oly_anon_id", "ref", "ref_src",
    "ref_url", "referrer", "cmpid", "cmp", "ncid", "sr_share", "spm", "guccounter", "guce_referrer",
    "guce_referrer_sig", "soc_src", "soc_trk", "amp", "outputtype", "feed", "at_medium", "at_campaign",
    "xtor", "mkt_tok", "trk", "s_cid",
})  # fmt: skip
"""Parameters that count clicks or choose a form of the page."""
_COUNTING_BEGIN: Final = ("utm_", "pk_", "mtm_", "hsa_", "ns_", "__")
_PORTS: Final = {"http": 80, "https": 443}
_HOST: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9])?\.[a-z0-9-]{2,}")
_SUBDOMAINS: Final = ("m.", "mobile.", "amp.", "www.")


def canonical(url: str) -> str | None:
    """The canonical form of an address, always with https; None where it is no address of a web page.

    The host loses www., m., mobile. and amp.; the path a trailing /, /amp and index.html.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return None
    if parts.scheme.lower() not in _PORTS or len(url) > LONGEST or parts.username is not None:
        return None
    host = _host(parts.hostname or "")
    if host is None:
        return None
    path, query = _path(parts.path), _query(parts.query)
    if not path and not query:
        return None  # a front page is no article
    at = "" if port in (None, _PORTS[parts.scheme.lower()]) else f":{port}"
    return f"https://{host}{at}{path or '/'}{'?' if query else ''}{query}"


def outlet(address: str) -> str:
    """Who published what stands at a canonical address: its host."""
    return urlsplit(address).hostname or ""


def _host(host: str) -> str | None:
    host = host.rstrip(".").lower()
    try:
        host = host.encode("idna").decode() if not host.isascii() else host
    except UnicodeError:
        return None
    for prefix in _SUBDOMAINS:
        rest = host.removeprefix(prefix)
        if rest != host and "." in rest:
            host = rest
    return host if _HOST.fullmatch(host) else None


def _path(path: str) -> str:
    """The path with its characters written one way; case stays, as it may matter."""
    plain = quote(unquote(path), safe="/:@!$&'()*+,;=~-._")
    plain = re.sub(r"/{2,}", "/", plain)
    plain = re.sub(r"/(?:index\.html?|amp)/?$", "", plain, flags=re.IGNORECASE)
    plain = re.sub(r"^/amp(?=/)", "", plain, flags=re.IGNORECASE)
    return plain.rstrip("/")


def _query(query: str) -> str:
    kept = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name.lower() not in _COUNTING and not name.lower().startswith(_COUNTING_BEGIN)
    ]
    return urlencode(sorted(kept))
