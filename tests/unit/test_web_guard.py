"""What other web pages may ask of Dagster's web server in a user's browser: nothing."""

import pytest

from alphapulse_cli.web_guard import refusal

NAMES = frozenset({"workstation", "alpha.example.org"})
HERE = {"host": ["127.0.0.1:3000"]}
OURS = HERE | {"origin": ["http://127.0.0.1:3000"]}
JSON = {"content-type": ["application/json"]}
LINK = {"sec-fetch-site": ["cross-site"], "sec-fetch-mode": ["navigate"], "sec-fetch-dest": ["document"]}
QUERY = "query=%7Bversion%7D"
MUTATION = "query=mutation%7BlaunchRun%7D"
SUBSCRIPTION = "query=subscription%7BrunUpdates%7D"

Headers = dict[str, list[str]]


def ask(
    headers: Headers, *, method: str = "GET", path: str = "/graphql", query: str = "", kind: str = "http"
) -> str | None:
    return refusal(kind, method, path, query, headers, NAMES)


@pytest.mark.parametrize(
    ("headers", "request_"),
    [
        (HERE, {"query": QUERY}),  # curl, and Dagster's own clients
        (HERE | JSON, {"method": "POST"}),
        (HERE | {"content-type": ["application/json; charset=utf-8"]}, {"method": "POST"}),
        (OURS | JSON | {"sec-fetch-site": ["same-origin"]}, {"method": "POST"}),
        (OURS | JSON, {"method": "POST"}),  # a browser over plain HTTP tells the origin only
        (OURS | {"sec-fetch-site": ["same-origin"]}, {"kind": "websocket"}),
        (HERE | {"sec-fetch-site": ["none"]}, {"path": "/runs"}),  # typed by the user
        (HERE | LINK, {"path": "/runs/1"}),  # from a chat
        ({"host": ["localhost:3000"]}, {"path": "/"}),
        ({"host": ["[::1]:3000"]}, {"path": "/"}),
        ({"host": ["192.168.1.7:3000"]}, {"path": "/"}),
        ({"host": ["workstation:3000"]}, {"path": "/"}),
        # behind a proxy that has its own name, and one that asks by our address
        (JSON | {"host": ["alpha.example.org"], "origin": ["https://alpha.example.org"]}, {"method": "POST"}),
        (HERE | JSON | {"origin": ["https://alpha.example.org"]}, {"method": "POST"}),
    ],
)
def test_what_users_and_programs_ask_is_answered(headers: Headers, request_: dict[str, str]) -> None:
    assert ask(headers, **request_) is None


@pytest.mark.parametrize(
    "site", [{"sec-fetch-site": ["cross-site"]}, {"sec-fetch-site": ["same-site"]}, {"origin": ["null"]}]
)
@pytest.mark.parametrize(
    "request_",
    [
        {"query": QUERY},
        {"method": "POST"},
        {"kind": "websocket"},
        {"method": "POST", "path": "/report_asset_materialization/ohlcv_1m"},
        {"path": "/download_debug/1"},
    ],
)
def test_other_web_sites_are_refused(site: Headers, request_: dict[str, str]) -> None:
    assert "refused" in (ask(HERE | JSON | site, **request_) or "")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "http://127.0.0.1:8000", "https://127.0.0.1.evil.example", "http://["]
)
def test_pages_of_other_origins_are_refused_without_fetch_metadata(origin: str) -> None:
    for request_ in ({"method": "POST"}, {"kind": "websocket"}):
        assert "refused" in (ask(HERE | JSON | {"origin": [origin]}, **request_) or "")


def test_a_frame_in_another_page_is_refused() -> None:
    assert ask(HERE | LINK | {"sec-fetch-dest": ["iframe"]}, path="/runs") is not None
    assert ask(HERE | LINK, path="/graphql") is not None


@pytest.mark.parametrize("query", [MUTATION, f"{QUERY}&{MUTATION}", f"{MUTATION}&{QUERY}", SUBSCRIPTION])
@pytest.mark.parametrize("path", ["/graphql", "/graphql/", "/prefix/graphql"])
def test_a_get_only_asks(query: str, path: str) -> None:
    assert "only answers queries" in (ask(HERE, path=path, query=query) or "")
    hidden = "query=query+a%7Bversion%7D+mutation+b%7BlaunchRun%7D&operationName=b"
    assert "only answers queries" in (ask(HERE, path=path, query=hidden) or "")


@pytest.mark.parametrize(
    "content", [["text/plain"], ["text/plain; application/json"], [], ["application/json", "text/plain"]]
)
def test_a_post_that_a_form_could_send_is_refused(content: list[str]) -> None:
    headers = HERE | ({"content-type": content} if content else {})
    assert "has to be JSON" in (ask(headers, method="POST", query=MUTATION) or "")


@pytest.mark.parametrize(
    "host", [["evil.example:3000"], [], ["127.0.0.1", "evil.example"], ["127.0.0.1.evil.example"], ["["]]
)
def test_a_name_that_is_not_ours_is_refused(host: list[str]) -> None:
    headers = ({"host": host} if host else {}) | JSON
    said = ask(headers | {"sec-fetch-site": ["same-origin"]}, method="POST")
    assert "ALPHAPULSE_WEB__NAMES" in (said or "")
