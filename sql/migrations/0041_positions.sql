-- Positions as they were known, what is needed to tell their risk, the risk, and what limits leave of signals.

CREATE TABLE IF NOT EXISTS positions (
    account text NOT NULL CHECK (account <> '' AND account <> 'all'),
    instrument_id integer NOT NULL REFERENCES instruments,
    side text NOT NULL CHECK (side IN ('long', 'short')),
    opened_at timestamptz NOT NULL,
    ts timestamptz NOT NULL,
    known_at timestamptz NOT NULL DEFAULT now(),
    size double precision NOT NULL CHECK (size >= 0 AND size < 'Infinity'),
    size_unit text NOT NULL DEFAULT 'base' CHECK (size_unit IN ('base', 'contracts')),
    contract_size double precision CHECK (contract_size > 0 AND contract_size < 'Infinity'),
    entry_price double precision NOT NULL CHECK (entry_price > 0 AND entry_price < 'Infinity'),
    leverage double precision CHECK (leverage > 0 AND leverage < 'Infinity'),
    margin_mode text NOT NULL DEFAULT 'none' CHECK (margin_mode IN ('isolated', 'cross', 'none')),
    margin double precision CHECK (margin >= 0 AND margin < 'Infinity'),
    maintenance_rate double precision CHECK (maintenance_rate > 0 AND maintenance_rate < 1),
    maintenance_amount double precision CHECK (maintenance_amount >= 0 AND maintenance_amount < 'Infinity'),
    venue_liquidation_price double precision,
    closed_at timestamptz,
    exit_price double precision CHECK (exit_price > 0 AND exit_price < 'Infinity'),
    source text NOT NULL DEFAULT 'sql',
    note text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, instrument_id, side, opened_at, ts),
    CHECK (ts >= opened_at),
    CHECK ((closed_at IS NULL) = (size > 0)),
    CHECK (closed_at IS NULL OR closed_at = ts)
);
COMMENT ON TABLE positions IS 'Positions, a row for each state that one was in: opened, changed, closed. Rows are only added, never changed, so that it can be asked what was known at any time. Enter them by open_position and close_position, or alphapulse positions. The view positions_open shows what is open.';
COMMENT ON COLUMN positions.account IS 'Whose it is: a name of your own; of those read from a venue, its name in the settings. all is taken: it stands for the sum.';
COMMENT ON COLUMN positions.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN positions.side IS 'long or short.';
COMMENT ON COLUMN positions.opened_at IS 'When it was opened; of those read from a venue, where that does not tell it, when it was first seen.';
COMMENT ON COLUMN positions.ts IS 'Since when it has been in this state.';
COMMENT ON COLUMN positions.known_at IS 'When this state was known to us: when it was entered or read, not when it began.';
COMMENT ON COLUMN positions.size IS 'How much, in size_unit, without a sign; 0: closed.';
COMMENT ON COLUMN positions.size_unit IS 'base: units of the base currency; contracts: contracts of the venue.';
COMMENT ON COLUMN positions.contract_size IS 'How much one contract is: base units of a linear, quote units of an inverse one. Null: as instruments.contract_size says.';
COMMENT ON COLUMN positions.entry_price IS 'Mean price it was opened at, in quote units.';
COMMENT ON COLUMN positions.leverage IS 'Worth over margin at the entry; null where not known or nothing is borrowed.';
COMMENT ON COLUMN positions.margin_mode IS 'isolated: it has a margin of its own; cross: the account''s balance is behind it; none: spot, nothing is borrowed.';
COMMENT ON COLUMN positions.margin IS 'Margin of an isolated position, in units of the currency it settles in; null: worth at entry over leverage.';
COMMENT ON COLUMN positions.maintenance_rate IS 'Maintenance margin as a part of what it is worth; null: as maintenance_tiers say.';
COMMENT ON COLUMN positions.maintenance_amount IS 'What is taken off the maintenance margin, in the currency it settles in; null: 0.';
COMMENT ON COLUMN positions.venue_liquidation_price IS 'Liquidation price as the venue tells it, in quote units; null where it tells none. Ours is in position_risk.';
COMMENT ON COLUMN positions.closed_at IS 'When it was closed; null while it is open.';
COMMENT ON COLUMN positions.exit_price IS 'Mean price it was closed at, in quote units; null where not known.';
COMMENT ON COLUMN positions.source IS 'Who said so: cli, sql, or the venue it was read from.';
COMMENT ON COLUMN positions.note IS 'In your own words.';
COMMENT ON COLUMN positions.created_at IS 'When the row was made.';

