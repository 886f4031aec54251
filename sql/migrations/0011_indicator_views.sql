-- What analysts read of indicators, regimes and volume patterns: venue, symbol and timeframe by name. Nothing here
-- stores anything. Where a row exists in several versions the newest is shown; versions below 0 are trials.

CREATE OR REPLACE VIEW bars AS
SELECT instrument_id, 1::smallint AS timeframe_id, ts, open, high, low, close, volume, quote_volume FROM ohlcv_1m
UNION ALL
SELECT instrument_id, 5::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_5m
UNION ALL
SELECT instrument_id, 15::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_15m
UNION ALL
SELECT instrument_id, 60::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_1h
UNION ALL
SELECT instrument_id, 240::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_4h
UNION ALL
SELECT instrument_id, 1440::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_1d
UNION ALL
SELECT instrument_id, 10080::smallint, ts, open, high, low, close, volume, quote_volume FROM ohlcv_1w;
COMMENT ON VIEW bars IS 'Bars of every timeframe from 1m to 1w by key, the forming one included: what ohlcv is made of, for joins.';
COMMENT ON COLUMN bars.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN bars.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN bars.ts IS 'Open time of the bar.';
COMMENT ON COLUMN bars.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN bars.high IS 'Highest price.';
COMMENT ON COLUMN bars.low IS 'Lowest price.';
COMMENT ON COLUMN bars.close IS 'Last trade''s price.';
COMMENT ON COLUMN bars.volume IS 'Traded size, in base units.';
COMMENT ON COLUMN bars.quote_volume IS 'Traded value, in quote units; null where a source did not tell.';

CREATE OR REPLACE VIEW indicators AS
SELECT i.venue, i.symbol, t.timeframe, v.ts, b.open, b.high, b.low, b.close, b.volume, b.quote_volume,
    v.ema_9, v.ema_20, v.ema_50, v.ema_200, v.sma_20, v.sma_50, v.sma_200, v.rsi_14, v.macd, v.macd_signal,
    v.macd_histogram, v.bb_upper, v.bb_middle, v.bb_lower, v.atr_14, v.adx_14, v.plus_di_14, v.minus_di_14,
    v.obv, v.ad_line, v.vwap_session, v.vwap_week, v.cmf_20, v.mfi_14, v.relative_volume_20,
    v.realised_volatility_20,
    v.known_at, v.logic_version, v.created_at, v.instrument_id
FROM indicator_values AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
JOIN bars AS b USING (instrument_id, timeframe_id, ts)
WHERE v.logic_version > 0
    AND NOT EXISTS (
        SELECT FROM indicator_values AS n
        WHERE n.instrument_id = v.instrument_id AND n.timeframe_id = v.timeframe_id AND n.ts = v.ts
            AND n.logic_version > v.logic_version
    );
