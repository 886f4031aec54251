-- What is computed from candles: indicators, regimes, volume patterns, profiles, and what price did after patterns.
-- ts is the open time of the bar, known_at its close; rows carry the version of the rules, and old versions stay.

CREATE TABLE IF NOT EXISTS indicator_definitions (
    name text NOT NULL,
    logic_version integer NOT NULL,
    parameters jsonb NOT NULL,
    formula_version integer NOT NULL,
    warm_up integer NOT NULL,
    description text NOT NULL,
    source text NOT NULL,
    unit text NOT NULL,
    undefined text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, logic_version)
);
COMMENT ON TABLE indicator_definitions IS 'Every technical indicator that was ever computed, by version: what it is, of which parameters, from which source.';
COMMENT ON COLUMN indicator_definitions.name IS 'Column of indicator_values.';
COMMENT ON COLUMN indicator_definitions.logic_version IS 'Version of the whole set (indicator_values.logic_version).';
COMMENT ON COLUMN indicator_definitions.parameters IS 'Spans, windows and factors by name.';
COMMENT ON COLUMN indicator_definitions.formula_version IS 'Version of this formula.';
COMMENT ON COLUMN indicator_definitions.warm_up IS 'Bars needed for the first value; it is null before.';
COMMENT ON COLUMN indicator_definitions.description IS 'What it is.';
COMMENT ON COLUMN indicator_definitions.source IS 'Whose formula it is, or ours.';
COMMENT ON COLUMN indicator_definitions.unit IS 'Unit of the values.';
COMMENT ON COLUMN indicator_definitions.undefined IS 'When it is null after the warm-up; empty: never.';
COMMENT ON COLUMN indicator_definitions.created_at IS 'When it was first computed by these rules.';

