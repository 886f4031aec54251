CREATE OR REPLACE VIEW indicators_all_versions AS
SELECT i.venue, i.symbol, t.timeframe, v.ts, b.open, b.high, b.low, b.close, b.volume, b.quote_volume,
    v.ema_9, v.ema_20, v.ema_50, v.ema_200, v.sma_20, v.sma_50, v.sma_200, v.rsi_14, v.macd, v.macd_signal,
    v.macd_histogram, v.bb_upper, v.bb_middle, v.bb_lower, v.atr_14, v.adx_14, v.plus_di_14, v.minus_di_14,
    v.obv, v.ad_line, v.vwap_session, v.vwap_week, v.cmf_20, v.mfi_14, v.relative_volume_20,
    v.realised_volatility_20,
    v.known_at, v.logic_version, v.created_at, v.instrument_id,
    v.stochastic_k, v.stochastic_d, v.ichimoku_conversion, v.ichimoku_base, v.ichimoku_span_a, v.ichimoku_span_b,
    v.supertrend, v.supertrend_direction, v.keltner_upper, v.keltner_lower, v.donchian_upper, v.donchian_lower,
    v.vwap_month
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
COMMENT ON COLUMN indicators_all_versions.stochastic_k IS 'Stochastic %K: place of the close in the range of 14 bars, mean of 3; a range of nothing counts 50. Null in the first 15 bars.';
COMMENT ON COLUMN indicators_all_versions.stochastic_d IS 'Stochastic %D: mean of the last 3 %K. Null in the first 17 bars.';
COMMENT ON COLUMN indicators_all_versions.ichimoku_conversion IS 'Middle of the range of 9 bars (tenkan). Null in the first 8 bars.';
COMMENT ON COLUMN indicators_all_versions.ichimoku_base IS 'Middle of the range of 26 bars (kijun). Null in the first 25 bars.';
COMMENT ON COLUMN indicators_all_versions.ichimoku_span_a IS 'Middle of conversion and base line (senkou A), as known at this bar; charts plot it 26 bars later. Null in the first 25 bars.';
COMMENT ON COLUMN indicators_all_versions.ichimoku_span_b IS 'Middle of the range of 52 bars (senkou B), as known at this bar; charts plot it 26 bars later. Null in the first 51 bars.';
COMMENT ON COLUMN indicators_all_versions.supertrend IS 'Band 3 ATR 10 from (high + low) / 2, which only follows the trend: below the price of an up-trend, above it of a down-trend. Null in the first 10 bars.';
COMMENT ON COLUMN indicators_all_versions.supertrend_direction IS '1 while the line is below the price, -1 while it is above. Null in the first 10 bars.';
COMMENT ON COLUMN indicators_all_versions.keltner_upper IS 'EMA 20 of the close plus 2 ATR 10. Null in the first 19 bars.';
COMMENT ON COLUMN indicators_all_versions.keltner_lower IS 'EMA 20 of the close minus 2 ATR 10. Null in the first 19 bars.';
COMMENT ON COLUMN indicators_all_versions.donchian_upper IS 'Highest high of 20 bars, the bar''s own included: hold a close against the row before. Null in the first 19 bars.';
COMMENT ON COLUMN indicators_all_versions.donchian_lower IS 'Lowest low of 20 bars, the bar''s own included: hold a close against the row before. Null in the first 19 bars.';
COMMENT ON COLUMN indicators_all_versions.vwap_month IS 'Volume-weighted mean of (high + low + close) / 3 since the start of the UTC month. Null where no volume since the start of the month.';
COMMENT ON COLUMN indicators_all_versions.rsi_14 IS 'Relative strength index, window 14; 50 where the last 14 closes did not move. Null in the first 14 bars.';