COMMENT ON VIEW indicators IS 'Closed bars with their technical indicators, in the newest version of each row.';
COMMENT ON COLUMN indicators.venue IS 'Venue.';
COMMENT ON COLUMN indicators.symbol IS 'Unified symbol.';
COMMENT ON COLUMN indicators.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN indicators.ts IS 'Open time of the bar.';
COMMENT ON COLUMN indicators.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN indicators.high IS 'Highest price.';
COMMENT ON COLUMN indicators.low IS 'Lowest price.';
COMMENT ON COLUMN indicators.close IS 'Last trade''s price.';
COMMENT ON COLUMN indicators.volume IS 'Traded size, in base units.';
COMMENT ON COLUMN indicators.quote_volume IS 'Traded value, in quote units; null where a source did not tell.';
COMMENT ON COLUMN indicators.ema_9 IS 'Exponential moving average of the close, span 9. Null in the first 8 bars.';
COMMENT ON COLUMN indicators.ema_20 IS 'Exponential moving average of the close, span 20. Null in the first 19 bars.';
COMMENT ON COLUMN indicators.ema_50 IS 'Exponential moving average of the close, span 50. Null in the first 49 bars.';
COMMENT ON COLUMN indicators.ema_200 IS 'Exponential moving average of the close, span 200. Null in the first 199 bars.';
COMMENT ON COLUMN indicators.sma_20 IS 'Mean of the last 20 closes. Null in the first 19 bars.';
COMMENT ON COLUMN indicators.sma_50 IS 'Mean of the last 50 closes. Null in the first 49 bars.';
COMMENT ON COLUMN indicators.sma_200 IS 'Mean of the last 200 closes. Null in the first 199 bars.';
COMMENT ON COLUMN indicators.rsi_14 IS 'Relative strength index; 0 if nothing ever moved. Null in the first 14 bars.';
COMMENT ON COLUMN indicators.macd IS 'EMA 12 minus EMA 26 of the close. Null in the first 33 bars.';
COMMENT ON COLUMN indicators.macd_signal IS 'EMA 9 of macd. Null in the first 33 bars.';
COMMENT ON COLUMN indicators.macd_histogram IS 'macd minus macd_signal. Null in the first 33 bars.';
COMMENT ON COLUMN indicators.bb_upper IS 'SMA 20 of the close plus 2 population standard deviations. Null in the first 19 bars.';
COMMENT ON COLUMN indicators.bb_middle IS 'SMA 20 of the close, middle of the Bollinger bands. Null in the first 19 bars.';
COMMENT ON COLUMN indicators.bb_lower IS 'SMA 20 of the close minus 2 population standard deviations. Null in the first 19 bars.';
COMMENT ON COLUMN indicators.atr_14 IS 'Average true range. Null in the first 14 bars.';
COMMENT ON COLUMN indicators.adx_14 IS 'Average directional index: strength of trend. Null in the first 27 bars.';
COMMENT ON COLUMN indicators.plus_di_14 IS 'Directional indicator upwards. Null in the first 14 bars.';
COMMENT ON COLUMN indicators.minus_di_14 IS 'Directional indicator downwards. Null in the first 14 bars.';
COMMENT ON COLUMN indicators.obv IS 'On-balance volume since the start of the UTC month (from 1h up: year), whose first bar counts as up.';
COMMENT ON COLUMN indicators.ad_line IS 'Accumulation/distribution line since the start of the UTC month (from 1h up: year); flat bars add 0.';
COMMENT ON COLUMN indicators.vwap_session IS 'Volume-weighted mean of (high + low + close) / 3 since 00:00 UTC. Null where no volume since 00:00 UTC; always on bars of 1 d and longer.';
COMMENT ON COLUMN indicators.vwap_week IS 'Volume-weighted mean of (high + low + close) / 3 since Monday 00:00 UTC. Null where no volume since Monday 00:00 UTC; always on bars of 7 d and longer.';
COMMENT ON COLUMN indicators.cmf_20 IS 'Chaikin money flow: sum of ((c - l) - (h - c)) / (h - l) x volume over sum of volume; flat bars count 0, and it is 0 without volume. Null in the first 19 bars.';
COMMENT ON COLUMN indicators.mfi_14 IS 'Money flow index: 100 x positive over all flow of typical price x volume; 50 without any flow. Null in the first 14 bars.';
COMMENT ON COLUMN indicators.relative_volume_20 IS 'Volume over the mean of the 20 bars before it; the bar itself is not in its baseline. Null in the first 20 bars; no volume in the 20 bars before.';
COMMENT ON COLUMN indicators.realised_volatility_20 IS 'Root mean square of the last 20 log returns of the close, annualised by 365 days of bars; the mean return is taken as 0. A return across missing bars counts as one bar''s. Null in the first 20 bars.';
COMMENT ON COLUMN indicators.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN indicators.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN indicators.created_at IS 'When the present values were made.';
COMMENT ON COLUMN indicators.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW indicators_all_versions AS
SELECT i.venue, i.symbol, t.timeframe, v.ts, b.open, b.high, b.low, b.close, b.volume, b.quote_volume,
    v.ema_9, v.ema_20, v.ema_50, v.ema_200, v.sma_20, v.sma_50, v.sma_200, v.rsi_14, v.macd, v.macd_signal,
    v.macd_histogram, v.bb_upper, v.bb_middle, v.bb_lower, v.atr_14, v.adx_14, v.plus_di_14, v.minus_di_14,
    v.obv, v.ad_line, v.vwap_session, v.vwap_week, v.cmf_20, v.mfi_14, v.relative_volume_20,
    v.realised_volatility_20,
    v.known_at, v.logic_version, v.created_at, v.instrument_id
