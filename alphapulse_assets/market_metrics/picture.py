"""Pictures of market metrics for the metadata of a run: dominance by provider, and its regimes."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import dagster as dg
import matplotlib.dates
import polars as pl

from alphapulse_assets.core.plots import BAND, LINE, MISSING, as_markdown, dress, new_figure
from alphapulse_assets.datasets.collecting import Sources
from alphapulse_assets.market_metrics.history import DAY, midnight
from alphapulse_assets.market_metrics.model import MAIN_COINS_BASIS, MARKET_BASIS
from alphapulse_resources.database.client import statement

_DATES: Final[Any] = matplotlib.dates  # its functions carry no types
_ASSETS: Final = {"btc_dominance": "Bitcoin", "eth_dominance": "Ether", "stablecoin_dominance": "stablecoins"}
_LINES: Final = {"coingecko": LINE, "coinmarketcap": MISSING}
SHOWN: Final = timedelta(days=30)
"""A picture shows what was before the last day, too, as far as it is stored."""
ENOUGH: Final = 48
"""Hours of the market's own dominance from which on it is shown instead of that of main coins (ours)."""


def draw_dominance(frame: pl.DataFrame, title: str) -> str:
    """Panels of each asset by provider (provider, ts and dominances), in markdown."""
    figure = new_figure(7.0, 4.2, title)
    for place, (column, name) in enumerate(_ASSETS.items(), start=1):
        axes = figure.add_subplot(len(_ASSETS), 1, place)
        axes.set_title(name, loc="left", fontsize=8.5, pad=3)
        for provider, colour in _LINES.items():
            told = frame.filter(pl.col("provider") == provider).drop_nulls(column).sort("ts")
            if told.height:
                x = _DATES.date2num(told["ts"].to_list())
                axes.plot(x, told[column], color=colour, linewidth=1.1, label=provider)
        if place == 1 and axes.get_legend_handles_labels()[1]:
            axes.legend(fontsize=7, frameon=False, loc="upper left", ncols=2)
        dress(axes)
    return as_markdown(figure, title)


def show_regimes(sources: Sources, days: Sequence[date]) -> Mapping[str, Any]:
    """Dominances by provider, Bitcoin's by CoinGecko with its regimes, and a table of the turns of the
    days."""
    end = midnight(max(days)) + DAY
    told = sources.database.read(statement("market_metrics/dominance_picture"), (end - SHOWN, end))
    shown = {}
    if told.height > 1:
        shown["dominance"] = dg.MetadataValue.md(draw_dominance(told, f"Dominance until {max(days)}, %"))
    found = sources.database.read(statement("market_metrics/regimes_picture"), (end - SHOWN, end))
    if found.height < 2:
        return shown
    basis = (
        MARKET_BASIS if found.filter(pl.col("basis") == MARKET_BASIS).height >= ENOUGH else MAIN_COINS_BASIS
    )
    found = found.filter(pl.col("basis") == basis)
    title = f"Bitcoin's dominance until {max(days)}, % ({basis})"
    regimes = dg.MetadataValue.md(draw_regimes(found, title))
    return {**shown, "picture": regimes, "turns": _turns(found, days)}


def draw_regimes(frame: pl.DataFrame, title: str) -> str:
    """Dominance by the hour (ts, dominance, regime), blue where it rises, red where it falls, in markdown."""
    figure = new_figure(7.0, 2.4, title)
    axes = figure.subplots()
    x = _DATES.date2num(frame["ts"].to_list())
    axes.plot(x, frame["dominance"], color=BAND, linewidth=1.0)
    for regime, colour in (("rising", LINE), ("falling", MISSING)):
        marked = frame.select(pl.when(pl.col("regime") == regime).then(pl.col("dominance")))
        axes.plot(x, marked.to_series().to_numpy(), color=colour, linewidth=1.6, label=regime)
    axes.legend(fontsize=7, frameon=False, loc="upper left", ncols=2)
    dress(axes)
    return as_markdown(figure, title)


def _turns(frame: pl.DataFrame, days: Sequence[date]) -> dg.TableMetadataValue:
    turned = frame.filter(pl.col("turned_from").is_not_null() & pl.col("ts").dt.date().is_in(list(days)))
    names = ("ts", "turned_from", "regime", "dominance", "change_24h")
    records = [
        dg.TableRecord({name: str(row[name]) if name == "ts" else row[name] for name in names})
        for row in turned.tail(100).iter_rows(named=True)
    ]
    kinds = {"dominance": "float", "change_24h": "float"}
    columns = [dg.TableColumn(name, kinds.get(name, "string")) for name in names]
    return dg.MetadataValue.table(records, dg.TableSchema(columns))
