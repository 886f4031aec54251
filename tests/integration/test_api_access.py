"""Who may ask the API what: this machine, keys and their scopes, names, pages of others, how often."""

import hashlib
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from api_support import Api, served

from alphapulse_api.access import Policy
from alphapulse_api.app import make_app
from alphapulse_cli.api_place import why_no_api
from alphapulse_cli.api_writer import ApiWriter
from alphapulse_resources.api_keys import KeyRefusedError, add_key, list_keys, revoke_key
from alphapulse_resources.database.client import Database

ELSEWHERE = {"x-forwarded-for": "203.0.113.7"}
"""What a proxy on this machine adds: whoever asks is not on it."""
JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def api(filled: Database) -> Iterator[Api]:
    policy = Policy(
        names=frozenset({"desk.example"}), origins=frozenset({"https://desk.example"}), per_minute=1_000
    )
    app = make_app(filled, owner=filled, writer=ApiWriter(filled, ()), policy=policy)
    with served(app) as url:
        yield Api(url)


def _bearer(token: str) -> dict[str, str]:
    return {**ELSEWHERE, "authorization": f"Bearer {token}"}


def _status(api: Api, method: str, path: str, **given: Any) -> int:
    return api.session.request(method, f"{api.url}{path}", timeout=30, **given).status_code


def test_this_machine_needs_no_key_and_all_others_do(api: Api) -> None:
    assert api.get("venues").status_code == 200
    for header in ("x-forwarded-for", "forwarded", "x-real-ip", "via", "x-forwarded-host"):
        answer = api.get("venues", {header: "127.0.0.1"})
        assert answer.status_code == 401
        assert "alphapulse api keys add" in answer.json()["detail"]
        assert answer.headers["www-authenticate"].startswith("Bearer")
    assert api.get("venues", {"host": "desk.example"}).status_code == 401
    assert api.get("health", ELSEWHERE).status_code == 200
    assert _status(api, "GET", "/metrics", headers=ELSEWHERE) == 401


def test_a_name_that_was_made_to_point_here_is_refused(api: Api) -> None:
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "a@b:c:d"):
        assert api.get("venues", {"host": host}).status_code in (400, 403)
    for host in ("localhost", "localhost:3160", "127.0.0.1:1", "[::1]:3160", "web.localhost"):
        assert api.get("venues", {"host": host}).status_code == 200
    assert api.get("venues", {"host": "192.0.2.1"}).status_code == 401  # by number: no name was bent


def test_pages_of_others_may_not_ask_and_those_that_are_named_may(api: Api) -> None:
    assert api.get("venues", {"origin": "https://evil.example"}).status_code == 403
    assert api.get("venues", {"origin": "null"}).status_code == 403
    assert api.get("venues", {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}).status_code == 403
    own = api.get("venues", {"origin": api.url, "sec-fetch-site": "same-origin"})
    assert own.status_code == 200
    assert "access-control-allow-origin" not in own.headers
    named = api.get("venues", {"origin": "https://desk.example"})
    assert named.headers["access-control-allow-origin"] == "https://desk.example"
    asked = api.session.options(
        f"{api.url}/api/v1/venues", headers={"origin": "https://desk.example"}, timeout=10
    )
    assert "Authorization" in asked.headers["access-control-allow-headers"]


def test_a_key_is_taken_until_it_is_revoked_or_expires(api: Api, filled: Database) -> None:
    token = add_key(filled, "desk", ["read"])
    short = add_key(filled, "short", ["read"], expires_at=datetime.now(UTC) + timedelta(seconds=8))
    _until(lambda: api.get("venues", _bearer(token)).status_code == 200)
    assert api.get("venues", _bearer(short)).status_code in (200, 401)
    for wrong in (token[:-1], token + "x", "ap_", "x" * 5_000, hashlib.sha256(token.encode()).hexdigest()):
        assert api.get("venues", _bearer(wrong)).status_code == 401
    # a wrong key is wrong on this machine too, and none is taken from an address
    assert api.get("venues", {"authorization": "Bearer nonsense"}).status_code == 401
    assert api.get("venues", ELSEWHERE, token=token).status_code == 401
    row = next(each for each in list_keys(filled) if each["name"] == "desk")
    assert row["last_used_at"] is not None
    assert "token_sha256" not in row
    revoke_key(filled, "DESK")
    _until(lambda: api.get("venues", _bearer(token)).status_code == 401)
    _until(lambda: api.get("venues", _bearer(short)).status_code == 401)
    assert {each["state"] for each in list_keys(filled) if each["name"] in ("desk", "short")} == {
        "revoked",
        "expired",
    }


