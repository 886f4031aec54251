-- Models of the probability that an event is right after costs, and what they say of each piece of evidence.

CREATE TABLE IF NOT EXISTS probability_models (
    model_version text PRIMARY KEY,
    horizon smallint NOT NULL,
    kind text NOT NULL,
    trained_until timestamptz NOT NULL,
    verdict text NOT NULL,
    cost double precision NOT NULL,
    features_digest text NOT NULL,
    data_digest text NOT NULL,
    artefact bytea NOT NULL,
    artefact_hash text NOT NULL,
    card jsonb NOT NULL,
    configuration_version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE probability_models IS 'Models that tell the probability of events: their numbers, held against a hash, and their cards. None is ever removed: what a model said can be computed again.';
COMMENT ON COLUMN probability_models.model_version IS 'Version of the training, and the beginning of the digest of all that went into it: the same data give the same version.';
COMMENT ON COLUMN probability_models.horizon IS 'Bars after the close of the event.';
COMMENT ON COLUMN probability_models.kind IS 'What serves: table (shrunk frequencies), logistic (regression) or boosting (of trees).';
COMMENT ON COLUMN probability_models.trained_until IS 'Nothing that became known later went into it; it is taken as known six hours later and speaks of nothing earlier.';
COMMENT ON COLUMN probability_models.verdict IS 'demonstrated predictive value, no demonstrated predictive value, worse than the base rate, or too little data: of the model that was chosen, on time it had not seen.';
COMMENT ON COLUMN probability_models.cost IS 'Of a round trip, a fraction of the notional: right is a return above it.';
COMMENT ON COLUMN probability_models.features_digest IS 'SHA-256 of what the features are; a model of others is not used.';
COMMENT ON COLUMN probability_models.data_digest IS 'SHA-256 of the features, labels and times it learned from.';
COMMENT ON COLUMN probability_models.artefact IS 'Its numbers as plain arrays (.npz).';
COMMENT ON COLUMN probability_models.artefact_hash IS 'SHA-256 of artefact: what does not match it is not loaded.';
COMMENT ON COLUMN probability_models.card IS 'Model card: window, counts, skill, reliability, all configurations tried (docs/models.md).';
COMMENT ON COLUMN probability_models.configuration_version IS 'Configuration whose rows it learned from (pattern_configurations).';
COMMENT ON COLUMN probability_models.created_at IS 'When it was first made.';

CREATE TABLE IF NOT EXISTS event_probabilities (
    instrument_id integer NOT NULL,
    timeframe_id smallint NOT NULL,
    ts timestamptz NOT NULL,
    direction text NOT NULL,
    shape text NOT NULL,
    horizon smallint NOT NULL,
    logic_version integer NOT NULL,
    configuration_version integer NOT NULL,
    known_at timestamptz NOT NULL,
    family text NOT NULL,
    pattern text NOT NULL,
    reference text NOT NULL,
    names smallint NOT NULL,
    probability double precision NOT NULL,
    probability_low double precision NOT NULL,
    probability_high double precision NOT NULL,
    move_probability double precision NOT NULL,
    break_even double precision,
    cost double precision NOT NULL,
    model_version text NOT NULL,
    trained_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (
        instrument_id, timeframe_id, ts, direction, shape, horizon, logic_version, configuration_version
    )
);
COMMENT ON TABLE event_probabilities IS 'How probable it is that a piece of evidence is right after costs, as known at the close: a row per bar, direction and shape, whatever its names.';
COMMENT ON COLUMN event_probabilities.instrument_id IS 'Instrument (instruments).';
COMMENT ON COLUMN event_probabilities.timeframe_id IS 'Timeframe (timeframes).';
COMMENT ON COLUMN event_probabilities.ts IS 'Open time of the bar at whose close the patterns were confirmed.';
COMMENT ON COLUMN event_probabilities.direction IS 'bullish or bearish.';
COMMENT ON COLUMN event_probabilities.shape IS 'What the patterns share: patterns of one bar, direction and shape are one piece of evidence.';
COMMENT ON COLUMN event_probabilities.horizon IS 'Bars after the close up to which the return counts.';
COMMENT ON COLUMN event_probabilities.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN event_probabilities.configuration_version IS 'Weights, thresholds and costs by which it was made (pattern_configurations).';
COMMENT ON COLUMN event_probabilities.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN event_probabilities.family IS 'Family of the pattern that stands for the group: the surest of them.';
COMMENT ON COLUMN event_probabilities.pattern IS 'That pattern.';
COMMENT ON COLUMN event_probabilities.reference IS 'Which life of a chart pattern (chart_pattern_events.pattern_id); empty of others.';
COMMENT ON COLUMN event_probabilities.names IS 'Patterns in the group.';
COMMENT ON COLUMN event_probabilities.probability IS 'That the return its way at the horizon exceeds the costs, 0 to 1.';
COMMENT ON COLUMN event_probabilities.probability_low IS 'Lower bound, at 95 %.';
COMMENT ON COLUMN event_probabilities.probability_high IS 'Upper bound, at 95 %.';
COMMENT ON COLUMN event_probabilities.move_probability IS 'That the price moves by more than the costs, either way: no event is right more often by much.';
COMMENT ON COLUMN event_probabilities.break_even IS 'Share right at which wins pay for losses and costs (docs/models.md); null where ATR is not known.';
COMMENT ON COLUMN event_probabilities.cost IS 'Of a round trip, a fraction of the notional.';
COMMENT ON COLUMN event_probabilities.model_version IS 'Model that said so (model_cards), or success-rates: the shrunk success rate known then, less what costs take.';
COMMENT ON COLUMN event_probabilities.trained_until IS 'Nothing that became known later went into the model, or the rate.';
COMMENT ON COLUMN event_probabilities.created_at IS 'When the present values were made.';
CREATE INDEX IF NOT EXISTS event_probabilities_by_time ON event_probabilities (ts);

INSERT INTO derived_datasets (dataset, description) VALUES
    ('event_probabilities', 'Probabilities of events after costs (event_probabilities).')
ON CONFLICT (dataset) DO NOTHING;

-- candles that are there already are due
INSERT INTO derived_dirty (dataset, instrument_id, day)
SELECT 'event_probabilities', instrument_id, (ts AT TIME ZONE 'UTC')::date
FROM ohlcv_1d
ON CONFLICT (dataset, instrument_id, day) DO NOTHING;

CALL keep_in_chunks(
    'event_probabilities', '7 days', 'instrument_id, timeframe_id, logic_version, configuration_version',
    'ts, direction, shape, horizon', '30 days'
);
