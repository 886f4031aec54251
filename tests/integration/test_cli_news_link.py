"""`alphapulse news link`: of whom a text is, with the coins of the database and with those named."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_support import environment, run

from alphapulse_resources.database.client import Database


@pytest.fixture(autouse=True)
def asked(dsn: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with environment(monkeypatch, tmp_path / "home", DSN=dsn):
        yield


def test_the_coins_of_all_instruments_are_known(database: Database) -> None:
    database.execute(
        "INSERT INTO instruments (venue, symbol, kind, base, quote)"
        " VALUES ('binance', 'SOL/USDT', 'spot', 'SOL', 'USDT')"
    )
    told = run("news", "link", "Solana (SOL) leaves Bitcoin behind", "-f", "json").json
    assert [(row["coin"], row["rule"], row["linked"]) for row in told] == [("SOL", "parenthesised", True)]


def test_why_a_mention_is_no_link_is_told() -> None:
    told = run("news", "link", "GAS fees on Ethereum", "--coins", "GAS,ETH", "-f", "json").json
    assert [(row["coin"], row["linked"], row["confidence"] is None) for row in told] == [
        ("ETH", True, False),
        ("GAS", False, True),
    ]
    assert "beside" in told[1]["why_not"]


def test_a_text_is_read_with_the_names_of_its_time() -> None:
    arguments = ("news", "link", "Terra (LUNA) soars", "--coins", "LUNA,LUNC", "-f", "json")
    assert [row["coin"] for row in run(*arguments, "--at", "2021-05-01").json] == ["LUNC"]
    assert [row["coin"] for row in run(*arguments, "--at", "2023-05-01").json] == ["LUNA"]
    refused = run(*arguments, "--at", "yesterday")
    assert refused.code != 0
    assert "is no time" in refused.err