FROM indicator_values AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
JOIN bars AS b USING (instrument_id, timeframe_id, ts);
COMMENT ON VIEW indicators_all_versions IS 'Closed bars with their technical indicators in every version that was ever computed, trials (below 0) included.';
COMMENT ON COLUMN indicators_all_versions.venue IS 'Venue.';
COMMENT ON COLUMN indicators_all_versions.symbol IS 'Unified symbol.';
COMMENT ON COLUMN indicators_all_versions.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN indicators_all_versions.ts IS 'Open time of the bar.';
COMMENT ON COLUMN indicators_all_versions.open IS 'First trade''s price, in quote units.';
COMMENT ON COLUMN indicators_all_versions.high IS 'Highest price.';
COMMENT ON COLUMN indicators_all_versions.low IS 'Lowest price.';
COMMENT ON COLUMN indicators_all_versions.close IS 'Last trade''s price.';
COMMENT ON COLUMN indicators_all_versions.volume IS 'Traded size, in base units.';
COMMENT ON COLUMN indicators_all_versions.quote_volume IS 'Traded value, in quote units; null where a source did not tell.';
COMMENT ON COLUMN indicators_all_versions.ema_9 IS 'Exponential moving average of the close, span 9. Null in the first 8 bars.';
COMMENT ON COLUMN indicators_all_versions.ema_20 IS 'Exponential moving average of the close, span 20. Null in the first 19 bars.';
COMMENT ON COLUMN indicators_all_versions.ema_50 IS 'Exponential moving average of the close, span 50. Null in the first 49 bars.';
COMMENT ON COLUMN indicators_all_versions.ema_200 IS 'Exponential moving average of the close, span 200. Null in the first 199 bars.';
COMMENT ON COLUMN indicators_all_versions.sma_20 IS 'Mean of the last 20 closes. Null in the first 19 bars.';
COMMENT ON COLUMN indicators_all_versions.sma_50 IS 'Mean of the last 50 closes. Null in the first 49 bars.';
COMMENT ON COLUMN indicators_all_versions.sma_200 IS 'Mean of the last 200 closes. Null in the first 199 bars.';
COMMENT ON COLUMN indicators_all_versions.rsi_14 IS 'Relative strength index; 0 if nothing ever moved. Null in the first 14 bars.';
COMMENT ON COLUMN indicators_all_versions.macd IS 'EMA 12 minus EMA 26 of the close. Null in the first 33 bars.';
COMMENT ON COLUMN indicators_all_versions.macd_signal IS 'EMA 9 of macd. Null in the first 33 bars.';
COMMENT ON COLUMN indicators_all_versions.macd_histogram IS 'macd minus macd_signal. Null in the first 33 bars.';
COMMENT ON COLUMN indicators_all_versions.bb_upper IS 'SMA 20 of the close plus 2 population standard deviations. Null in the first 19 bars.';
COMMENT ON COLUMN indicators_all_versions.bb_middle IS 'SMA 20 of the close, middle of the Bollinger bands. Null in the first 19 bars.';
COMMENT ON COLUMN indicators_all_versions.bb_lower IS 'SMA 20 of the close minus 2 population standard deviations. Null in the first 19 bars.';
COMMENT ON COLUMN indicators_all_versions.atr_14 IS 'Average true range. Null in the first 14 bars.';
COMMENT ON COLUMN indicators_all_versions.adx_14 IS 'Average directional index: strength of trend. Null in the first 27 bars.';
COMMENT ON COLUMN indicators_all_versions.plus_di_14 IS 'Directional indicator upwards. Null in the first 14 bars.';
COMMENT ON COLUMN indicators_all_versions.minus_di_14 IS 'Directional indicator downwards. Null in the first 14 bars.';
COMMENT ON COLUMN indicators_all_versions.obv IS 'On-balance volume since the start of the UTC month (from 1h up: year), whose first bar counts as up.';
COMMENT ON COLUMN indicators_all_versions.ad_line IS 'Accumulation/distribution line since the start of the UTC month (from 1h up: year); flat bars add 0.';
COMMENT ON COLUMN indicators_all_versions.vwap_session IS 'Volume-weighted mean of (high + low + close) / 3 since 00:00 UTC. Null where no volume since 00:00 UTC; always on bars of 1 d and longer.';
COMMENT ON COLUMN indicators_all_versions.vwap_week IS 'Volume-weighted mean of (high + low + close) / 3 since Monday 00:00 UTC. Null where no volume since Monday 00:00 UTC; always on bars of 7 d and longer.';
COMMENT ON COLUMN indicators_all_versions.cmf_20 IS 'Chaikin money flow: sum of ((c - l) - (h - c)) / (h - l) x volume over sum of volume; flat bars count 0, and it is 0 without volume. Null in the first 19 bars.';
COMMENT ON COLUMN indicators_all_versions.mfi_14 IS 'Money flow index: 100 x positive over all flow of typical price x volume; 50 without any flow. Null in the first 14 bars.';
COMMENT ON COLUMN indicators_all_versions.relative_volume_20 IS 'Volume over the mean of the 20 bars before it; the bar itself is not in its baseline. Null in the first 20 bars; no volume in the 20 bars before.';
COMMENT ON COLUMN indicators_all_versions.realised_volatility_20 IS 'Root mean square of the last 20 log returns of the close, annualised by 365 days of bars; the mean return is taken as 0. A return across missing bars counts as one bar''s. Null in the first 20 bars.';
COMMENT ON COLUMN indicators_all_versions.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN indicators_all_versions.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN indicators_all_versions.created_at IS 'When the present values were made.';
COMMENT ON COLUMN indicators_all_versions.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE FUNCTION compare_indicators(
    p_first integer, p_second integer, p_start timestamptz, p_end timestamptz
) RETURNS TABLE (
    venue text, symbol text, timeframe text, ts timestamptz, indicator text, first_value double precision,
    second_value double precision, difference double precision
) LANGUAGE sql STABLE AS $$
    SELECT i.venue, i.symbol, t.timeframe, a.ts, x.key, x.value::double precision, y.value::double precision,
        y.value::double precision - x.value::double precision
    FROM indicator_values AS a
    JOIN indicator_values AS b USING (instrument_id, timeframe_id, ts)
    JOIN instruments AS i USING (instrument_id)
    JOIN timeframes AS t USING (timeframe_id)
    CROSS JOIN LATERAL jsonb_each_text(to_jsonb(a)) AS x
    JOIN LATERAL jsonb_each_text(to_jsonb(b)) AS y USING (key)
    WHERE a.logic_version = p_first AND b.logic_version = p_second
        AND a.ts >= p_start AND a.ts < p_end AND b.ts >= p_start AND b.ts < p_end
        AND x.key NOT IN ('instrument_id', 'timeframe_id', 'ts', 'logic_version', 'known_at', 'created_at')
        AND x.value IS DISTINCT FROM y.value
    ORDER BY 1, 2, 3, 4, 5