CREATE TABLE IF NOT EXISTS indicator_values (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    ema_9 double precision,
    ema_20 double precision,
    ema_50 double precision,
    ema_200 double precision,
    sma_20 double precision,
    sma_50 double precision,
    sma_200 double precision,
    rsi_14 double precision,
    macd double precision,
    macd_signal double precision,
    macd_histogram double precision,
    bb_upper double precision,
    bb_middle double precision,
    bb_lower double precision,
    atr_14 double precision,
    adx_14 double precision,
    plus_di_14 double precision,
    minus_di_14 double precision,
    obv double precision,
    ad_line double precision,
    vwap_session double precision,
    vwap_week double precision,
    cmf_20 double precision,
    mfi_14 double precision,
    relative_volume_20 double precision,
    realised_volatility_20 double precision,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id, ts, logic_version)
);
COMMENT ON TABLE indicator_values IS 'Technical indicators of closed bars: a row per instrument, timeframe, bar and version. Old versions stay. The view indicators shows the newest beside the candles.';
COMMENT ON COLUMN indicator_values.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN indicator_values.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN indicator_values.ts IS 'Open time of the bar.';
COMMENT ON COLUMN indicator_values.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN indicator_values.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN indicator_values.ema_9 IS 'Exponential moving average of the close, span 9. Null in the first 8 bars.';
COMMENT ON COLUMN indicator_values.ema_20 IS 'Exponential moving average of the close, span 20. Null in the first 19 bars.';
COMMENT ON COLUMN indicator_values.ema_50 IS 'Exponential moving average of the close, span 50. Null in the first 49 bars.';
COMMENT ON COLUMN indicator_values.ema_200 IS 'Exponential moving average of the close, span 200. Null in the first 199 bars.';
COMMENT ON COLUMN indicator_values.sma_20 IS 'Mean of the last 20 closes. Null in the first 19 bars.';
COMMENT ON COLUMN indicator_values.sma_50 IS 'Mean of the last 50 closes. Null in the first 49 bars.';
COMMENT ON COLUMN indicator_values.sma_200 IS 'Mean of the last 200 closes. Null in the first 199 bars.';
COMMENT ON COLUMN indicator_values.rsi_14 IS 'Relative strength index; 0 if nothing ever moved. Null in the first 14 bars.';
COMMENT ON COLUMN indicator_values.macd IS 'EMA 12 minus EMA 26 of the close. Null in the first 33 bars.';
COMMENT ON COLUMN indicator_values.macd_signal IS 'EMA 9 of macd. Null in the first 33 bars.';
COMMENT ON COLUMN indicator_values.macd_histogram IS 'macd minus macd_signal. Null in the first 33 bars.';
COMMENT ON COLUMN indicator_values.bb_upper IS 'SMA 20 of the close plus 2 population standard deviations. Null in the first 19 bars.';
COMMENT ON COLUMN indicator_values.bb_middle IS 'SMA 20 of the close, middle of the Bollinger bands. Null in the first 19 bars.';
COMMENT ON COLUMN indicator_values.bb_lower IS 'SMA 20 of the close minus 2 population standard deviations. Null in the first 19 bars.';
COMMENT ON COLUMN indicator_values.atr_14 IS 'Average true range. Null in the first 14 bars.';
COMMENT ON COLUMN indicator_values.adx_14 IS 'Average directional index: strength of trend. Null in the first 27 bars.';
COMMENT ON COLUMN indicator_values.plus_di_14 IS 'Directional indicator upwards. Null in the first 14 bars.';
COMMENT ON COLUMN indicator_values.minus_di_14 IS 'Directional indicator downwards. Null in the first 14 bars.';
COMMENT ON COLUMN indicator_values.obv IS 'On-balance volume since the start of the UTC month (from 1h up: year), whose first bar counts as up.';
COMMENT ON COLUMN indicator_values.ad_line IS 'Accumulation/distribution line since the start of the UTC month (from 1h up: year); flat bars add 0.';
COMMENT ON COLUMN indicator_values.vwap_session IS 'Volume-weighted mean of (high + low + close) / 3 since 00:00 UTC. Null where no volume since 00:00 UTC; always on bars of 1 d and longer.';
COMMENT ON COLUMN indicator_values.vwap_week IS 'Volume-weighted mean of (high + low + close) / 3 since Monday 00:00 UTC. Null where no volume since Monday 00:00 UTC; always on bars of 7 d and longer.';
COMMENT ON COLUMN indicator_values.cmf_20 IS 'Chaikin money flow: sum of ((c - l) - (h - c)) / (h - l) x volume over sum of volume; flat bars count 0, and it is 0 without volume. Null in the first 19 bars.';
COMMENT ON COLUMN indicator_values.mfi_14 IS 'Money flow index: 100 x positive over all flow of typical price x volume; 50 without any flow. Null in the first 14 bars.';
COMMENT ON COLUMN indicator_values.relative_volume_20 IS 'Volume over the mean of the 20 bars before it; the bar itself is not in its baseline. Null in the first 20 bars; no volume in the 20 bars before.';
COMMENT ON COLUMN indicator_values.realised_volatility_20 IS 'Root mean square of the last 20 log returns of the close, annualised by 365 days of bars; the mean return is taken as 0. A return across missing bars counts as one bar''s. Null in the first 20 bars.';
COMMENT ON COLUMN indicator_values.created_at IS 'When the present values were made.';

