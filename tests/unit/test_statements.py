"""Statements with braces: filled with names that were checked, and with nothing else."""

import re
from pathlib import Path

import pytest
from psycopg import sql

from alphapulse_resources.database.statements import SQL_DIRECTORY, statement, template


def test_braces_are_filled_with_quoted_names_and_composed_sql() -> None:
    query = statement("candles/bars_to_check", relation="ohlcv_5m", bars=sql.SQL("b.bars"))
    assert 'FROM "ohlcv_5m" AS b' in query
    assert "b.bars AS bars" in query
    assert "{" not in query


def test_a_file_without_braces_is_read_as_it_is() -> None:
    for name in ("derived/due", "candles/behind"):  # the first has '{}' in it
        assert statement(name) == (SQL_DIRECTORY / f"{name}.sql").read_text()


@pytest.mark.parametrize("name", ['x" CROSS JOIN users --', "Ohlcv_1m", "1m", "", "a.b", "a b"])
def test_what_is_no_plain_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is no name"):
        template("candles/picture", relation=name)


@pytest.mark.parametrize("parts", [{}, {"table": "a"}, {"relation": "a", "table": "b"}])
def test_braces_and_parts_have_to_be_the_same(parts: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=re.escape("['relation']")):
        statement("candles/picture", **parts)


def test_no_statement_is_filled_by_hand() -> None:
    """`replace` and `format` on a statement's text know nothing of names; `statement` itself does."""
    root = Path(__file__).resolve().parents[2]
    by_hand = re.compile(r"\bstatement\([^()]*\)\s*\.\s*(?:replace|format)\(|SQL\(statement\(")
    files = [file for package in root.glob("alphapulse_*") for file in package.rglob("*.py")]
    assert len(files) > 100
    assert [str(file.relative_to(root)) for file in files if by_hand.search(file.read_text())] == []
