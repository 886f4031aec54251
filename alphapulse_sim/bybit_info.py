"""What Bybit says of one of its instruments."""

from typing import Any

from alphapulse_sim.decimals import step_string
from alphapulse_sim.funding import interval_hours
from alphapulse_sim.instruments import Listing


def instrument(listing: Listing, now_ms: int) -> dict[str, Any]:
    """One row of `instruments-info`."""
    tick, lot = step_string(listing.price_digits), step_string(listing.size_digits)
    status = "Trading" if listing.trading(now_ms) else "Closed"
    head = {"symbol": listing.symbol, "status": status, "baseCoin": listing.base, "quoteCoin": listing.quote}
    if listing.kind == "spot":
        return head | {
            "innovation": "0",
            "marginTrading": "utaOnly",
            "lotSizeFilter": {
                "basePrecision": lot,
                "quotePrecision": step_string(listing.price_digits + listing.size_digits),
                "minOrderQty": lot,
                "maxOrderQty": "1000000",
                "minOrderAmt": "1",
                "maxOrderAmt": "4000000",
            },
            "priceFilter": {"tickSize": tick},
        }
    return head | {
        "contractType": "LinearPerpetual",
        "launchTime": str(listing.listed_ms),
        "deliveryTime": "0" if listing.trading(now_ms) else str(listing.delisted_ms),
        "deliveryFeeRate": "",
        "priceScale": str(listing.price_digits),
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
        "priceFilter": {"minPrice": tick, "maxPrice": "1999999.98", "tickSize": tick},
        "lotSizeFilter": {
            "maxOrderQty": "1000000",
            "minOrderQty": lot,
            "qtyStep": lot,
            "minNotionalValue": "5",
        },
        "unifiedMarginTrade": True,
        "fundingInterval": 60 * interval_hours(listing, now_ms),
        "settleCoin": listing.quote,
        "isPreListing": False,
        "preListingInfo": None,
    }