CREATE TABLE IF NOT EXISTS market_regimes (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    trend text,
    volatility text,
    liquidity text,
    adx double precision,
    trend_slope double precision,
    volatility_percentile double precision,
    liquidity_percentile double precision,
    quote_volume_mean double precision,
    illiquidity double precision,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id, ts, logic_version)
);
COMMENT ON TABLE market_regimes IS 'Trend, volatility and liquidity of each instrument at each closed bar, by rules with hysteresis.';
COMMENT ON COLUMN market_regimes.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN market_regimes.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN market_regimes.ts IS 'Open time of the bar.';
COMMENT ON COLUMN market_regimes.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN market_regimes.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN market_regimes.trend IS 'up, down or range; null in the warm-up.';
COMMENT ON COLUMN market_regimes.volatility IS 'low, normal or high for the symbol''s own recent past; null in the warm-up.';
COMMENT ON COLUMN market_regimes.liquidity IS 'low, normal or high for the symbol''s own recent past; null in the warm-up.';
COMMENT ON COLUMN market_regimes.adx IS 'ADX 14: strength of the trend.';
COMMENT ON COLUMN market_regimes.trend_slope IS 'Slope of EMA 50, in ATR 14 per bar.';
COMMENT ON COLUMN market_regimes.volatility_percentile IS 'Percentile of the realised volatility among its last 500 values, 0 to 1.';
COMMENT ON COLUMN market_regimes.liquidity_percentile IS 'Mean percentile of quote volume and of low price impact, 0 to 1.';
COMMENT ON COLUMN market_regimes.quote_volume_mean IS 'Mean quote volume of the last 20 bars, in quote units.';
COMMENT ON COLUMN market_regimes.illiquidity IS 'Mean of |log return| per quote volume of the last 20 bars that traded (Amihud 2002); null if none did.';
COMMENT ON COLUMN market_regimes.created_at IS 'When the present values were made.';

CREATE TABLE IF NOT EXISTS market_regimes_overall (
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    symbols bigint NOT NULL,
    trend text,
    trend_share double precision,
    volatility text,
    volatility_share double precision,
    liquidity text,
    liquidity_share double precision,
    btc_dominance double precision,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (timeframe_id, ts, logic_version)
);
COMMENT ON TABLE market_regimes_overall IS 'The regime of the market: what most of the quote volume of dollar-quoted symbols is in.';
COMMENT ON COLUMN market_regimes_overall.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN market_regimes_overall.ts IS 'Open time of the bar.';
COMMENT ON COLUMN market_regimes_overall.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN market_regimes_overall.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN market_regimes_overall.symbols IS 'Symbols with a bar and a weight.';
COMMENT ON COLUMN market_regimes_overall.trend IS 'up, down or range: what most of the weight is in.';
COMMENT ON COLUMN market_regimes_overall.trend_share IS 'Share of the weight that says so, of the weight that says anything; 0 to 1.';
COMMENT ON COLUMN market_regimes_overall.volatility IS 'low, normal or high: what most of the weight is in.';
COMMENT ON COLUMN market_regimes_overall.volatility_share IS 'Share of the weight that says so, of the weight that says anything; 0 to 1.';
COMMENT ON COLUMN market_regimes_overall.liquidity IS 'low, normal or high: what most of the weight is in.';
COMMENT ON COLUMN market_regimes_overall.liquidity_share IS 'Share of the weight that says so, of the weight that says anything; 0 to 1.';
COMMENT ON COLUMN market_regimes_overall.btc_dominance IS 'Bitcoin''s share of the market''s value as known then; null where none was known.';
COMMENT ON COLUMN market_regimes_overall.created_at IS 'When the present values were made.';

CREATE TABLE IF NOT EXISTS volume_pattern_events (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    pattern text NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    direction text NOT NULL,
    strength text NOT NULL,
    confidence double precision NOT NULL,
    volume_ratio double precision,
    price_change double precision NOT NULL,
    detail jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id, ts, pattern, logic_version)
);
COMMENT ON TABLE volume_pattern_events IS 'Volume patterns, each at the bar at whose close it was known; never back-dated.';
COMMENT ON COLUMN volume_pattern_events.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN volume_pattern_events.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN volume_pattern_events.ts IS 'Open time of the bar.';
COMMENT ON COLUMN volume_pattern_events.pattern IS 'accumulation, breakout, climax, distribution, divergence, dry_up, exhaustion, fake_out or spike; docs/indicators.md defines them.';
COMMENT ON COLUMN volume_pattern_events.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN volume_pattern_events.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN volume_pattern_events.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN volume_pattern_events.strength IS 'weak, medium, strong or extreme.';
COMMENT ON COLUMN volume_pattern_events.confidence IS 'How clearly the definition is met, 0 to 1. No probability: see volume_reactions for what came after.';
COMMENT ON COLUMN volume_pattern_events.volume_ratio IS 'Volume over the mean of the 20 bars before; null where those traded nothing.';
COMMENT ON COLUMN volume_pattern_events.price_change IS 'From the close of the bar before to this one''s, as a fraction.';
COMMENT ON COLUMN volume_pattern_events.detail IS 'Kind, parts of the confidence, ATR and the figures behind the pattern.';
COMMENT ON COLUMN volume_pattern_events.created_at IS 'When the present values were made.';

