"""Copies of a story are found, and nothing that is none; what comes later changes nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_assets.news.texts.language import languages
from alphapulse_assets.news.texts.stories import (
    NEW_SCHEMA,
    STORED_SCHEMA,
    Stories,
    assigned,
    jaccard,
    shingles,
    words_of,
)
from alphapulse_sim.stories import stories as told_by_simulator

START = datetime(2025, 3, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
HACK = "Exchange halts withdrawals of all tokens after an attack on its hot wallet"
MORE = (
    "The exchange said on Monday that it had lost some 40 million dollars and asked its users for patience."
)


def frame(*rows: tuple[float, str | None, str | None]) -> pl.DataFrame:
    """Texts by hours after the start, title and body; ids in their order."""
    texts = [(n, START + hours * HOUR, title, body) for n, (hours, title, body) in enumerate(rows)]
    return pl.DataFrame(texts, NEW_SCHEMA, orient="row")


def clusters(*rows: tuple[float, str | None, str | None]) -> list[int]:
    """The story of each text."""
    return Stories().place(frame(*rows))["cluster_id"].to_list()


@pytest.mark.parametrize(
    ("title", "body"),
    [
        (HACK, MORE),
        (f"BREAKING: {HACK}", MORE),
        (HACK.upper(), MORE),
        (f"{HACK} - CoinDesk", MORE),
        (HACK, None),  # GDELT tells headlines only
        ("Hackers strike a large exchange in the night", f"{HACK}. {MORE}"),
        (HACK, MORE.rpartition(" and ")[0]),
    ],
)
def test_copies_belong_to_the_story_that_was_first(title: str, body: str | None) -> None:
    assert clusters((0, HACK, MORE), (5, title, body)) == [0, 0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Bitcoin developers to meet in Berlin soon", None), ("Solana developers to meet in Berlin", None)),
        (("Bitcoin rises 3% to $61,200 in an hour of calm trading", None),
         ("Bitcoin rises 4% to $62,900 in an hour of calm trading", None)),
        (("Price today", None), ("Price today", None)),
        (("Market wrap", "All about today's prices"), ("Market wrap", "Little happened")),
        (("", None), ("", None)),
        ((HACK, MORE), ("Court lets exchange resume withdrawals of all tokens", "A judge decided.")),
    ],
)  # fmt: skip
def test_texts_in_the_same_words_that_tell_of_something_else_are_none(
    one: tuple[str, str | None], other: tuple[str, str | None]
) -> None:
    assert clusters((0, *one), (1, *other)) == [0, 1]


def test_a_story_ends_72_hours_after_its_first_text() -> None:
    hours = (0, 71, 72, 73, 100, 144, 146)
    assert clusters(*((each, HACK, MORE) for each in hours)) == [0, 0, 0, 3, 3, 3, 6]


def test_posts_without_a_title_are_compared_by_what_they_say() -> None:
    assert clusters((0, None, MORE), (1, None, f"RT @someone {MORE} https://t.co/x"), (2, "", MORE)) == [
        0,
        0,
        0,
    ]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_what_comes_later_changes_nothing_and_batches_make_no_difference(data: st.DataObject) -> None:
    pool = [
        (HACK, MORE),
        (f"JUST IN: {HACK}", MORE),
        (HACK, None),
        ("A calm day on all the markets", "Little moved."),
    ]
    picks = data.draw(st.lists(st.tuples(st.integers(0, 40), st.sampled_from(pool)), min_size=2, max_size=14))
    hour, rows = 0, []
    for step, (title, body) in picks:
        hour += step
        rows.append((float(hour), title, body))
    texts = frame(*rows)
    whole = Stories().place(texts)
    cut = data.draw(st.integers(1, texts.height - 1))
    assert Stories().place(texts[:cut]).equals(whole[:cut])
    stored = (
        texts[:cut].join(whole.select("text_id", "cluster_id"), on="text_id").match_to_schema(STORED_SCHEMA)
    )
    assert assigned(texts[cut:], stored).equals(whole[cut:])
    once = Stories()
    assert pl.concat([once.place(texts[n : n + 1]) for n in range(texts.height)]).equals(whole)


def test_simulated_copies_are_found_and_little_else() -> None:
    first = int(START.timestamp() * 1000)
    told = [each for each in told_by_simulator(7, first, first + 24 * 3_600_000) if each.language == "en"]
    number = {each.key: n for n, each in enumerate(told)}
    texts = pl.DataFrame(
        [
            (n, datetime.fromtimestamp(each.at / 1000, UTC), each.title, each.summary)
            for n, each in enumerate(told)
        ],
        NEW_SCHEMA,
        orient="row",
    )
    placed = Stories().place(texts)["cluster_id"].to_list()
    story = [number.get(each.copy_of or each.key) for each in told]
    copies = [n for n, each in enumerate(told) if each.copy_of and story[n] is not None]
    found = [n for n in copies if story[placed[n]] == story[n]]
    wrong = [n for n, cluster in enumerate(placed) if story[n] is not None and story[cluster] != story[n]]
    assert len(copies) > 200
    assert len(found) / len(copies) > 0.97
    assert len(wrong) / len(told) < 0.02


def test_real_posts_that_repeat_are_found_as_exact_comparison_finds_them(shared_data: Path) -> None:
    lines = (shared_data / "text" / "vader_tweets_GroundTruth.txt").read_text("utf-8").splitlines()[:1500]
    posts = [line.split("\t")[2] for line in lines]
    placed = (
        Stories()
        .place(frame(*((n / 1000, None, post) for n, post in enumerate(posts))))["cluster_id"]
        .to_list()
    )
    words = [shingles(words_of(post)) for post in posts]
    by_shingle: dict[str, list[int]] = {}
    copies, missed, wrong = 0, 0, 0
    for n, mine in enumerate(words):
        near = {other for each in mine for other in by_shingle.setdefault(each, [])}
        alike = max((jaccard(mine, words[other]) for other in near), default=0.0)
        for each in mine:
            by_shingle[each].append(n)
        copies += alike >= 0.9
        missed += alike >= 0.9 and placed[n] == n
        wrong += alike < 0.75 and placed[n] != n
    assert (missed, wrong) == (0, 0)
    assert copies >= 10


def test_languages_of_headlines_and_of_slang() -> None:
    headlines = {
        "Bitcoin falls below $90,000 as outflows from funds mount": "en",
        "Bitcoin fällt unter 90.000 Dollar, weil Anleger Geld abziehen": "de",
        "El precio de Bitcoin cae por debajo de los 90.000 dólares": "es",
        "Le cours du Bitcoin passe sous la barre des 90 000 dollars": "fr",
        "Preço do Bitcoin cai para menos de 90 mil dólares nesta segunda": "pt",
        "Биткоин упал ниже 90 000 долларов на фоне оттока средств": "ru",
        "ビットコインが9万ドルを下回る": "ja",
        "比特币跌破九万美元": "zh",
        "비트코인 9만 달러 아래로 하락": "ko",
        "BITCOIN CRASHES AS EXCHANGE HALTS WITHDRAWALS OF ALL TOKENS": "en",
    }
    found = languages(list(headlines))
    assert [each.code for each in found] == list(headlines.values())
    assert all(each.confidence is not None for each in found)
    for slang in ("gm wagmi", "$BTC 🚀🚀", "ngmi lol", "", "12345"):
        assert languages([slang])[0] == ("en", None)
