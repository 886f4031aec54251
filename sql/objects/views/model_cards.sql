CREATE OR REPLACE VIEW model_cards AS
SELECT m.trained_until AS ts, m.trained_until + INTERVAL '6 hours' AS known_at, m.model_version, m.horizon, m.kind, m.verdict,
    m.card ->> 'chosen' AS chosen, m.card ->> 'shipped' AS shipped,
    (m.card ->> 'start')::timestamptz AS window_start, (m.card ->> 'untouched_from')::timestamptz AS untouched_from,
    (m.card ->> 'n')::bigint AS n, (m.card ->> 'clusters')::bigint AS clusters, (m.card ->> 'test_n')::bigint AS test_n,
    (m.card ->> 'test_clusters')::bigint AS test_clusters, (m.card ->> 'base_rate')::double precision AS base_rate,
    (m.card #>> '{brier_skill,value}')::double precision AS brier_skill,
    (m.card #>> '{brier_skill,low}')::double precision AS brier_skill_low,
    (m.card #>> '{brier_skill,high}')::double precision AS brier_skill_high,
    (m.card #>> '{log_loss_skill,value}')::double precision AS log_loss_skill,
    (m.card #>> '{log_loss_skill,low}')::double precision AS log_loss_skill_low,
    (m.card #>> '{log_loss_skill,high}')::double precision AS log_loss_skill_high,
    (m.card #>> '{auc,value}')::double precision AS auc, (m.card #>> '{auc,low}')::double precision AS auc_low,
    (m.card #>> '{auc,high}')::double precision AS auc_high, (m.card ->> 'shuffled_auc')::double precision AS shuffled_auc,
    (m.card #>> '{top_decile_bps,value}')::double precision AS top_decile_bps,
    (m.card #>> '{top_decile_bps,low}')::double precision AS top_decile_bps_low,
    (m.card #>> '{top_decile_bps,high}')::double precision AS top_decile_bps_high,
    (m.card ->> 'configurations_tried')::integer AS configurations_tried, (m.card ->> 'q')::double precision AS q,
    m.card -> 'reliability' AS reliability, m.cost, m.features_digest, m.data_digest, m.artefact_hash, m.card,
    m.configuration_version, m.created_at
FROM probability_models AS m;
COMMENT ON VIEW model_cards IS 'Models of probability, each with what it was worth on time it had not seen (docs/models.md).';
COMMENT ON COLUMN model_cards.ts IS 'Nothing that became known later went into it.';
COMMENT ON COLUMN model_cards.known_at IS 'From when on it speaks of events.';
COMMENT ON COLUMN model_cards.model_version IS 'Its version, as probabilities name it.';
COMMENT ON COLUMN model_cards.horizon IS 'Bars after the close of the event.';
COMMENT ON COLUMN model_cards.kind IS 'What serves: table, logistic or boosting.';
COMMENT ON COLUMN model_cards.verdict IS 'demonstrated predictive value, no demonstrated predictive value, worse than the base rate, or too little data.';
COMMENT ON COLUMN model_cards.chosen IS 'Rung of the ladder with the least loss in walk-forward: the one that is judged.';
COMMENT ON COLUMN model_cards.shipped IS 'What serves: the chosen one where it demonstrated value, else the shrunk table.';
COMMENT ON COLUMN model_cards.window_start IS 'First event it learned from.';
COMMENT ON COLUMN model_cards.untouched_from IS 'Begin of the part that was kept for the report.';
COMMENT ON COLUMN model_cards.n IS 'Pieces of evidence.';
COMMENT ON COLUMN model_cards.clusters IS 'Stretches of time, one horizon long, that they fell into: the independent observations.';
COMMENT ON COLUMN model_cards.test_n IS 'Pieces of evidence in the untouched part.';
COMMENT ON COLUMN model_cards.test_clusters IS 'Stretches of time in it.';
COMMENT ON COLUMN model_cards.base_rate IS 'Share right after costs, 0 to 1.';
COMMENT ON COLUMN model_cards.brier_skill IS '1 less the Brier score over that of the base rate known then, given how far prices move: 0 is no better.';
COMMENT ON COLUMN model_cards.brier_skill_low IS 'Lower bound (bootstrap of days, 95 %).';
COMMENT ON COLUMN model_cards.brier_skill_high IS 'Upper bound.';
COMMENT ON COLUMN model_cards.log_loss_skill IS 'The same of the log loss.';
COMMENT ON COLUMN model_cards.log_loss_skill_low IS 'Lower bound.';
COMMENT ON COLUMN model_cards.log_loss_skill_high IS 'Upper bound.';
COMMENT ON COLUMN model_cards.auc IS 'Of the direction of moves beyond the costs: 0.5 is chance.';
COMMENT ON COLUMN model_cards.auc_low IS 'Lower bound.';
COMMENT ON COLUMN model_cards.auc_high IS 'Upper bound.';
COMMENT ON COLUMN model_cards.shuffled_auc IS 'AUC by folds drawn at random, which mix the future into the past: what leakage would look like.';
COMMENT ON COLUMN model_cards.top_decile_bps IS 'Mean return after costs of the most probable tenth, in basis points.';
COMMENT ON COLUMN model_cards.top_decile_bps_low IS 'Lower bound.';
COMMENT ON COLUMN model_cards.top_decile_bps_high IS 'Upper bound.';
COMMENT ON COLUMN model_cards.configurations_tried IS 'Rungs that were tried before one was chosen.';
COMMENT ON COLUMN model_cards.q IS 'False discovery rate of the chosen one among them, in walk-forward (Benjamini-Hochberg).';
COMMENT ON COLUMN model_cards.reliability IS 'By tenths of what was said: said, right with its interval, rows, clusters.';
COMMENT ON COLUMN model_cards.cost IS 'Of a round trip, a fraction of the notional.';
COMMENT ON COLUMN model_cards.features_digest IS 'SHA-256 of what the features are.';
COMMENT ON COLUMN model_cards.data_digest IS 'SHA-256 of what it learned from.';
COMMENT ON COLUMN model_cards.artefact_hash IS 'SHA-256 of its numbers.';
COMMENT ON COLUMN model_cards.card IS 'Everything that was found.';
COMMENT ON COLUMN model_cards.configuration_version IS 'Configuration whose rows it learned from.';
COMMENT ON COLUMN model_cards.created_at IS 'When it was first made.';
