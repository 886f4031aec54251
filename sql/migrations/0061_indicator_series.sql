-- The usual indicators that were missing, as columns; indicators of one's own parameters, as series beside them;
-- and what the price did before a candlestick pattern.

ALTER TABLE indicator_values
    ADD COLUMN IF NOT EXISTS stochastic_k double precision,
    ADD COLUMN IF NOT EXISTS stochastic_d double precision,
    ADD COLUMN IF NOT EXISTS ichimoku_conversion double precision,
    ADD COLUMN IF NOT EXISTS ichimoku_base double precision,
    ADD COLUMN IF NOT EXISTS ichimoku_span_a double precision,
    ADD COLUMN IF NOT EXISTS ichimoku_span_b double precision,
    ADD COLUMN IF NOT EXISTS supertrend double precision,
    ADD COLUMN IF NOT EXISTS supertrend_direction double precision,
    ADD COLUMN IF NOT EXISTS keltner_upper double precision,
    ADD COLUMN IF NOT EXISTS keltner_lower double precision,
    ADD COLUMN IF NOT EXISTS donchian_upper double precision,
    ADD COLUMN IF NOT EXISTS donchian_lower double precision,
    ADD COLUMN IF NOT EXISTS vwap_month double precision;
COMMENT ON COLUMN indicator_values.stochastic_k IS 'Stochastic %K: place of the close in the range of 14 bars, mean of 3; a range of nothing counts 50. Null in the first 15 bars.';
COMMENT ON COLUMN indicator_values.stochastic_d IS 'Stochastic %D: mean of the last 3 %K. Null in the first 17 bars.';
COMMENT ON COLUMN indicator_values.ichimoku_conversion IS 'Middle of the range of 9 bars (tenkan). Null in the first 8 bars.';
COMMENT ON COLUMN indicator_values.ichimoku_base IS 'Middle of the range of 26 bars (kijun). Null in the first 25 bars.';
COMMENT ON COLUMN indicator_values.ichimoku_span_a IS 'Middle of conversion and base line (senkou A), as known at this bar; charts plot it 26 bars later. Null in the first 25 bars.';
COMMENT ON COLUMN indicator_values.ichimoku_span_b IS 'Middle of the range of 52 bars (senkou B), as known at this bar; charts plot it 26 bars later. Null in the first 51 bars.';
COMMENT ON COLUMN indicator_values.supertrend IS 'Band 3 ATR 10 from (high + low) / 2, which only follows the trend: below the price of an up-trend, above it of a down-trend. Null in the first 10 bars.';
COMMENT ON COLUMN indicator_values.supertrend_direction IS '1 while the line is below the price, -1 while it is above. Null in the first 10 bars.';
COMMENT ON COLUMN indicator_values.keltner_upper IS 'EMA 20 of the close plus 2 ATR 10. Null in the first 19 bars.';
COMMENT ON COLUMN indicator_values.keltner_lower IS 'EMA 20 of the close minus 2 ATR 10. Null in the first 19 bars.';
COMMENT ON COLUMN indicator_values.donchian_upper IS 'Highest high of 20 bars, the bar''s own included: hold a close against the row before. Null in the first 19 bars.';
COMMENT ON COLUMN indicator_values.donchian_lower IS 'Lowest low of 20 bars, the bar''s own included: hold a close against the row before. Null in the first 19 bars.';
COMMENT ON COLUMN indicator_values.vwap_month IS 'Volume-weighted mean of (high + low + close) / 3 since the start of the UTC month. Null where no volume since the start of the month.';
COMMENT ON COLUMN indicator_values.rsi_14 IS 'Relative strength index, window 14; 50 where the last 14 closes did not move. Null in the first 14 bars.';

CREATE TABLE IF NOT EXISTS indicator_series_definitions (
    logic_version integer NOT NULL,
    place smallint NOT NULL,
    name text NOT NULL,
    series text NOT NULL,
    parameters jsonb NOT NULL,
    formula_version integer NOT NULL,
    warm_up integer NOT NULL,
    description text NOT NULL,
    source text NOT NULL,
    unit text NOT NULL,
    undefined text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (logic_version, place)
);
CREATE INDEX IF NOT EXISTS indicator_series_definitions_by_name ON indicator_series_definitions (name);
COMMENT ON TABLE indicator_series_definitions IS 'Every value of an indicator series that was ever asked for (ALPHAPULSE_INDICATORS__EXTRA): what it is, of which parameters, from which source.';
COMMENT ON COLUMN indicator_series_definitions.logic_version IS 'Number of the series in the version of its formula: CRC-32 of both, cut to an integer.';
COMMENT ON COLUMN indicator_series_definitions.place IS 'Where in indicator_series_values.outputs it is, from 1.';
COMMENT ON COLUMN indicator_series_definitions.name IS 'Name of the value, such as ema_34 or keltner_20_2_10_upper.';
COMMENT ON COLUMN indicator_series_definitions.series IS 'Name of the series, such as keltner_20_2_10; derived_datasets has it as indicator_series <series> while the settings ask for it.';
COMMENT ON COLUMN indicator_series_definitions.parameters IS 'Windows, factors and anchors by name.';
COMMENT ON COLUMN indicator_series_definitions.formula_version IS 'Version of the formula.';
COMMENT ON COLUMN indicator_series_definitions.warm_up IS 'Bars needed for the first value; it is null before.';
COMMENT ON COLUMN indicator_series_definitions.description IS 'What it is.';
COMMENT ON COLUMN indicator_series_definitions.source IS 'Whose formula it is, or ours.';
COMMENT ON COLUMN indicator_series_definitions.unit IS 'Unit of the values.';
COMMENT ON COLUMN indicator_series_definitions.undefined IS 'When it is null after the warm-up; empty: never.';
COMMENT ON COLUMN indicator_series_definitions.created_at IS 'When it was first asked for.';

CREATE TABLE IF NOT EXISTS indicator_series_values (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    outputs double precision[] NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id, logic_version, ts)
);
COMMENT ON TABLE indicator_series_values IS 'Indicators of one''s own parameters: a row per instrument, timeframe, bar and series. The view indicator_series shows them by name.';
COMMENT ON COLUMN indicator_series_values.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN indicator_series_values.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN indicator_series_values.ts IS 'Open time of the bar.';
COMMENT ON COLUMN indicator_series_values.logic_version IS 'Series and version of its formula (indicator_series_definitions).';
COMMENT ON COLUMN indicator_series_values.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN indicator_series_values.outputs IS 'Values in the order of indicator_series_definitions.place, in their units; null where there is none.';
COMMENT ON COLUMN indicator_series_values.created_at IS 'When the present values were made.';
CALL keep_in_chunks('indicator_series_values', '7 days', 'instrument_id, timeframe_id, logic_version', 'ts', '30 days');

ALTER TABLE candlestick_pattern_events ADD COLUMN IF NOT EXISTS move_before_atr double precision;
COMMENT ON COLUMN candlestick_pattern_events.move_before_atr IS 'Close change over the 10 bars before the pattern''s first candle, in ATR (mean true range of 14 bars) of the bar before it; above 0: price had risen. Null where there are fewer bars before it or nothing moved, and in rows of version 1.';
