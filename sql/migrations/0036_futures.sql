-- What perpetuals and futures say: open interest, funding, mark and index prices, long and short, taker flow; and
-- how much a contract is, so that open interest of linear, inverse and quanto contracts can be compared.

ALTER TABLE instruments ADD COLUMN IF NOT EXISTS contract_size double precision;
ALTER TABLE instruments ADD COLUMN IF NOT EXISTS contract_kind text
    CHECK (contract_kind IN ('linear', 'inverse', 'quanto'));
COMMENT ON COLUMN instruments.contract_size IS 'How much one contract is: of linear ones in base units, of inverse ones in quote units (100 USD), of quanto ones in the settlement currency for each unit of price. Null for spot, and until the venue was asked.';
COMMENT ON COLUMN instruments.contract_kind IS 'linear: settled in the quote; inverse: settled in the base; quanto: settled in neither. Null for spot, and until the venue was asked.';

CREATE TABLE IF NOT EXISTS open_interest_readings (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    contracts double precision NOT NULL,
    base_amount double precision,
    quote_value double precision,
    settle_value double precision,
    price double precision,
    not_converted text,
    known_at timestamptz NOT NULL,
    source text NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (instrument_id, ts)
);
COMMENT ON TABLE open_interest_readings IS 'Contracts open at instants, with what they are worth by the stored contract size. The view open_interest shows venue and symbol.';
COMMENT ON COLUMN open_interest_readings.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN open_interest_readings.ts IS 'The instant it was so, by the venue''s clock; of the venue''s own history, the time that the venue gives.';
COMMENT ON COLUMN open_interest_readings.contracts IS 'Open contracts, one side counted, as the venue counts them: instruments.contract_size says how much one is. Where a venue tells an amount of the base alone, a contract is one of the base.';
COMMENT ON COLUMN open_interest_readings.base_amount IS 'The same in base units. Null where it cannot be converted: see not_converted.';
COMMENT ON COLUMN open_interest_readings.quote_value IS 'The same in quote units (of inverse contracts USD). Null where it cannot be converted: see not_converted.';
COMMENT ON COLUMN open_interest_readings.settle_value IS 'The same in units of the currency that it settles in: the quote''s for linear, the base''s for inverse, neither for quanto contracts. Null where it cannot be converted.';
COMMENT ON COLUMN open_interest_readings.price IS 'Mark price, in quote units, by which it was converted. Null where the venue told the values itself, or there was none.';
COMMENT ON COLUMN open_interest_readings.not_converted IS 'Why an amount or value is null: no contract size, no price, quanto. Null where nothing is.';
COMMENT ON COLUMN open_interest_readings.known_at IS 'When these values could first be known to us: when the answer came; of rows fetched later, when the venue had published them. A row told again unchanged keeps it.';
COMMENT ON COLUMN open_interest_readings.source IS 'How the row came: rest, archive, file or stream.';
COMMENT ON COLUMN open_interest_readings.received_at IS 'When it reached us, by our clock.';

CREATE TABLE IF NOT EXISTS funding_settlements (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    settled_at_original timestamptz,
    rate double precision NOT NULL,
    interval_hours double precision,
    mark_price double precision,
    rate_floor double precision,
    rate_cap double precision,
    known_at timestamptz NOT NULL,
    source text NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (instrument_id, ts)
);
COMMENT ON TABLE funding_settlements IS 'Funding that was settled. The view funding_rates shows venue, symbol and the rate of a year.';
COMMENT ON COLUMN funding_settlements.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN funding_settlements.ts IS 'The settlement, rounded to the minute: venues'' times jitter by milliseconds.';
COMMENT ON COLUMN funding_settlements.settled_at_original IS 'The settlement as the venue told it, to the millisecond.';
COMMENT ON COLUMN funding_settlements.rate IS 'Rate that was paid, as a part of the position''s value (0.0001: 1 basis point); above 0: longs pay shorts.';
COMMENT ON COLUMN funding_settlements.interval_hours IS 'Hours that the rate is for. Differs by symbol and changes: 8, 4, 1 ... Null where neither the venue told it nor a settlement shortly before shows it.';
COMMENT ON COLUMN funding_settlements.mark_price IS 'Mark price at the settlement, in quote units. Null where the venue does not tell it.';
COMMENT ON COLUMN funding_settlements.rate_floor IS 'Lowest rate that is believed: the venue''s floor, else -0.05 (ours).';
COMMENT ON COLUMN funding_settlements.rate_cap IS 'Highest rate that is believed: the venue''s cap, else 0.05 (ours).';
COMMENT ON COLUMN funding_settlements.known_at IS 'When these values could first be known to us: when the answer came; of rows fetched later, when the venue had published them. A row told again unchanged keeps it.';
COMMENT ON COLUMN funding_settlements.source IS 'How the row came: rest, archive, file or stream.';
COMMENT ON COLUMN funding_settlements.received_at IS 'When it reached us, by our clock.';

