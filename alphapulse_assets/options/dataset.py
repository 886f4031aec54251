"""Options as data sets: the chain as it was quoted, what it sums up to, and the volatility index."""

from datetime import timedelta
from typing import Final

from alphapulse_assets.datasets.collected_checks import collected_rules
from alphapulse_assets.datasets.dataset import Dataset, Retention
from alphapulse_assets.datasets.rules import RuleSet
from alphapulse_assets.options import black76, checks, fills, picture
from alphapulse_assets.options.collectors import CHAIN, INDEX, SUMMARY
from alphapulse_assets.options.model import EXPIRIES, QUOTES, SUMMARY_VERSION, TOTALS, VOLATILITY_INDEX

GROUP: Final = "options"
KEPT: Final = timedelta(days=30)
"""As in the table's comment and in its policy of TimescaleDB."""

OPTIONS_CHAIN: Final = Dataset(
    name="options_chain",
    description="Quotes, implied volatility, open interest and greeks of every listed option, each quarter "
    "of an hour.\n\n"
    "From Deribit's public book summaries: options on BTC and ETH with prices in the coin, and those with "
    "prices in USDC. Greeks are ours, by Black's formula on the forward that Deribit tells. Quotes are kept "
    "for 30 days, and nobody has those of before; a materialization computes the greeks of a day again.",
    group=GROUP,
    layer="collected",
    tables=[QUOTES],
    relations=["option_contracts", "options_chain", "options_chain_now", "option_contracts_listed"],
    versions=[black76.LOGIC_VERSION],
    collectors=[CHAIN],
    fill=fills.fill_chain,
    show_collected=picture.show_chain,
    rules=RuleSet(
        known=("known_at", "logic_version"),
        between={
            **dict.fromkeys(
                ("mark_price", "bid_price", "ask_price", "open_interest", "volume_24h"), (0.0, None)
            ),
            "mark_iv": (0.0, 1000.0),
            "delta": (-1.0, 1.0),
            **dict.fromkeys(("gamma", "vega"), (0.0, None)),
            **dict.fromkeys(("underlying_price", "index_price"), (0.0, None)),
        },
        ordered=(("bid_price", "ask_price"),),
    ),
    checks=[
        collected_rules(
            "Prices, open interest and volume not negative, volatility up to 1000 %, bids below asks."
        ),
        checks.GONE_AT_EXPIRY,
        checks.PARITY_CHECK,
    ],
    retention={QUOTES.name: Retention(KEPT, by_chunks=True)},
)
OPTIONS_SUMMARY: Final = Dataset(
    name="options_summary",
    description="What options sum up to, each quarter of an hour: puts against calls, max pain, skew, term "
    "structure.\n\n"
    "Of each family (BTC, ETH, SOL_USDC ...), expiry by expiry and of all together. Computed of the quotes "
    "as they are stored, each snapshot out of nothing but itself.",
    group=GROUP,
    layer="collected",
    tables=[TOTALS, EXPIRIES],
    relations=["options_summary", "options_summary_now"],
    reads=["options_chain"],
    versions=[SUMMARY_VERSION, black76.LOGIC_VERSION],
    collectors=[SUMMARY],
    fill=fills.fill_summary,
    show_collected=picture.show_summary,
    rules=RuleSet(
        known=("known_at", "calls_open_interest", "puts_open_interest"),
        between=dict.fromkeys(
            (
                *("calls_open_interest", "puts_open_interest", "calls_volume_24h", "puts_volume_24h"),
                *("put_call_open_interest", "put_call_volume"),
            ),
            (0.0, None),
        ),
    ),
    checks=[
        collected_rules("Open interest, volume and their ratios are known and not negative."),
        checks.SUMMED_UP_AGAIN,
    ],
)
VOLATILITY: Final = Dataset(
    name="volatility_index",
    description="Hours of Deribit's volatility index (DVOL) of BTC and ETH, back to March 2021: what options "
    "say of the volatility of the next thirty days, in percent.",
    group=GROUP,
    layer="collected",
    tables=[VOLATILITY_INDEX],
    relations=["volatility_index"],
    collectors=[INDEX],
    fill=fills.fill_index,
    show_collected=picture.show_index,
    rules=fills.INDEX_RULES,
    checks=[
        collected_rules("Percent above 0 and up to 1000, the low at most and the high at least all others."),
        checks.EVERY_HOUR,
    ],
)
DATASETS: Final = (OPTIONS_CHAIN, OPTIONS_SUMMARY, VOLATILITY)