CREATE TABLE IF NOT EXISTS account_balances (
    account text NOT NULL CHECK (account <> '' AND account <> 'all'),
    currency text NOT NULL,
    ts timestamptz NOT NULL,
    known_at timestamptz NOT NULL DEFAULT now(),
    wallet_balance double precision NOT NULL CHECK (wallet_balance > '-Infinity' AND wallet_balance < 'Infinity'),
    source text NOT NULL DEFAULT 'sql',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, currency, ts)
);
COMMENT ON TABLE account_balances IS 'What accounts hold without the unrealised gains of their positions: what leverage and cross margin are told by. Rows are added, not changed.';
COMMENT ON COLUMN account_balances.account IS 'Account (positions).';
COMMENT ON COLUMN account_balances.currency IS 'Currency of the balance.';
COMMENT ON COLUMN account_balances.ts IS 'When it was so.';
COMMENT ON COLUMN account_balances.known_at IS 'When it was known to us.';
COMMENT ON COLUMN account_balances.wallet_balance IS 'Balance in that currency, gains and losses of closed positions in it, those of open ones not.';
COMMENT ON COLUMN account_balances.source IS 'Who said so: cli, sql, or the venue it was read from.';
COMMENT ON COLUMN account_balances.created_at IS 'When the row was made.';

CREATE TABLE IF NOT EXISTS maintenance_tiers (
    instrument_id integer NOT NULL REFERENCES instruments,
    ts timestamptz NOT NULL,
    notional_floor double precision NOT NULL CHECK (notional_floor >= 0 AND notional_floor < 'Infinity'),
    known_at timestamptz NOT NULL DEFAULT now(),
    rate double precision NOT NULL CHECK (rate > 0 AND rate < 1),
    amount double precision NOT NULL DEFAULT 0 CHECK (amount >= 0 AND amount < 'Infinity'),
    max_leverage double precision,
    source text NOT NULL DEFAULT 'sql',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, ts, notional_floor)
);
COMMENT ON TABLE maintenance_tiers IS 'Maintenance margin by what a position is worth, as a venue told it. All tiers of an instrument with the same ts are one table of the venue; the newest one goes.';
COMMENT ON COLUMN maintenance_tiers.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN maintenance_tiers.ts IS 'When the venue told it so.';
COMMENT ON COLUMN maintenance_tiers.notional_floor IS 'What a position is worth from which on the tier goes, in the currency it settles in.';
COMMENT ON COLUMN maintenance_tiers.known_at IS 'When it was known to us.';
COMMENT ON COLUMN maintenance_tiers.rate IS 'Maintenance margin as a part of the worth.';
COMMENT ON COLUMN maintenance_tiers.amount IS 'What is taken off it, in the currency it settles in, so that it does not jump where a tier begins.';
COMMENT ON COLUMN maintenance_tiers.max_leverage IS 'Highest leverage of the tier; null where not told.';
COMMENT ON COLUMN maintenance_tiers.source IS 'Who said so: sql, or the venue.';
COMMENT ON COLUMN maintenance_tiers.created_at IS 'When the row was made.';

