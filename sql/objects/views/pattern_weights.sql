CREATE OR REPLACE VIEW pattern_weights AS
SELECT w.*, w.volume_weight + w.trend_weight + w.context_weight + w.history_weight + w.convergence_weight AS weights,
    w.aspect_technical_weight + w.aspect_historical_weight + w.aspect_market_weight + w.aspect_volume_weight AS aspect_weights,
    w.boost_volume + w.boost_price + w.boost_timeframe AS boosts,
    ARRAY['very low', 'low', 'medium', 'high', 'extreme'] AS names
FROM (
    SELECT version,
        (configuration #>> '{confidence,volume}')::double precision AS volume_weight,
        (configuration #>> '{confidence,trend}')::double precision AS trend_weight,
        (configuration #>> '{confidence,context}')::double precision AS context_weight,
        (configuration #>> '{confidence,history}')::double precision AS history_weight,
        (configuration #>> '{confidence,convergence}')::double precision AS convergence_weight,
        (configuration #>> '{reliability,technical}')::double precision AS aspect_technical_weight,
        (configuration #>> '{reliability,historical}')::double precision AS aspect_historical_weight,
        (configuration #>> '{reliability,market}')::double precision AS aspect_market_weight,
        (configuration #>> '{reliability,volume}')::double precision AS aspect_volume_weight,
        (configuration #>> '{boosts,volume}')::double precision AS boost_volume,
        (configuration #>> '{boosts,price}')::double precision AS boost_price,
        (configuration #>> '{boosts,timeframe}')::double precision AS boost_timeframe,
        (configuration #>> '{boosts,cap}')::double precision AS cap,
        (configuration #>> '{boosts,strong}')::double precision AS strong,
        (configuration #>> '{boosts,medium}')::double precision AS medium,
        (configuration #>> '{confidence,least_coverage}')::double precision AS least_coverage,
        ARRAY(SELECT jsonb_array_elements_text(configuration #> '{confidence,levels}')::double precision) AS levels
    FROM pattern_configurations
    OFFSET 0 -- read once for all rows, not taken apart for each
) AS w;
COMMENT ON VIEW pattern_weights IS 'The numbers of each configuration (pattern_configurations) by which scores are weighed, as columns.';
COMMENT ON COLUMN pattern_weights.version IS 'Version of the configuration.';
COMMENT ON COLUMN pattern_weights.weights IS 'Sum of the weights of the five factors.';
COMMENT ON COLUMN pattern_weights.aspect_weights IS 'Sum of the weights of the four aspects.';
COMMENT ON COLUMN pattern_weights.boosts IS 'Sum of the three boosts at their fullest.';
COMMENT ON COLUMN pattern_weights.names IS 'Names of the levels, from the lowest.';
COMMENT ON COLUMN pattern_weights.cap IS 'Boosted scores end there.';
COMMENT ON COLUMN pattern_weights.strong IS 'A boosted score above it is strong.';
COMMENT ON COLUMN pattern_weights.medium IS 'A boosted score from it on is medium.';
COMMENT ON COLUMN pattern_weights.least_coverage IS 'Coverage below which a score has no level, 0 to 1.';
COMMENT ON COLUMN pattern_weights.levels IS 'Scores from which on the second to the fifth level begin.';
COMMENT ON COLUMN pattern_weights.volume_weight IS 'Weight of the factor volume in the confidence.';
COMMENT ON COLUMN pattern_weights.trend_weight IS 'Weight of the factor trend in the confidence.';
COMMENT ON COLUMN pattern_weights.context_weight IS 'Weight of the factor context in the confidence.';
COMMENT ON COLUMN pattern_weights.history_weight IS 'Weight of the factor history in the confidence.';
COMMENT ON COLUMN pattern_weights.convergence_weight IS 'Weight of the factor convergence in the confidence.';
COMMENT ON COLUMN pattern_weights.aspect_technical_weight IS 'Weight of the aspect technical in the reliability.';
COMMENT ON COLUMN pattern_weights.aspect_historical_weight IS 'Weight of the aspect historical in the reliability.';
COMMENT ON COLUMN pattern_weights.aspect_market_weight IS 'Weight of the aspect market in the reliability.';
COMMENT ON COLUMN pattern_weights.aspect_volume_weight IS 'Weight of the aspect volume in the reliability.';
COMMENT ON COLUMN pattern_weights.boost_volume IS 'Points that the boost volume adds at its fullest.';
COMMENT ON COLUMN pattern_weights.boost_price IS 'Points that the boost price adds at its fullest.';
COMMENT ON COLUMN pattern_weights.boost_timeframe IS 'Points that the boost timeframe adds at its fullest.';