CREATE TABLE IF NOT EXISTS mark_price_readings (
    instrument_id integer NOT NULL,
    ts timestamptz NOT NULL,
    mark_price double precision NOT NULL,
    index_price double precision,
    last_price double precision,
    funding_rate double precision,
    next_funding_at timestamptz,
    interval_hours double precision,
    funding_floor double precision,
    funding_cap double precision,
    known_at timestamptz NOT NULL,
    source text NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (instrument_id, ts)
);
COMMENT ON TABLE mark_price_readings IS 'Mark, index and last price at instants, and the funding that is due next. The view mark_prices shows venue, symbol and basis.';
COMMENT ON COLUMN mark_price_readings.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN mark_price_readings.ts IS 'The instant it was so, by the venue''s clock.';
COMMENT ON COLUMN mark_price_readings.mark_price IS 'Price that positions are valued and liquidated by, in quote units.';
COMMENT ON COLUMN mark_price_readings.index_price IS 'Price of the spot markets behind it, in quote units. Null where the venue does not tell it.';
COMMENT ON COLUMN mark_price_readings.last_price IS 'Price of the last trade, in quote units. Null where the venue does not tell it here.';
COMMENT ON COLUMN mark_price_readings.funding_rate IS 'Funding that would be paid if it were settled now, as a part of the position''s value: a forecast until next_funding_at. Null where there is none.';
COMMENT ON COLUMN mark_price_readings.next_funding_at IS 'When funding is settled next. Null where there is none.';
COMMENT ON COLUMN mark_price_readings.interval_hours IS 'Hours between settlements, as told then. Null where it was not known.';
COMMENT ON COLUMN mark_price_readings.funding_floor IS 'Lowest rate that is believed: the venue''s floor, else -0.05 (ours).';
COMMENT ON COLUMN mark_price_readings.funding_cap IS 'Highest rate that is believed: the venue''s cap, else 0.05 (ours).';
COMMENT ON COLUMN mark_price_readings.known_at IS 'When these values could first be known to us: when the answer came; of rows fetched later, when the venue had published them. A row told again unchanged keeps it.';
COMMENT ON COLUMN mark_price_readings.source IS 'How the row came: rest, archive, file or stream.';
COMMENT ON COLUMN mark_price_readings.received_at IS 'When it reached us, by our clock.';

CREATE TABLE IF NOT EXISTS long_short_readings (
    instrument_id integer NOT NULL,
    kind text NOT NULL CHECK (kind IN ('accounts', 'top_accounts', 'top_positions')),
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    long_share double precision NOT NULL,
    short_share double precision NOT NULL,
    ratio double precision,
    known_at timestamptz NOT NULL,
    source text NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (instrument_id, kind, timeframe_id, ts)
);
COMMENT ON TABLE long_short_readings IS 'How much of a venue''s accounts or positions is long and how much short. The view long_short_ratios shows venue and symbol.';
COMMENT ON COLUMN long_short_readings.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN long_short_readings.kind IS 'accounts: of all accounts with a position; top_accounts: of the fifth with the most margin; top_positions: of the positions of those.';
COMMENT ON COLUMN long_short_readings.timeframe_id IS 'Period that it is of (timeframes).';
COMMENT ON COLUMN long_short_readings.ts IS 'The time that the venue gives the period.';
COMMENT ON COLUMN long_short_readings.long_share IS 'Part that is long, 0 to 1.';
COMMENT ON COLUMN long_short_readings.short_share IS 'Part that is short, 0 to 1. The two are 1 together but for rounding.';
COMMENT ON COLUMN long_short_readings.ratio IS 'Long over short, as the venue told it, else computed. Null where nothing is short.';
COMMENT ON COLUMN long_short_readings.known_at IS 'When these values could first be known to us: when the answer came; of rows fetched later, when the venue had published them. A row told again unchanged keeps it.';
COMMENT ON COLUMN long_short_readings.source IS 'How the row came: rest, archive, file or stream.';
COMMENT ON COLUMN long_short_readings.received_at IS 'When it reached us, by our clock.';