CREATE TABLE IF NOT EXISTS risk_limits (
    version integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account text NOT NULL DEFAULT 'all',
    known_at timestamptz NOT NULL DEFAULT now(),
    equity double precision CHECK (equity > 0 AND equity < 'Infinity'),
    max_symbol double precision CHECK (max_symbol > 0 AND max_symbol < 'Infinity'),
    max_leverage double precision CHECK (max_leverage > 0 AND max_leverage < 'Infinity'),
    max_value_at_risk double precision CHECK (max_value_at_risk > 0 AND max_value_at_risk < 'Infinity'),
    max_correlation double precision CHECK (max_correlation > 0 AND max_correlation <= 1),
    max_correlated double precision CHECK (max_correlated > 0 AND max_correlated < 'Infinity'),
    note text,
    CHECK ((max_correlation IS NULL) = (max_correlated IS NULL))
);
COMMENT ON TABLE risk_limits IS 'Limits that the sizes of signals obey, by version: the newest goes from when it was known. Without a row, or with one whose limits are all null, nothing is limited.';
COMMENT ON COLUMN risk_limits.version IS 'Version of the limits (signal_limits).';
COMMENT ON COLUMN risk_limits.account IS 'Account whose positions count; all: those of all accounts together.';
COMMENT ON COLUMN risk_limits.known_at IS 'Since when they go.';
COMMENT ON COLUMN risk_limits.equity IS 'Equity that the limits are parts of, in dollars; null: the account''s balance, else the equity of the signal.';
COMMENT ON COLUMN risk_limits.max_symbol IS 'Worth of all positions of one base currency at most, longs less shorts, as a part of the equity; null: not limited.';
COMMENT ON COLUMN risk_limits.max_leverage IS 'Worth of all positions at most, over the equity; null: not limited.';
COMMENT ON COLUMN risk_limits.max_value_at_risk IS 'Value at risk at most (one day, 95 %), as a part of the equity; null: not limited.';
COMMENT ON COLUMN risk_limits.max_correlation IS 'Correlation of daily returns from which on two instruments are one bet, -1 counting as 1 the other way round.';
COMMENT ON COLUMN risk_limits.max_correlated IS 'Worth of one bet at most, as a part of the equity.';
COMMENT ON COLUMN risk_limits.note IS 'In your own words.';

CREATE TABLE IF NOT EXISTS position_risks (
    account text NOT NULL,
    instrument_id integer NOT NULL,
    side text NOT NULL,
    opened_at timestamptz NOT NULL,
    ts timestamptz NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    mark_price double precision,
    mark_ts timestamptz,
    mark_source text,
    base_size double precision,
    exposure double precision,
    gain double precision,
    liquidation_price double precision,
    liquidation_distance double precision,
    liquidation_reason text,
    funding_rate double precision,
    funding_interval_hours double precision,
    funding_per_day double precision,
    funding_reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, instrument_id, side, opened_at, ts, logic_version)
);
COMMENT ON TABLE position_risks IS 'What each open position was worth, would be liquidated at and cost, at instants. The view position_risk shows the newest.';
COMMENT ON COLUMN position_risks.account IS 'Account (positions).';
COMMENT ON COLUMN position_risks.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN position_risks.side IS 'long or short.';
COMMENT ON COLUMN position_risks.opened_at IS 'Which position: when it was opened.';
COMMENT ON COLUMN position_risks.ts IS 'The instant that it is told of.';
COMMENT ON COLUMN position_risks.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN position_risks.known_at IS 'When it was known: ts, for it rests on what was known then.';
COMMENT ON COLUMN position_risks.mark_price IS 'Price it is valued at, in quote units; null where none is stored that is new enough.';
COMMENT ON COLUMN position_risks.mark_ts IS 'When that price was so.';
COMMENT ON COLUMN position_risks.mark_source IS 'mark_price of the venue, or candle: the close of its newest minute.';
COMMENT ON COLUMN position_risks.base_size IS 'Size in base units; of inverse contracts at that price.';
COMMENT ON COLUMN position_risks.exposure IS 'What it is worth, in quote units, below 0 for shorts.';
COMMENT ON COLUMN position_risks.gain IS 'Unrealised gain, in quote units, before fees and funding.';
COMMENT ON COLUMN position_risks.liquidation_price IS 'Price at which it would be liquidated, by the venue''s formula without fees; null: see liquidation_reason.';
COMMENT ON COLUMN position_risks.liquidation_distance IS 'Part of its price that the market has to move against it until then; below 0: it is past it.';
COMMENT ON COLUMN position_risks.liquidation_reason IS 'Why there is no liquidation price, or no distance.';
COMMENT ON COLUMN position_risks.funding_rate IS 'Funding rate due next, else the last that was settled; above 0: longs pay.';
COMMENT ON COLUMN position_risks.funding_interval_hours IS 'Hours between settlements.';
COMMENT ON COLUMN position_risks.funding_per_day IS 'What funding costs a day at that rate, in quote units; below 0: it is received.';
COMMENT ON COLUMN position_risks.funding_reason IS 'Why there is no cost of funding.';
COMMENT ON COLUMN position_risks.created_at IS 'When the row was made.';
CREATE INDEX IF NOT EXISTS position_risks_newest ON position_risks (account, ts);