CREATE INDEX IF NOT EXISTS volume_pattern_events_by_time ON volume_pattern_events (ts);

CREATE TABLE IF NOT EXISTS volume_profile_days (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    poc double precision,
    value_area_low double precision,
    value_area_high double precision,
    volume double precision NOT NULL,
    minutes bigint NOT NULL,
    bin_width double precision NOT NULL,
    bin_prices double precision[] NOT NULL,
    bin_volumes double precision[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, ts, logic_version)
);
COMMENT ON TABLE volume_profile_days IS 'How much was traded at which price on each UTC day that is over.';
COMMENT ON COLUMN volume_profile_days.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN volume_profile_days.ts IS 'Start of the UTC day.';
COMMENT ON COLUMN volume_profile_days.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN volume_profile_days.known_at IS 'When it could first be known: the end of the day.';
COMMENT ON COLUMN volume_profile_days.poc IS 'Point of control: middle of the price bin with the most volume; null where nothing was traded.';
COMMENT ON COLUMN volume_profile_days.value_area_low IS 'Lower edge of the value area: 70 % of the volume around the point of control.';
COMMENT ON COLUMN volume_profile_days.value_area_high IS 'Upper edge of the value area.';
COMMENT ON COLUMN volume_profile_days.volume IS 'Volume of the day, in base units.';
COMMENT ON COLUMN volume_profile_days.minutes IS 'Candles it was made of.';
COMMENT ON COLUMN volume_profile_days.bin_width IS 'Width of a price bin, in quote units.';
COMMENT ON COLUMN volume_profile_days.bin_prices IS 'Lower edges of the bins, ascending.';
COMMENT ON COLUMN volume_profile_days.bin_volumes IS 'Volume in each bin, in base units.';
COMMENT ON COLUMN volume_profile_days.created_at IS 'When the present values were made.';

