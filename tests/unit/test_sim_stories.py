"""The stories of the simulated market: a pure function of seed and time, with their truth."""

import re
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alphapulse_sim.hashing import Ints
from alphapulse_sim.instruments import Catalogue, epoch_ms
from alphapulse_sim.intervals import DAY, HOUR, MINUTE
from alphapulse_sim.market import Market
from alphapulse_sim.news_coins import BY_TICKER, CONTROL, SUBJECTS
from alphapulse_sim.outlets import BY_DOMAIN, CONTROL_OUTLET, LANGUAGES
from alphapulse_sim.stories import Stories, Story, stories
from alphapulse_sim.wording import Draw, name_form

SEED = 7
START = epoch_ms("2024-01-10T09:00")
END = START + 8 * HOUR
moments = st.integers(epoch_ms("2017-09-01") // MINUTE, epoch_ms("2060-01-01") // MINUTE).map(
    lambda minute: minute * MINUTE
)


@pytest.fixture(scope="module")
def told() -> list[Story]:
    """Eight hours of stories."""
    return stories(SEED, START, END)


@pytest.fixture(scope="module")
def known(told: list[Story]) -> dict[str, Story]:
    """Them, and what they may retell, by their keys."""
    return {story.key: story for story in [*stories(SEED, START - 6 * HOUR, START), *told]}


@given(moments, st.integers(1, 400), st.data())
@settings(max_examples=4, deadline=None)
def test_any_window_of_any_year_is_the_sum_of_its_parts(
    start: int, minutes: int, data: st.DataObject
) -> None:
    end = start + minutes * MINUTE
    cut = data.draw(st.integers(start, end))
    whole = stories(SEED, start, end)
    assert whole == stories(SEED, start, cut) + stories(SEED, cut, end)
    assert all(start <= story.at < end for story in whole)
    assert [story.at for story in whole] == sorted(story.at for story in whole)


def test_who_asks_first_for_a_later_day_gets_the_same_stories(told: list[Story]) -> None:
    others = Stories(Market(SEED), Catalogue())
    others.newest("coindesk.com", END + 3 * DAY, 5)
    assert others.between(START, END) == told


def test_another_seed_tells_other_stories(told: list[Story]) -> None:
    other = stories(SEED + 1, START, START + HOUR)
    assert not {story.key for story in other} & {story.key for story in told}


def test_the_newest_of_an_outlet_are_the_last_of_its_stories(told: list[Story]) -> None:
    own = [story for story in told if story.outlet == "decrypt.co" and story.at <= END - HOUR]
    asked = Stories(Market(SEED), Catalogue())
    assert asked.newest("decrypt.co", END - HOUR, 10) == own[:-11:-1]
    about_bitcoin = asked.newest("cointelegraph.com", END, 3, coin="BTC")
    assert [story.coins[0] for story in about_bitcoin] == ["BTC"] * 3


def test_keys_and_addresses_are_never_used_twice_and_are_of_their_outlet(told: list[Story]) -> None:
    assert len({story.key for story in told}) == len(told)
    assert len({story.url for story in told}) == len(told)
    for story in told:
        host = re.sub(r"^https://(www\.)?", "", story.url).partition("/")[0]
        assert host.endswith(story.outlet)


def test_main_coins_have_enough_and_every_coin_and_language_is_told_of() -> None:
    days = stories(SEED, START, START + DAY)
    own = [story for story in days if story.copy_of is None]
    count = {coin: sum(coin in story.coins for story in own) / 24 for coin in BY_TICKER}
    assert all(4 <= count[coin] <= 11 for coin in ("BTC", "ETH", "SOL", "LTC", "DOT"))
    assert {coin for coin, each in count.items() if not each} == {"POL"}  # it was MATIC then
    assert {story.language for story in days} == set(LANGUAGES)
    english = sum(story.language == "en" for story in own) / len(own)
    assert 0.8 < english < 0.92
    assert 0.25 < sum(story.copy_of is not None for story in days) / len(days) < 0.45


def test_a_copy_retells_an_earlier_story_of_another_outlet(
    told: list[Story], known: dict[str, Story]
) -> None:
    copies = [story for story in told if story.copy_of is not None]
    assert len(copies) > 80
    for copy in copies:
        first = known[copy.copy_of or ""]
        assert 2 * MINUTE <= copy.at - first.at <= 6 * HOUR
        assert copy.outlet != first.outlet
        assert (copy.coins, copy.tone, copy.language) == (first.coins, first.tone, first.language)
        assert likeness(copy, first) > 0.53


def test_stories_that_are_no_copies_have_words_of_their_own(told: list[Story]) -> None:
    own = [shingles(story) for story in told if story.copy_of is None and story.language == "en"]
    having: dict[tuple[str, ...], list[int]] = {}
    for place, parts in enumerate(own):
        shared = Counter(other for part in parts for other in having.get(part, ()))
        assert all(count / (len(parts) + len(own[other]) - count) < 0.53 for other, count in shared.items())
        for part in parts:
            having.setdefault(part, []).append(place)