CREATE TABLE IF NOT EXISTS portfolio_risks (
    account text NOT NULL,
    ts timestamptz NOT NULL,
    level double precision NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    positions integer NOT NULL,
    gross double precision NOT NULL,
    net double precision NOT NULL,
    equity double precision,
    leverage double precision,
    leverage_reason text,
    value_at_risk double precision,
    expected_shortfall double precision,
    alone double precision,
    days integer NOT NULL,
    first_day date,
    last_day date,
    reason text,
    left_out jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, ts, level, logic_version)
);
COMMENT ON TABLE portfolio_risks IS 'Leverage and value at risk of each account and of all together, at instants. Stablecoins of the dollar count as dollars. The view portfolio_risk shows the newest.';
COMMENT ON COLUMN portfolio_risks.account IS 'Account (positions); all: all of them together.';
COMMENT ON COLUMN portfolio_risks.ts IS 'The instant that it is told of.';
COMMENT ON COLUMN portfolio_risks.level IS 'Level of the value at risk: 0.95 says that one day of twenty is worse.';
COMMENT ON COLUMN portfolio_risks.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN portfolio_risks.known_at IS 'When it was known: ts, for it rests on what was known then.';
COMMENT ON COLUMN portfolio_risks.positions IS 'Positions in it.';
COMMENT ON COLUMN portfolio_risks.gross IS 'What they are worth, whatever their side, in dollars.';
COMMENT ON COLUMN portfolio_risks.net IS 'Longs less shorts, in dollars.';
COMMENT ON COLUMN portfolio_risks.equity IS 'Balances in dollars and unrealised gains of what settles in them; null where no balance is known.';
COMMENT ON COLUMN portfolio_risks.leverage IS 'gross over equity; null: see leverage_reason.';
COMMENT ON COLUMN portfolio_risks.leverage_reason IS 'Why there is no leverage.';
COMMENT ON COLUMN portfolio_risks.value_at_risk IS 'Loss of one day that is reached or exceeded on 1 - level of the days, by historical simulation, in dollars; null: see reason.';
COMMENT ON COLUMN portfolio_risks.expected_shortfall IS 'Mean loss of those days, in dollars.';
COMMENT ON COLUMN portfolio_risks.alone IS 'Sum of the value at risk of each position by itself: what is more than value_at_risk is diversification.';
COMMENT ON COLUMN portfolio_risks.days IS 'Days of stored candles that were used: at most 250, those on which all positions have a return.';
COMMENT ON COLUMN portfolio_risks.first_day IS 'First of them (UTC).';
COMMENT ON COLUMN portfolio_risks.last_day IS 'Last of them (UTC).';
COMMENT ON COLUMN portfolio_risks.reason IS 'Why there is no value at risk.';
COMMENT ON COLUMN portfolio_risks.left_out IS 'Positions that are not in it, with the reason.';
COMMENT ON COLUMN portfolio_risks.created_at IS 'When the row was made.';