CREATE TABLE IF NOT EXISTS taker_flow_periods (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    buy_volume double precision NOT NULL,
    sell_volume double precision NOT NULL,
    known_at timestamptz NOT NULL,
    source text NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (instrument_id, timeframe_id, ts)
);
COMMENT ON TABLE taker_flow_periods IS 'What takers bought and sold in each period, as the venue adds it up. The view taker_flow shows venue and symbol.';
COMMENT ON COLUMN taker_flow_periods.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN taker_flow_periods.timeframe_id IS 'Length of the period (timeframes).';
COMMENT ON COLUMN taker_flow_periods.ts IS 'The time that the venue gives the period.';
COMMENT ON COLUMN taker_flow_periods.buy_volume IS 'Bought by takers, in base units.';
COMMENT ON COLUMN taker_flow_periods.sell_volume IS 'Sold by takers, in base units.';
COMMENT ON COLUMN taker_flow_periods.known_at IS 'When these values could first be known to us: when the answer came; of rows fetched later, when the venue had published them. A row told again unchanged keeps it.';
COMMENT ON COLUMN taker_flow_periods.source IS 'How the row came: rest, archive, file or stream.';
COMMENT ON COLUMN taker_flow_periods.received_at IS 'When it reached us, by our clock.';

CALL keep_in_chunks('open_interest_readings', '7 days', 'instrument_id', 'ts', '7 days');
CALL keep_in_chunks('funding_settlements', '90 days', 'instrument_id', 'ts', '90 days');
CALL keep_in_chunks('mark_price_readings', '7 days', 'instrument_id', 'ts', '7 days');
CALL keep_in_chunks('long_short_readings', '7 days', 'instrument_id, kind', 'ts', '7 days');
CALL keep_in_chunks('taker_flow_periods', '7 days', 'instrument_id', 'ts', '7 days');

-- The newest of each, an instrument a row: asked for a thousand symbols at once, the tables would be searched a thousand
-- times each. Triggers of the tables keep it (futures_latest_*), so that whoever writes them need not know.
CREATE TABLE IF NOT EXISTS futures_latest (
    instrument_id integer PRIMARY KEY,
    open_interest_at timestamptz,
    contracts double precision,
    base_amount double precision,
    quote_value double precision,
    settle_value double precision,
    open_interest_known_at timestamptz,
    priced_at timestamptz,
    mark_price double precision,
    index_price double precision,
    last_price double precision,
    funding_rate double precision,
    next_funding_at timestamptz,
    interval_hours double precision,
    prices_known_at timestamptz,
    settled_at timestamptz,
    settled_rate double precision,
    settled_interval_hours double precision,
    settled_known_at timestamptz
);
COMMENT ON TABLE futures_latest IS 'The newest open interest, prices and settlement of each instrument. The view futures_now shows venue and symbol.';
COMMENT ON COLUMN futures_latest.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN futures_latest.open_interest_at IS 'Instant of the newest open interest, by the venue''s clock.';
COMMENT ON COLUMN futures_latest.contracts IS 'Open contracts, as the venue counts them.';
COMMENT ON COLUMN futures_latest.base_amount IS 'The same in base units; null where it cannot be converted.';
COMMENT ON COLUMN futures_latest.quote_value IS 'The same in quote units; null where it cannot be converted.';
COMMENT ON COLUMN futures_latest.settle_value IS 'The same in units of the currency it settles in; null where it cannot be converted.';
COMMENT ON COLUMN futures_latest.open_interest_known_at IS 'When that open interest could first be known to us.';
COMMENT ON COLUMN futures_latest.priced_at IS 'Instant of the newest prices, by the venue''s clock.';
COMMENT ON COLUMN futures_latest.mark_price IS 'Price that positions are valued by, in quote units.';
COMMENT ON COLUMN futures_latest.index_price IS 'Price of the spot markets behind it, in quote units; null where the venue does not tell it.';
COMMENT ON COLUMN futures_latest.last_price IS 'Price of the last trade, in quote units; null where the venue does not tell it here.';
COMMENT ON COLUMN futures_latest.funding_rate IS 'Funding that would be paid if it were settled now, as a part of the position''s value.';
COMMENT ON COLUMN futures_latest.next_funding_at IS 'When funding is settled next.';
COMMENT ON COLUMN futures_latest.interval_hours IS 'Hours between settlements, as told then.';
COMMENT ON COLUMN futures_latest.prices_known_at IS 'When those prices could first be known to us.';
COMMENT ON COLUMN futures_latest.settled_at IS 'The newest settlement of funding.';
COMMENT ON COLUMN futures_latest.settled_rate IS 'Rate that was paid then.';
COMMENT ON COLUMN futures_latest.settled_interval_hours IS 'Hours that it was for.';
COMMENT ON COLUMN futures_latest.settled_known_at IS 'When it could first be known to us.';

INSERT INTO venues (venue, fetched, description) VALUES ('binancecoinm', true, 'Binance COIN-M futures')
ON CONFLICT (venue) DO UPDATE SET fetched = excluded.fetched,
    description = coalesce(nullif(venues.description, ''), excluded.description);