def shingles(story: Story) -> set[tuple[str, ...]]:
    words = re.findall(r"[\w$%.]+", f"{story.title} {story.summary}".lower())
    return set(zip(words, words[1:], words[2:], strict=False))


def likeness(one: Story, other: Story) -> float:
    ours, theirs = shingles(one), shingles(other)
    return len(ours & theirs) / len(ours | theirs)


def test_controls_are_independent_and_nobody_copies_the_control_outlet(
    told: list[Story], known: dict[str, Story]
) -> None:
    controls = {subject.ticker for subject in SUBJECTS if subject.relation == CONTROL}
    assert controls == {"LTC", "DOT"}
    for story in told:
        if story.outlet == CONTROL_OUTLET or controls & set(story.coins[:1]):
            assert story.relation == "independent"
        if story.copy_of is not None:
            assert CONTROL_OUTLET not in (story.outlet, known[story.copy_of].outlet)
    assert {story.relation for story in told} == {"leading", "lagging", "independent"}


def test_a_report_of_a_past_move_has_the_figures_of_the_market(told: list[Story]) -> None:
    market, catalogue = Market(SEED), Catalogue()
    reports = [each for each in told if each.relation == "lagging" and each.language == "en"]
    checked = 0
    for story in [each for each in reports if each.copy_of is None]:
        listing = catalogue.find("binance", "spot", f"{story.coins[0]}USDT")
        assert listing is not None
        before, now = market.mid(listing, _times(story.at - HOUR, story.at))
        for told_change in re.findall(r"(\d+\.\d)%", story.title):
            assert abs(float(told_change) - abs(100 * (now / before - 1))) < 0.051
            falls = story.tone < 0
            assert falls == (now < before)
            checked += 1
        for price in re.findall(r"\$([\d,]+\.?\d*)", story.title):
            assert abs(float(price.rstrip(".").replace(",", "")) / now - 1) < 0.002
    assert checked > 8


def _times(*at: int) -> Ints:
    return np.array(at, dtype=np.int64)


def test_a_renamed_coin_is_told_of_by_its_name_of_the_day() -> None:
    def coins(day: str) -> set[str]:
        found = stories(SEED, epoch_ms(day), epoch_ms(day) + 6 * HOUR)
        return {coin for story in found if story.copy_of is None for coin in story.coins}

    assert coins("2024-09-01") & {"MATIC", "POL"} == {"MATIC"}
    assert coins("2024-09-20") & {"MATIC", "POL"} == {"POL"}


def test_a_second_coin_is_named_in_the_words(told: list[Story]) -> None:
    both = [story for story in told if len(story.coins) == 2 and story.language == "en"]
    assert 0.02 < len(both) / len(told) < 0.15
    for story in both:
        first, second = (BY_TICKER[coin] for coin in story.coins)
        for coin in (first, second):
            named = coin.name in story.summary or coin.ticker in story.summary
            assert named or coin.name.lower() in story.title.lower() or coin.ticker in story.title.upper()


def test_some_stories_are_taken_up_everywhere_within_the_hour() -> None:
    day = stories(SEED, START, START + DAY)
    copies: dict[str, list[Story]] = {}
    for story in day:
        copies.setdefault(story.copy_of or "", []).append(story)
    del copies[""]
    large = [each for each in copies.values() if len({story.outlet for story in each}) >= 6]
    assert 5 < len(large) < 60
    assert all(each[-1].at - each[0].at <= HOUR for each in large)


def test_coins_are_called_in_all_forms_that_texts_use() -> None:
    draw = Draw(1)
    forms = {name_form(draw, BY_TICKER["SOL"]) for _ in range(200)}
    assert forms == {"Solana", "SOL", "Solana (SOL)", "$SOL"}
    assert {name_form(draw, BY_TICKER["XRP"]) for _ in range(200)} == {"XRP", "$XRP"}


def test_some_titles_change_later_and_only_then(told: list[Story]) -> None:
    changed = [story for story in told if story.retitled_at is not None]
    assert 0.01 < len(changed) / len(told) < 0.12
    for story in changed:
        at = story.retitled_at or 0
        assert 10 * MINUTE <= at - story.at <= 90 * MINUTE
        assert story.title_at(at - 1) == story.title != story.title_at(at) == story.later_title


def test_words_are_whole_and_in_the_style_of_the_outlet(told: list[Story]) -> None:
    for story in told:
        assert story.title
        assert story.summary
        assert "{" not in story.title + story.summary
        assert -1 <= story.tone <= 1
        assert BY_DOMAIN[story.outlet].language == story.language
    shouted = [story for story in told if story.title.isupper() and len(story.title) > 20]
    assert 0 < len(shouted) / len(told) < 0.06
    titled = [story.title for story in told if story.outlet == "coindesk.com"]
    assert sum(title.istitle() or " a " not in title for title in titled) > len(titled) / 2


def test_tones_go_from_bad_to_good_with_much_between(told: list[Story]) -> None:
    tones = sorted({story.tone for story in told if story.language == "en"})
    assert tones[0] <= -0.85
    assert tones[-1] >= 0.85
    assert 0.0 in tones
    assert max(later - earlier for earlier, later in pairwise(tones)) < 0.4