CREATE TABLE IF NOT EXISTS volume_reaction_stats (
    venue text NOT NULL,
    ts timestamptz NOT NULL,
    timeframe_id smallint NOT NULL,
    pattern text NOT NULL,
    direction text NOT NULL,
    strength text NOT NULL,
    regime text NOT NULL,
    horizon bigint NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    n bigint NOT NULL,
    clusters bigint NOT NULL,
    share_up double precision NOT NULL,
    share_up_low double precision NOT NULL,
    share_up_high double precision NOT NULL,
    mean_pct double precision NOT NULL,
    mean_pct_low double precision,
    mean_pct_high double precision,
    median_pct double precision NOT NULL,
    median_pct_low double precision,
    median_pct_high double precision,
    mean_atr double precision,
    base_n bigint NOT NULL,
    base_share_up double precision NOT NULL,
    base_mean_pct double precision NOT NULL,
    base_mean_atr double precision,
    edge text NOT NULL,
    comparisons bigint NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (venue, ts, timeframe_id, pattern, direction, strength, regime, horizon, logic_version)
);
COMMENT ON TABLE volume_reaction_stats IS 'What price did after volume patterns, as far as it was known at the end of a day, beside what it did anyway.';
COMMENT ON COLUMN volume_reaction_stats.venue IS 'Venue whose symbols were looked at.';
COMMENT ON COLUMN volume_reaction_stats.ts IS 'End of the day up to which outcomes were known.';
COMMENT ON COLUMN volume_reaction_stats.timeframe_id IS 'Length of the bars (timeframes).';
COMMENT ON COLUMN volume_reaction_stats.pattern IS 'Volume pattern (volume_pattern_events).';
COMMENT ON COLUMN volume_reaction_stats.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN volume_reaction_stats.strength IS 'weak, medium, strong, extreme, or all.';
COMMENT ON COLUMN volume_reaction_stats.regime IS 'Trend when the pattern was known: up, down, range, unknown, or all.';
COMMENT ON COLUMN volume_reaction_stats.horizon IS 'Bars after the bar of the pattern.';
COMMENT ON COLUMN volume_reaction_stats.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN volume_reaction_stats.known_at IS 'When it could first be known: ts.';
COMMENT ON COLUMN volume_reaction_stats.n IS 'Reactions.';
COMMENT ON COLUMN volume_reaction_stats.clusters IS 'Stretches of time of one horizon with a reaction: the independent ones.';
COMMENT ON COLUMN volume_reaction_stats.share_up IS 'Share of reactions with a return above 0.';
COMMENT ON COLUMN volume_reaction_stats.share_up_low IS 'Lower bound of share_up (Wilson, 95 %, by clusters).';
COMMENT ON COLUMN volume_reaction_stats.share_up_high IS 'Upper bound of share_up.';
COMMENT ON COLUMN volume_reaction_stats.mean_pct IS 'Mean return, in per cent.';
COMMENT ON COLUMN volume_reaction_stats.mean_pct_low IS 'Lower bound of mean_pct (cluster bootstrap, 95 %); null with a single cluster.';
COMMENT ON COLUMN volume_reaction_stats.mean_pct_high IS 'Upper bound of mean_pct.';
COMMENT ON COLUMN volume_reaction_stats.median_pct IS 'Median return, in per cent.';
COMMENT ON COLUMN volume_reaction_stats.median_pct_low IS 'Lower bound of median_pct (cluster bootstrap, 95 %); null with a single cluster.';
COMMENT ON COLUMN volume_reaction_stats.median_pct_high IS 'Upper bound of median_pct.';
COMMENT ON COLUMN volume_reaction_stats.mean_atr IS 'Mean return in ATR of the bar; null where nothing moved.';
COMMENT ON COLUMN volume_reaction_stats.base_n IS 'Bars the base rates are from: all bars of the same symbols.';
COMMENT ON COLUMN volume_reaction_stats.base_share_up IS 'Share of them with a return above 0: the base rate.';
COMMENT ON COLUMN volume_reaction_stats.base_mean_pct IS 'Their mean return, in per cent.';
COMMENT ON COLUMN volume_reaction_stats.base_mean_atr IS 'Their mean return in ATR.';
COMMENT ON COLUMN volume_reaction_stats.edge IS 'no demonstrated edge, above base rate or below base rate.';
COMMENT ON COLUMN volume_reaction_stats.comparisons IS 'Rows of the same table of results: at 95 %, one in twenty looks like an edge by chance.';
COMMENT ON COLUMN volume_reaction_stats.created_at IS 'When the present values were made.';

CREATE TABLE IF NOT EXISTS derived_windows (
    dataset text NOT NULL,
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    logic_version integer NOT NULL,
    windows tstzmultirange NOT NULL,
    PRIMARY KEY (dataset, instrument_id, timeframe_id, logic_version)
);
COMMENT ON TABLE derived_windows IS 'For which bars something was computed, by version: a bar without a pattern has no other row to tell.';
COMMENT ON COLUMN derived_windows.dataset IS 'indicators, market_regime, volume_patterns or volume_profiles.';
COMMENT ON COLUMN derived_windows.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN derived_windows.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN derived_windows.logic_version IS 'Version of the rules that computed; below 0: a trial beside them.';
COMMENT ON COLUMN derived_windows.windows IS 'Open times of the bars that were computed.';

