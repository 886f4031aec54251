"""Which shard follows which symbol: every symbol exactly one, the same everywhere, few moves."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alphapulse_assets.streaming.shards import Shard, all_shards, shard_of

SYMBOLS = [f"{venue}:C{number}/USDT" for venue in ("binance", "bybit") for number in range(1000)]
names = st.tuples(st.sampled_from(["binance", "bybit", "coinbase"]), st.text(min_size=1, max_size=12))


@given(names, st.integers(1, 12))
def test_every_symbol_is_carried_by_exactly_one_shard(name: tuple[str, str], count: int) -> None:
    assert sum(shard.carries(*name) for shard in all_shards(count)) == 1


@given(names, st.integers(1, 12))
def test_a_symbol_stays_or_goes_to_the_shard_that_was_added(name: tuple[str, str], count: int) -> None:
    text = ":".join(name)
    before, after = shard_of(text, count), shard_of(text, count + 1)
    assert after.index in (before.index, count + 1)


@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_one_shard_more_moves_its_share_of_the_symbols(count: int) -> None:
    moved = sum(shard_of(name, count).index != shard_of(name, count + 1).index for name in SYMBOLS)
    assert moved / len(SYMBOLS) == pytest.approx(1 / (count + 1), abs=0.04)


def test_shards_carry_about_as_much_as_each_other() -> None:
    carried = [sum(shard_of(name, 4) == shard for name in SYMBOLS) for shard in all_shards(4)]
    assert sum(carried) == len(SYMBOLS)
    assert min(carried) > 0.85 * len(SYMBOLS) / 4


def test_another_process_comes_to_the_same_answer() -> None:
    code = (
        "from alphapulse_assets.streaming.shards import shard_of\n"
        "print(*(shard_of(f'binance:C{n}/USDT', 5).index for n in range(50)))"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=True
    ).stdout
    assert said.split() == [str(shard_of(f"binance:C{n}/USDT", 5).index) for n in range(50)]


@given(st.integers(1, 50), st.integers(0, 50))
def test_a_name_leads_back_to_its_shard(index: int, more: int) -> None:
    shard = Shard(index, index + more)
    assert Shard.parse(shard.name) == shard


@pytest.mark.parametrize("name", ["", "1", "0-of-2", "3-of-2", "1-of-0", "1-of-2-of-3", "a-of-b", "-1-of-2"])
def test_what_is_no_shard_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="shard"):
        Shard.parse(name)