$$;
COMMENT ON FUNCTION compare_indicators(integer, integer, timestamptz, timestamptz) IS
    'Where two versions of the indicators differ in [start, end): a row per bar and indicator.';

CREATE OR REPLACE VIEW regimes AS
SELECT i.venue, i.symbol, t.timeframe, v.ts,
    v.trend, v.volatility, v.liquidity, v.adx, v.trend_slope, v.volatility_percentile, v.liquidity_percentile,
    v.quote_volume_mean, v.illiquidity, v.known_at, v.logic_version, v.created_at,
    v.instrument_id
FROM market_regimes AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
WHERE v.logic_version > 0
    AND NOT EXISTS (
        SELECT FROM market_regimes AS n
        WHERE n.instrument_id = v.instrument_id AND n.timeframe_id = v.timeframe_id AND n.ts = v.ts
            AND n.logic_version > v.logic_version
    );
COMMENT ON VIEW regimes IS 'Trend, volatility and liquidity of each symbol at each closed bar, in the newest version.';
COMMENT ON COLUMN regimes.venue IS 'Venue.';
COMMENT ON COLUMN regimes.symbol IS 'Unified symbol.';
COMMENT ON COLUMN regimes.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN regimes.ts IS 'Open time of the bar.';
COMMENT ON COLUMN regimes.trend IS 'up, down or range; null in the warm-up.';
COMMENT ON COLUMN regimes.volatility IS 'low, normal or high for the symbol''s own recent past; null in the warm-up.';
COMMENT ON COLUMN regimes.liquidity IS 'low, normal or high for the symbol''s own recent past; null in the warm-up.';
COMMENT ON COLUMN regimes.adx IS 'ADX 14: strength of the trend.';
COMMENT ON COLUMN regimes.trend_slope IS 'Slope of EMA 50, in ATR 14 per bar.';
COMMENT ON COLUMN regimes.volatility_percentile IS 'Percentile of the realised volatility among its last 500 values, 0 to 1.';
COMMENT ON COLUMN regimes.liquidity_percentile IS 'Mean percentile of quote volume and of low price impact, 0 to 1.';
COMMENT ON COLUMN regimes.quote_volume_mean IS 'Mean quote volume of the last 20 bars, in quote units.';
COMMENT ON COLUMN regimes.illiquidity IS 'Mean of |log return| per quote volume of the last 20 bars that traded (Amihud 2002); null if none did.';
COMMENT ON COLUMN regimes.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN regimes.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN regimes.created_at IS 'When the present values were made.';
COMMENT ON COLUMN regimes.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW market_regime AS
SELECT t.timeframe, v.ts,
    v.symbols, v.trend, v.trend_share, v.volatility, v.volatility_share, v.liquidity, v.liquidity_share,
    v.btc_dominance, v.known_at, v.logic_version, v.created_at
