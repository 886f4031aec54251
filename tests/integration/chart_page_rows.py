"""Rows behind the pages Chart,
Derivatives and Sentiment: four hours of one symbol with something of everything."""

from datetime import UTC, datetime, timedelta
from typing import Final

from alphapulse_resources.database.client import Database
from tests.integration.aggregate_support import Said, store

SYMBOL: Final = "BTC/USDT"
CONTRACT: Final = "BTC/USDT:USDT"
MINUTES: Final = 240
GAP: Final = (100, 90)
"""The gap: from so many minutes before the newest bar's close to so many."""

_SPOT: Final = "(SELECT instrument_id FROM instruments WHERE venue = 'binance' AND symbol = 'BTC/USDT')"
_PERPETUAL: Final = (
    "(SELECT instrument_id FROM instruments WHERE venue = 'binanceusdm' AND symbol = 'BTC/USDT:USDT')"
)
_INSTRUMENTS: Final = """
INSERT INTO instruments (venue, symbol, venue_symbol, kind, base, quote, settle, active, tracked, tracked_at)
VALUES ('binance', 'BTC/USDT', 'BTCUSDT', 'spot', 'BTC', 'USDT', NULL, true, true, now()),
    ('binanceusdm', 'BTC/USDT:USDT', 'BTCUSDT', 'perpetual', 'BTC', 'USDT', 'USDT', true, true, now())
"""
_CANDLES: Final = f"""
INSERT INTO ohlcv_1m (instrument_id, ts, open, high, low, close, volume, source_id, received_at)
SELECT {_SPOT}, t, 20000 + n, 20010 + n, 19990 + n, 20005 + n, 1 + n %% 7, 1, t + INTERVAL '1 minute'
FROM generate_series(0, %(minutes)s - 1) AS n, LATERAL (
    SELECT %(end)s::timestamptz - (%(minutes)s - n) * INTERVAL '1 minute' AS t
) AS moment
WHERE n NOT BETWEEN %(minutes)s - %(gap_start)s AND %(minutes)s - %(gap_end)s - 1
"""
_PATTERNS: Final = f"""
INSERT INTO candlestick_pattern_events (instrument_id, timeframe_id, ts, pattern, logic_version, known_at,
    direction, strength, candles, began_at, unbroken)
SELECT {_SPOT}, timeframe_id, %(end)s::timestamptz - INTERVAL '20 minutes', 'hammer', 1,
    %(end)s::timestamptz - INTERVAL '19 minutes', 'bullish', 100, 1,
    %(end)s::timestamptz - INTERVAL '20 minutes', true
FROM timeframes WHERE timeframe = '1m';
INSERT INTO volume_pattern_events (instrument_id, timeframe_id, ts, pattern, logic_version, known_at,
    direction,
    strength, confidence, volume_ratio, price_change, detail)
SELECT {_SPOT}, timeframe_id, %(end)s::timestamptz - INTERVAL '15 minutes', 'spike', 1,
    %(end)s::timestamptz - INTERVAL '14 minutes', 'bullish', 'strong', 0.8, 3.1, 0.01, '{{"kind": "3x"}}'
FROM timeframes WHERE timeframe = '1m';
INSERT INTO chart_pattern_events (instrument_id, timeframe_id, ts, pattern_id, stage, logic_version,
    known_at, pattern,
    direction, scale, completion, pivot_ts, pivot_prices, lines, breakout_level, target, invalidation,
    height, atr,
    quality, detail)
SELECT {_SPOT}, timeframe_id, %(end)s::timestamptz - m * INTERVAL '1 minute', 7, stage, 1,
    %(end)s::timestamptz - (m - 1) * INTERVAL '1 minute', 'double_bottom', 'bullish', 3, completion,
    ARRAY[%(end)s::timestamptz AT TIME ZONE 'UTC' - INTERVAL '70 minutes',
        %(end)s::timestamptz AT TIME ZONE 'UTC' - INTERVAL '50 minutes'], ARRAY[20100.0, 20180.0],
    jsonb_build_object('lower', jsonb_build_array(%(end)s::timestamptz - INTERVAL '70 minutes', 20100,
        %(end)s::timestamptz - INTERVAL '30 minutes', 20150)),
    20230, 20300, 20150, 50, 15, 0.7, jsonb_build_object('reason', 'broke out',
        'expires', %(end)s::timestamptz + INTERVAL '60 minutes')
FROM timeframes, (VALUES (40, 'forming', 60.0), (25, 'complete', 100.0)) AS s (m, stage, completion)
WHERE timeframe = '1m';
INSERT INTO pattern_configurations (version, configuration) VALUES (1, '{{"sizing": {{"equity": 10000}}}}')
ON CONFLICT DO NOTHING;
INSERT INTO signal_events (instrument_id, timeframe_id, ts, logic_version, configuration_version, known_at,
    signal,
    score, net, confidence, patterns, run, trigger, entry, atr, stop, target, risk_atr, reward_risk,
    expires_at, reasons)
SELECT {_SPOT}, timeframe_id, %(end)s::timestamptz - INTERVAL '12 minutes', 1,
    1, %(end)s::timestamptz - INTERVAL '11 minutes', 'buy', 40, 0.6, 62,
    2, 1, 'hammer', 20230, 15, 20200, 20290, 2, 2, %(end)s::timestamptz + INTERVAL '90 minutes',
    '{{"counted": [{{"timeframe": "1m", "family": "candlestick", "pattern": "hammer", "direction": "bullish",
        "confidence": 62, "weight": 0.5}}], "overridden": []}}'
FROM timeframes WHERE timeframe = '1m';
INSERT INTO gap_ledger (instrument_id, gap_start, gap_end, state, detected_at, verified_at, reason, dataset)
VALUES ({_SPOT}, %(end)s::timestamptz - %(gap_start)s * INTERVAL '1 minute',
    %(end)s::timestamptz - %(gap_end)s * INTERVAL '1 minute', 'venue_had_none',
    %(end)s::timestamptz - INTERVAL '80 minutes', %(end)s::timestamptz - INTERVAL '70 minutes',
    'venue maintenance',
    'ohlcv_1m')
"""
_FUTURES: Final = f"""
INSERT INTO open_interest_readings (instrument_id, ts, contracts, base_amount, quote_value, settle_value,
    known_at,
    source, received_at)
SELECT {_PERPETUAL}, t, 500 + n, 500 + n, 10000000 + 10000 * n, 10000000, t, 'rest', t
FROM generate_series(0, 40) AS n,
    LATERAL (SELECT %(end)s::timestamptz - n * INTERVAL '5 minutes' AS t) AS moment;
INSERT INTO funding_settlements (instrument_id, ts, rate, interval_hours, known_at, source, received_at)
SELECT {_PERPETUAL}, t, 0.0001 * (n - 1), 8, t, 'rest', t
FROM generate_series(0, 3) AS n,
    LATERAL (SELECT date_trunc('day', %(end)s::timestamptz, 'UTC') - n * INTERVAL '8 hours' AS t) AS moment;
INSERT INTO futures_latest (instrument_id, open_interest_at, contracts, base_amount, quote_value,
    settle_value,
    open_interest_known_at, priced_at, mark_price, index_price, funding_rate, next_funding_at, interval_hours,
    prices_known_at)
VALUES ({_PERPETUAL}, %(end)s, 500, 500, 10250000, 10250000, %(end)s, %(end)s, 20500, 20490, 0.0003,
    %(end)s::timestamptz + INTERVAL '2 hours', 8, %(end)s)
ON CONFLICT (instrument_id) DO UPDATE SET quote_value = excluded.quote_value,
    base_amount = excluded.base_amount,
    open_interest_at = excluded.open_interest_at, open_interest_known_at = excluded.open_interest_known_at,
    priced_at = excluded.priced_at, mark_price = excluded.mark_price, index_price = excluded.index_price,
    funding_rate = excluded.funding_rate, next_funding_at = excluded.next_funding_at,
    interval_hours = excluded.interval_hours, prices_known_at = excluded.prices_known_at
"""
_OPTIONS: Final = """
INSERT INTO option_contracts (provider, name, currency, base, settle, inverse, expiry, strike, kind,
    contract_size,
    listed_at, first_seen, last_seen)
VALUES ('deribit', 'BTC-X-20000-C', 'BTC', 'BTC', 'BTC', true, %(end)s::timestamptz + INTERVAL '30 days',
    20000, 'call',
    1, %(end)s, %(end)s, %(end)s);
INSERT INTO option_expiry_summaries (provider, currency, ts, expiry, logic_version, known_at, forward,
    calls_open_interest, puts_open_interest, calls_volume_24h, puts_volume_24h, put_call_open_interest,
    contracts,
    max_pain, atm_iv)
VALUES ('deribit', 'BTC', %(end)s, %(end)s::timestamptz + INTERVAL '30 days', 1, %(end)s, 20500, 100, 80,
    1, 1, 0.8, 10,
    21000, 44.4);
INSERT INTO option_summaries (provider, currency, ts, logic_version, known_at, index_price,
    calls_open_interest,
    puts_open_interest, calls_volume_24h, puts_volume_24h, put_call_open_interest, contracts, expiries,
    atm_iv_30d)
VALUES ('deribit', 'BTC', %(end)s, 1, %(end)s, 20490, 100, 80, 1, 1, 0.8, 10, 1, 44.4)
"""
_MOOD: Final = f"""
INSERT INTO sentiment_correlation_lags (instrument_id, ts, days, series, against, lag, logic_version,
    known_at, coin,
    model, model_version, pairs, correlation, low, high, trials, q, verdict)
SELECT {_SPOT}, date_trunc('day', %(end)s::timestamptz, 'UTC') - INTERVAL '1 day', 30, 'level', 'return',
    lag, 1, %(end)s,
    'BTC', 'linear', '1', 700, 0.3, 0.3 - width, 0.3 + width, 10, 0.2, 'no demonstrated relation'
FROM (VALUES (-1, 0.5), (0, 0.1), (1, 0.5)) AS w (lag, width);
INSERT INTO fear_greed_vintages (provider, ts, revision, value, classification, scheduled_at, known_at,
    received_at)
VALUES ('alternative_me', date_trunc('day', %(end)s::timestamptz, 'UTC'), 0, 23, 'extreme_fear', %(end)s,
    %(end)s, %(end)s);
INSERT INTO dominance_regime_hours (provider, basis, asset, ts, logic_version, dominance, regime, known_at)
SELECT 'coingecko', 'market', asset, date_trunc('hour', %(end)s::timestamptz) - n * INTERVAL '1 hour', 1,
    40 - n,
    'falling', %(end)s
FROM unnest(ARRAY['btc', 'eth', 'stablecoin']) AS asset, generate_series(1, 5) AS n
"""
HOSTILE: Final = "<img src=x onerror=\"document.title='owned'\"> Bitcoin falls"


def fill(database: Database) -> datetime:
    """Write all of it, up to the minute that is over; the answer is that minute's end."""
    end = datetime.now(UTC).replace(second=0, microsecond=0)
    values = {"end": end, "minutes": MINUTES, "gap_start": GAP[0], "gap_end": GAP[1]}
    for statements in (_INSTRUMENTS, _CANDLES, _PATTERNS, _FUTURES, _OPTIONS, _MOOD):
        for statement in statements.split(";"):
            if statement.strip():
                database.execute(statement, values)
    before = end - timedelta(hours=1)
    store(
        database,
        [
            Said(1, before, score=-0.8, title=HOSTILE),
            Said(2, before, score=0.9, title="Bitcoin upgrade goes live"),
            Said(3, before, score=None, title="Bitcoin in an unknown language"),
        ],
    )
    return end