-- Whoever changes 1m candles marks their day for everything derived. A timeframe that has caught up marks it again: what
-- was derived in between may have been computed from its old bars. Each data set takes away its own marks.
CREATE TABLE IF NOT EXISTS derived_dirty (
    dataset text NOT NULL,
    instrument_id integer NOT NULL,
    day date NOT NULL,
    seq bigint GENERATED BY DEFAULT AS IDENTITY,
    PRIMARY KEY (dataset, instrument_id, day)
);
COMMENT ON TABLE derived_dirty IS 'Days whose bars changed since something derived from them was last brought up to date.';
COMMENT ON COLUMN derived_dirty.dataset IS 'What has to be brought up to date: indicators, market_regime, volume_patterns or volume_profiles.';
COMMENT ON COLUMN derived_dirty.instrument_id IS 'Instrument whose bars changed.';
COMMENT ON COLUMN derived_dirty.day IS 'UTC day in which they changed.';
COMMENT ON COLUMN derived_dirty.seq IS 'Grows with every change, so that a change during a refresh is not forgotten.';

CREATE OR REPLACE FUNCTION mark_derived_dirty(p_instrument_ids integer[], p_days date[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO derived_dirty (dataset, instrument_id, day)
    SELECT s.dataset, d.instrument_id, d.day
    FROM (SELECT DISTINCT * FROM unnest(p_instrument_ids, p_days) AS u (instrument_id, day)) AS d
    CROSS JOIN unnest(ARRAY['indicators', 'market_regime', 'volume_patterns', 'volume_profiles']) AS s (dataset)
    ORDER BY s.dataset, d.instrument_id, d.day
    ON CONFLICT (dataset, instrument_id, day)
    DO UPDATE SET seq = nextval(pg_get_serial_sequence('derived_dirty', 'seq'))
$$;
COMMENT ON FUNCTION mark_derived_dirty(integer[], date[]) IS
    'Note that bars of these instruments and days changed, so that what is derived from them is computed anew.';

CREATE OR REPLACE FUNCTION mark_ohlcv_dirty(p_instrument_ids integer[], p_days date[]) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO ohlcv_dirty (timeframe, instrument_id, day)
    SELECT t.timeframe, d.instrument_id, d.day
    FROM (SELECT DISTINCT * FROM unnest(p_instrument_ids, p_days) AS u (instrument_id, day)) AS d
    CROSS JOIN timeframes AS t
    WHERE t.finer IS NOT NULL
    ORDER BY t.timeframe, d.instrument_id, d.day
    ON CONFLICT (timeframe, instrument_id, day)
    DO UPDATE SET seq = nextval(pg_get_serial_sequence('ohlcv_dirty', 'seq'));
    SELECT mark_derived_dirty(p_instrument_ids, p_days)
$$;

CREATE OR REPLACE FUNCTION timeframe_caught_up() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mark_derived_dirty(array_agg(instrument_id), array_agg(day))
    FROM (SELECT DISTINCT instrument_id, day FROM gone) AS d
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION timeframe_caught_up() IS
    'Trigger of ohlcv_dirty: when a timeframe has caught up with a day, what is derived from it is due.';
CREATE OR REPLACE TRIGGER timeframe_caught_up AFTER DELETE ON ohlcv_dirty
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION timeframe_caught_up();

-- candles that are there already are due
INSERT INTO derived_dirty (dataset, instrument_id, day)
SELECT s.dataset, b.instrument_id, (b.ts AT TIME ZONE 'UTC')::date
FROM ohlcv_1d AS b
CROSS JOIN unnest(ARRAY['indicators', 'market_regime', 'volume_patterns', 'volume_profiles']) AS s (dataset)
ON CONFLICT (dataset, instrument_id, day) DO NOTHING;

CALL keep_in_chunks('indicator_values', '7 days', 'instrument_id, timeframe_id, logic_version', 'ts', '30 days');
CALL keep_in_chunks('market_regimes', '7 days', 'instrument_id, timeframe_id, logic_version', 'ts', '30 days');
CALL keep_in_chunks('volume_pattern_events', '30 days', 'instrument_id, timeframe_id, logic_version', 'ts, pattern', '30 days');