FROM market_regimes_overall AS v
JOIN timeframes AS t USING (timeframe_id)
WHERE v.logic_version > 0
    AND NOT EXISTS (
        SELECT FROM market_regimes_overall AS n
        WHERE n.timeframe_id = v.timeframe_id AND n.ts = v.ts
            AND n.logic_version > v.logic_version
    );
COMMENT ON VIEW market_regime IS 'The regime of the market as a whole at each open time, in the newest version.';
COMMENT ON COLUMN market_regime.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN market_regime.ts IS 'Open time of the bar.';
COMMENT ON COLUMN market_regime.symbols IS 'Symbols with a bar and a weight.';
COMMENT ON COLUMN market_regime.trend IS 'up, down or range: what most of the weight is in.';
COMMENT ON COLUMN market_regime.trend_share IS 'Share of the weight that says so, of the weight that says anything; 0 to 1.';
COMMENT ON COLUMN market_regime.volatility IS 'low, normal or high: what most of the weight is in.';
COMMENT ON COLUMN market_regime.volatility_share IS 'Share of the weight that says so, of the weight that says anything; 0 to 1.';
COMMENT ON COLUMN market_regime.liquidity IS 'low, normal or high: what most of the weight is in.';
COMMENT ON COLUMN market_regime.liquidity_share IS 'Share of the weight that says so, of the weight that says anything; 0 to 1.';
COMMENT ON COLUMN market_regime.btc_dominance IS 'Bitcoin''s share of the market''s value as known then; null where none was known.';
COMMENT ON COLUMN market_regime.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN market_regime.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN market_regime.created_at IS 'When the present values were made.';

CREATE OR REPLACE VIEW market_regime_now AS
SELECT t.timeframe, v.ts,
    v.symbols, v.trend, v.trend_share, v.volatility, v.volatility_share, v.liquidity, v.liquidity_share,
    v.btc_dominance, v.known_at, v.logic_version, v.created_at
FROM timeframes AS t
CROSS JOIN LATERAL (
    SELECT * FROM market_regimes_overall AS m
    WHERE m.timeframe_id = t.timeframe_id AND m.logic_version > 0
    ORDER BY m.ts DESC, m.logic_version DESC LIMIT 1
) AS v;
COMMENT ON VIEW market_regime_now IS 'The regime of the market at the newest closed bar of each timeframe.';
COMMENT ON COLUMN market_regime_now.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN market_regime_now.ts IS 'Open time of the bar.';
COMMENT ON COLUMN market_regime_now.symbols IS 'Symbols with a bar and a weight.';
COMMENT ON COLUMN market_regime_now.trend IS 'up, down or range: what most of the weight is in.';
COMMENT ON COLUMN market_regime_now.trend_share IS 'Share of the weight that says so, of the weight that says anything; 0 to 1.';
COMMENT ON COLUMN market_regime_now.volatility IS 'low, normal or high: what most of the weight is in.';
COMMENT ON COLUMN market_regime_now.volatility_share IS 'Share of the weight that says so, of the weight that says anything; 0 to 1.';
COMMENT ON COLUMN market_regime_now.liquidity IS 'low, normal or high: what most of the weight is in.';
COMMENT ON COLUMN market_regime_now.liquidity_share IS 'Share of the weight that says so, of the weight that says anything; 0 to 1.';
COMMENT ON COLUMN market_regime_now.btc_dominance IS 'Bitcoin''s share of the market''s value as known then; null where none was known.';
COMMENT ON COLUMN market_regime_now.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN market_regime_now.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN market_regime_now.created_at IS 'When the present values were made.';

