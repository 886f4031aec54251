-- Orders that were placed, every step that was taken with them, and the switch that stops them all.

CREATE TABLE IF NOT EXISTS trading_orders (
    network text NOT NULL CHECK (network IN ('test', 'live')),
    venue text NOT NULL,
    client_id text NOT NULL,
    symbol text NOT NULL,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    kind text NOT NULL CHECK (kind IN ('market', 'limit', 'stop')),
    size numeric NOT NULL CHECK (size > 0),
    price numeric CHECK (price > 0),
    stop_price numeric CHECK (stop_price > 0),
    reduce_only boolean NOT NULL DEFAULT false,
    status text NOT NULL CHECK (
        status IN ('sending', 'unknown', 'open', 'filled', 'cancelled', 'expired', 'rejected', 'never_arrived')),
    venue_order_id text,
    filled numeric NOT NULL DEFAULT 0,
    average_price numeric,
    replaces text,
    sends integer NOT NULL DEFAULT 0,
    sent_at timestamptz,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    known_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (network, venue, client_id)
);
COMMENT ON TABLE trading_orders IS 'Orders by the id that their caller gave them, as they were last known. Written before anything is sent. Every step is in trading_audit.';
COMMENT ON COLUMN trading_orders.network IS 'test: the venue''s test network; live: real money.';
COMMENT ON COLUMN trading_orders.venue IS 'Venue.';
COMMENT ON COLUMN trading_orders.client_id IS 'Id that the caller gave it: the same id is the same order.';
COMMENT ON COLUMN trading_orders.symbol IS 'Unified symbol.';
COMMENT ON COLUMN trading_orders.side IS 'buy or sell.';
COMMENT ON COLUMN trading_orders.kind IS 'market, limit, or stop (at the market, or with a price at that limit, once stop_price is reached).';
COMMENT ON COLUMN trading_orders.size IS 'How much, in base units.';
COMMENT ON COLUMN trading_orders.price IS 'Limit price, in quote units; null: at the market.';
COMMENT ON COLUMN trading_orders.stop_price IS 'Price that a stop waits for, in quote units.';
COMMENT ON COLUMN trading_orders.reduce_only IS 'Whether it may only make a position smaller.';
COMMENT ON COLUMN trading_orders.status IS 'sending: on its way; unknown: the answer was lost and it was not found yet; open, filled, cancelled, expired: as the venue says; rejected: refused by the venue; never_arrived: the venue has none of that id, and what was sent is too late to be taken.';
COMMENT ON COLUMN trading_orders.venue_order_id IS 'The venue''s own id; null until known.';
COMMENT ON COLUMN trading_orders.filled IS 'What was filled, in base units.';
COMMENT ON COLUMN trading_orders.average_price IS 'Mean price of what was filled, in quote units.';
COMMENT ON COLUMN trading_orders.replaces IS 'Client id of the order that was cancelled for it, where the venue cannot change one in place.';
COMMENT ON COLUMN trading_orders.sends IS 'How often it was sent.';
COMMENT ON COLUMN trading_orders.sent_at IS 'When it was last sent.';
COMMENT ON COLUMN trading_orders.error IS 'What the venue said when it refused it, or why it is not known.';
COMMENT ON COLUMN trading_orders.created_at IS 'When it was asked for.';
COMMENT ON COLUMN trading_orders.known_at IS 'When its status was last learnt.';

CREATE TABLE IF NOT EXISTS trading_audit (
    audit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    network text,
    venue text,
    client_id text,
    action text NOT NULL,
    step text NOT NULL CHECK (step IN ('decision', 'request', 'answer', 'lost')),
    detail jsonb NOT NULL DEFAULT '{}',
    by_user text NOT NULL DEFAULT current_user
);
COMMENT ON TABLE trading_audit IS 'Every decision, request and answer about orders, without secrets. Rows are only added.';
COMMENT ON COLUMN trading_audit.audit_id IS 'In order.';
COMMENT ON COLUMN trading_audit.at IS 'When.';
COMMENT ON COLUMN trading_audit.network IS 'test or live; null where it is of no network.';
COMMENT ON COLUMN trading_audit.venue IS 'Venue; null where it is of none.';
COMMENT ON COLUMN trading_audit.client_id IS 'Order; null where it is of none.';
COMMENT ON COLUMN trading_audit.action IS 'place, query, amend, cancel, kill, halt or resume.';
COMMENT ON COLUMN trading_audit.step IS 'decision: what was decided, and why; request: what was asked; answer: what the venue said; lost: no answer came, or none that says anything.';
COMMENT ON COLUMN trading_audit.detail IS 'What exactly.';
COMMENT ON COLUMN trading_audit.by_user IS 'Database user.';
CREATE INDEX IF NOT EXISTS trading_audit_of_order ON trading_audit (venue, client_id, at);

CREATE TABLE IF NOT EXISTS trading_halts (
    halt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    halted boolean NOT NULL,
    reason text NOT NULL,
    by_user text NOT NULL DEFAULT current_user
);
COMMENT ON TABLE trading_halts IS 'The kill switch: while the newest row says halted, no order is sent or changed. Cancelling goes on.';
COMMENT ON COLUMN trading_halts.halt_id IS 'In order.';
COMMENT ON COLUMN trading_halts.at IS 'When it was switched.';
COMMENT ON COLUMN trading_halts.halted IS 'Whether orders are stopped from then on.';
COMMENT ON COLUMN trading_halts.reason IS 'Why.';
COMMENT ON COLUMN trading_halts.by_user IS 'Database user.';