CREATE TABLE IF NOT EXISTS portfolio_risk_parts (
    account text NOT NULL,
    ts timestamptz NOT NULL,
    level double precision NOT NULL,
    instrument_id integer NOT NULL,
    logic_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    exposure double precision NOT NULL,
    alone double precision,
    component double precision,
    shortfall_component double precision,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, ts, level, instrument_id, logic_version)
);
COMMENT ON TABLE portfolio_risk_parts IS 'What each instrument adds to the value at risk of portfolio_risks. The view portfolio_risk_by_symbol shows the newest.';
COMMENT ON COLUMN portfolio_risk_parts.account IS 'Account (positions); all: all of them together.';
COMMENT ON COLUMN portfolio_risk_parts.ts IS 'The instant that it is told of.';
COMMENT ON COLUMN portfolio_risk_parts.level IS 'Level of the value at risk.';
COMMENT ON COLUMN portfolio_risk_parts.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN portfolio_risk_parts.logic_version IS 'Version of the rules that made it.';
COMMENT ON COLUMN portfolio_risk_parts.known_at IS 'When it was known.';
COMMENT ON COLUMN portfolio_risk_parts.exposure IS 'What is held of it, longs less shorts, in dollars.';
COMMENT ON COLUMN portfolio_risk_parts.alone IS 'Its value at risk by itself, in dollars; this and what follows is null where there is no value at risk: see portfolio_risks.reason.';
COMMENT ON COLUMN portfolio_risk_parts.component IS 'Its part of the value at risk, in dollars, by its covariance with the whole; they sum to it, below 0 stands what hedges.';
COMMENT ON COLUMN portfolio_risk_parts.shortfall_component IS 'Its part of the expected shortfall, in dollars: its mean loss on the worst days; they sum to it.';
COMMENT ON COLUMN portfolio_risk_parts.created_at IS 'When the row was made.';

CREATE TABLE IF NOT EXISTS signal_limits (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    limits_version integer NOT NULL,
    rules_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    equity double precision,
    wanted double precision NOT NULL,
    allowed double precision NOT NULL,
    size_allowed double precision NOT NULL,
    limited_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (instrument_id, timeframe_id, ts, logic_version, configuration_version, limits_version, rules_version)
);
COMMENT ON TABLE signal_limits IS 'What the limits leave of each signal''s size, by the positions and candles known when the signal was. The view signals_within_limits shows it beside the signal.';
COMMENT ON COLUMN signal_limits.instrument_id IS 'Instrument (instruments). Not a foreign key, as in ohlcv_1m.';
COMMENT ON COLUMN signal_limits.timeframe_id IS 'Length of the bar (timeframes).';
COMMENT ON COLUMN signal_limits.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN signal_limits.logic_version IS 'Version of the signal''s rules (signal_events).';
COMMENT ON COLUMN signal_limits.configuration_version IS 'Configuration of the signal (pattern_configurations).';
COMMENT ON COLUMN signal_limits.limits_version IS 'Version of the limits (risk_limits).';
COMMENT ON COLUMN signal_limits.rules_version IS 'Version of the rules that apply the limits.';
COMMENT ON COLUMN signal_limits.known_at IS 'When the signal was known: it rests on nothing later.';
COMMENT ON COLUMN signal_limits.equity IS 'Equity that the limits are parts of, in dollars.';
COMMENT ON COLUMN signal_limits.wanted IS 'What the signal''s size is worth, in dollars.';
COMMENT ON COLUMN signal_limits.allowed IS 'What the limits leave of it, in dollars; never more.';
COMMENT ON COLUMN signal_limits.size_allowed IS 'The same in base units.';
COMMENT ON COLUMN signal_limits.limited_by IS 'Limit that made it smaller, the tightest of them; null: none did.';
COMMENT ON COLUMN signal_limits.created_at IS 'When the row was made.';
CREATE INDEX IF NOT EXISTS signal_limits_by_time ON signal_limits (ts);