CREATE OR REPLACE VIEW volume_patterns AS
SELECT i.venue, i.symbol, t.timeframe, v.ts,
    v.pattern, v.direction, v.strength, v.confidence, v.volume_ratio, v.price_change, v.detail, v.known_at,
    v.logic_version, v.created_at,
    v.instrument_id
FROM volume_pattern_events AS v
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
WHERE v.logic_version > 0 AND NOT EXISTS (
    -- where a newer version looked, what it did not find is no pattern
    SELECT FROM derived_windows AS n
    WHERE n.dataset = 'volume_patterns' AND n.instrument_id = v.instrument_id AND n.timeframe_id = v.timeframe_id
        AND n.logic_version > v.logic_version AND n.windows @> v.ts
);
COMMENT ON VIEW volume_patterns IS 'Volume patterns of each symbol and timeframe, in the newest version that looked there.';
COMMENT ON COLUMN volume_patterns.venue IS 'Venue.';
COMMENT ON COLUMN volume_patterns.symbol IS 'Unified symbol.';
COMMENT ON COLUMN volume_patterns.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN volume_patterns.ts IS 'Open time of the bar.';
COMMENT ON COLUMN volume_patterns.pattern IS 'accumulation, breakout, climax, distribution, divergence, dry_up, exhaustion, fake_out or spike; docs/indicators.md defines them.';
COMMENT ON COLUMN volume_patterns.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN volume_patterns.strength IS 'weak, medium, strong or extreme.';
COMMENT ON COLUMN volume_patterns.confidence IS 'How clearly the definition is met, 0 to 1. No probability: see volume_reactions for what came after.';
COMMENT ON COLUMN volume_patterns.volume_ratio IS 'Volume over the mean of the 20 bars before; null where those traded nothing.';
COMMENT ON COLUMN volume_patterns.price_change IS 'From the close of the bar before to this one''s, as a fraction.';
COMMENT ON COLUMN volume_patterns.detail IS 'Kind, parts of the confidence, ATR and the figures behind the pattern.';
COMMENT ON COLUMN volume_patterns.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN volume_patterns.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN volume_patterns.created_at IS 'When the present values were made.';
COMMENT ON COLUMN volume_patterns.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW volume_profiles AS
SELECT i.venue, i.symbol, (v.ts AT TIME ZONE 'UTC')::date AS day,
    v.poc, v.value_area_low, v.value_area_high, v.volume, v.minutes, v.bin_width, v.bin_prices, v.bin_volumes,
    v.known_at, v.logic_version, v.created_at,
    v.instrument_id
FROM volume_profile_days AS v
JOIN instruments AS i USING (instrument_id)
WHERE v.logic_version > 0
    AND NOT EXISTS (
        SELECT FROM volume_profile_days AS n
        WHERE n.instrument_id = v.instrument_id AND n.ts = v.ts
            AND n.logic_version > v.logic_version
    );
COMMENT ON VIEW volume_profiles IS 'How much of each symbol was traded at which price on each UTC day that is over, in the newest version.';
COMMENT ON COLUMN volume_profiles.venue IS 'Venue.';
COMMENT ON COLUMN volume_profiles.symbol IS 'Unified symbol.';
COMMENT ON COLUMN volume_profiles.day IS 'UTC day.';
COMMENT ON COLUMN volume_profiles.poc IS 'Point of control: middle of the price bin with the most volume; null where nothing was traded.';
COMMENT ON COLUMN volume_profiles.value_area_low IS 'Lower edge of the value area: 70 % of the volume around the point of control.';
COMMENT ON COLUMN volume_profiles.value_area_high IS 'Upper edge of the value area.';
COMMENT ON COLUMN volume_profiles.volume IS 'Volume of the day, in base units.';
COMMENT ON COLUMN volume_profiles.minutes IS 'Candles it was made of.';
COMMENT ON COLUMN volume_profiles.bin_width IS 'Width of a price bin, in quote units.';
COMMENT ON COLUMN volume_profiles.bin_prices IS 'Lower edges of the bins, ascending.';
COMMENT ON COLUMN volume_profiles.bin_volumes IS 'Volume in each bin, in base units.';
COMMENT ON COLUMN volume_profiles.known_at IS 'When it could first be known: the end of the day.';
COMMENT ON COLUMN volume_profiles.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN volume_profiles.created_at IS 'When the present values were made.';
COMMENT ON COLUMN volume_profiles.instrument_id IS 'Key of the instrument, for joins.';