def test_a_token_is_stored_only_as_its_digest(filled: Database) -> None:
    token = add_key(filled, "digest", ["read"])
    (row,) = filled.rows("SELECT * FROM platform.api_keys WHERE name = 'digest'")
    assert bytes(row["token_sha256"]) == hashlib.sha256(token.encode()).digest()
    assert token not in str(row)
    for name, scopes in (("digest", ["read"]), ("", ["read"]), ("x", ["write"])):
        with pytest.raises(KeyRefusedError):
            add_key(filled, name, scopes)
    with pytest.raises(KeyRefusedError):
        revoke_key(filled, "nobody")
    revoke_key(filled, "digest")


def test_a_key_may_do_what_its_scopes_say(api: Api, filled: Database) -> None:
    tokens = {
        scope: add_key(filled, f"may {scope}", [scope])
        for scope in ("read", "write:alerts", "write:watchlists", "admin")
    }
    asked = {
        "read": ("GET", "/api/v1/venues", None),
        "write:watchlists": ("POST", "/api/v1/watchlists", '{"name": ""}'),
        "write:alerts": ("POST", "/api/v1/alert-rules", '{"name": "", "expression": "price > 1"}'),
        "admin": ("GET", "/metrics", None),
    }
    _until(lambda: api.get("venues", _bearer(tokens["read"])).status_code == 200)
    _until(lambda: api.get("venues", _bearer(tokens["admin"])).status_code == 200)
    for scope, token in tokens.items():
        for wanted, (method, path, body) in asked.items():
            status = _status(api, method, path, data=body, headers={**JSON, **_bearer(token)})
            may = scope in ("admin", wanted) or wanted == "read"
            assert (status != 403) == may, (scope, wanted, status)
    for scope in tokens:
        revoke_key(filled, f"may {scope}")


def test_a_page_of_another_site_cannot_write_by_a_form(api: Api) -> None:
    url = "/api/v1/watchlists"
    assert _status(api, "POST", url, data={"name": "x"}) == 415
    assert _status(api, "POST", url, data='{"name": "x"}', headers={"content-type": "text/plain"}) == 415
    evil = {**JSON, "origin": "https://evil.example"}
    assert _status(api, "POST", url, data='{"name": "x"}', headers=evil) == 403
    assert _status(api, "POST", url, data=b" " * 70_000, headers=JSON) == 413

    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b" " * 10_000

    assert _status(api, "POST", url, data=chunks(), headers=JSON) == 413


def test_too_many_requests_are_told_when_to_come_again(filled: Database) -> None:
    token = add_key(filled, "eager", ["read"], requests_per_minute=3)
    policy = Policy(per_minute=5, loopback_per_minute=4)
    try:
        with served(make_app(filled, owner=filled, policy=policy)) as url:
            api = Api(url)
            for headers, most in ((_bearer(token), 3), (ELSEWHERE, 5), ({}, 4)):
                statuses = [api.get("venues", headers).status_code for _ in range(most + 1)]
                assert statuses[-1] == 429
                assert 429 not in statuses[:-1]
                assert 1 <= int(api.get("venues", headers).headers["retry-after"]) <= 60
    finally:
        revoke_key(filled, "eager")


def test_beyond_this_machine_it_listens_only_where_there_is_a_key(database: Database) -> None:
    assert why_no_api(database.dsn, "127.0.0.1") is None
    assert "alphapulse api keys add" in (why_no_api(database.dsn, "0.0.0.0") or "")
    add_key(database, "desk", ["read"])
    assert why_no_api(database.dsn, "0.0.0.0") is None


def test_answers_say_what_a_browser_must_not_do_with_them(api: Api) -> None:
    for answer in (api.get("venues"), api.get("nothing"), api.get("venues", ELSEWHERE)):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "server" not in answer.headers or answer.headers["server"] == "uvicorn"
        assert "set-cookie" not in answer.headers
    assert requests.get(f"{api.url}/api/v1/venues", timeout=10).headers["vary"] == "Accept, Accept-Encoding"


def _until(true: Any) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.1)