CREATE OR REPLACE VIEW volume_reactions AS
SELECT v.venue, t.timeframe,
    v.pattern, v.direction, v.strength, v.regime, v.horizon, v.n, v.clusters, v.share_up, v.share_up_low,
    v.share_up_high, v.mean_pct, v.mean_pct_low, v.mean_pct_high, v.median_pct, v.median_pct_low,
    v.median_pct_high, v.mean_atr, v.base_n, v.base_share_up, v.base_mean_pct, v.base_mean_atr, v.edge,
    v.comparisons, v.known_at, v.logic_version,
    v.ts AS as_of
FROM volume_reaction_stats AS v
JOIN timeframes AS t USING (timeframe_id)
WHERE (v.logic_version, v.ts) = (
    SELECT n.logic_version, n.ts FROM volume_reaction_stats AS n
    WHERE n.venue = v.venue AND n.logic_version > 0
    ORDER BY n.logic_version DESC, n.ts DESC LIMIT 1
);
COMMENT ON VIEW volume_reactions IS 'What price did after volume patterns, with intervals and the base rate: the newest statistics of each venue. Those of other days are in volume_reaction_stats.';
COMMENT ON COLUMN volume_reactions.venue IS 'Venue.';
COMMENT ON COLUMN volume_reactions.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN volume_reactions.pattern IS 'Volume pattern (volume_pattern_events).';
COMMENT ON COLUMN volume_reactions.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN volume_reactions.strength IS 'weak, medium, strong, extreme, or all.';
COMMENT ON COLUMN volume_reactions.regime IS 'Trend when the pattern was known: up, down, range, unknown, or all.';
COMMENT ON COLUMN volume_reactions.horizon IS 'Bars after the bar of the pattern.';
COMMENT ON COLUMN volume_reactions.n IS 'Reactions.';
COMMENT ON COLUMN volume_reactions.clusters IS 'Stretches of time of one horizon with a reaction: the independent ones.';
COMMENT ON COLUMN volume_reactions.share_up IS 'Share of reactions with a return above 0.';
COMMENT ON COLUMN volume_reactions.share_up_low IS 'Lower bound of share_up (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN volume_reactions.share_up_high IS 'Upper bound of share_up.';
COMMENT ON COLUMN volume_reactions.mean_pct IS 'Mean return, in per cent.';
COMMENT ON COLUMN volume_reactions.mean_pct_low IS 'Lower bound of mean_pct (cluster bootstrap, 95 %); null with a single cluster.';
COMMENT ON COLUMN volume_reactions.mean_pct_high IS 'Upper bound of mean_pct.';
COMMENT ON COLUMN volume_reactions.median_pct IS 'Median return, in per cent.';
COMMENT ON COLUMN volume_reactions.median_pct_low IS 'Lower bound of median_pct (cluster bootstrap, 95 %); null with a single cluster.';
COMMENT ON COLUMN volume_reactions.median_pct_high IS 'Upper bound of median_pct.';
COMMENT ON COLUMN volume_reactions.mean_atr IS 'Mean return in ATR of the bar; null where nothing moved.';
COMMENT ON COLUMN volume_reactions.base_n IS 'Bars the base rates are from: all bars of the same symbols.';
COMMENT ON COLUMN volume_reactions.base_share_up IS 'Share of them with a return above 0: the base rate.';
COMMENT ON COLUMN volume_reactions.base_mean_pct IS 'Their mean return, in per cent.';
COMMENT ON COLUMN volume_reactions.base_mean_atr IS 'Their mean return in ATR.';
COMMENT ON COLUMN volume_reactions.edge IS 'no demonstrated edge, above base rate or below base rate.';
COMMENT ON COLUMN volume_reactions.comparisons IS 'Rows of the same table of results: at 95 %, one in twenty looks like an edge by chance.';
COMMENT ON COLUMN volume_reactions.known_at IS 'When it could first be known: ts.';
COMMENT ON COLUMN volume_reactions.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN volume_reactions.as_of IS 'End of the day up to which outcomes were known.';
