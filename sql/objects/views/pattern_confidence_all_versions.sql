CREATE OR REPLACE VIEW pattern_confidence_all_versions AS
SELECT i.venue, i.symbol, t.timeframe, v.ts, v.ts + v.timeframe_id * INTERVAL '1 minute' AS known_at, k.family, k.pattern,
    CASE v.sign WHEN 1 THEN 'bullish' WHEN -1 THEN 'bearish' ELSE 'neutral' END AS direction,
    (ARRAY['forming', 'complete', 'evolved', 'expired', 'failed', 'target_met'])[v.stage_id + 1] AS stage,
    v.reference, v.volume::double precision AS volume, v.trend::double precision AS trend,
    v.context::double precision AS context, v.history::double precision AS history,
    v.convergence::double precision AS convergence, s.volume_coverage, s.trend_coverage, s.context_coverage,
    s.history_coverage, s.convergence_coverage, v.confidence,
    CASE WHEN c.version IS NOT NULL THEN least(s.known / c.weights, 1) END AS coverage,
    s.technical AS aspect_technical, v.history::double precision AS aspect_historical, s.market AS aspect_market,
    v.volume::double precision AS aspect_volume, 1::double precision AS aspect_technical_coverage,
    s.history_coverage AS aspect_historical_coverage, s.market_coverage AS aspect_market_coverage,
    s.volume_coverage AS aspect_volume_coverage, r.reliability, r.reliability_coverage,
    v.boost_volume::double precision AS boost_volume, v.boost_price::double precision AS boost_price,
    c.boost_timeframe * v.convergence AS boost_timeframe, b.boosted, b.boosted_coverage,
    c.volume_weight, c.trend_weight, c.context_weight, c.history_weight, c.convergence_weight, c.aspect_technical_weight,
    c.aspect_historical_weight, c.aspect_market_weight, c.aspect_volume_weight,
    (ARRAY['very low', 'low', 'medium', 'high', 'extreme'])[v.level_id + 1] AS level,
    CASE WHEN r.reliability_coverage >= c.least_coverage THEN c.names[1 + (SELECT count(*) FROM unnest(c.levels) AS l (least)
        WHERE r.reliability >= l.least)::integer] END AS reliability_level,
    CASE WHEN b.boosted > c.strong THEN 'strong' WHEN b.boosted >= c.medium THEN 'medium'
        WHEN b.boosted IS NOT NULL THEN 'weak' END AS boosted_level,
    v.history_as_of, v.configuration_version, v.logic_version, v.created_at, v.instrument_id, v.timeframe_id
FROM pattern_confidences AS v
JOIN pattern_kinds AS k USING (kind_id)
JOIN instruments AS i USING (instrument_id)
JOIN timeframes AS t USING (timeframe_id)
LEFT JOIN pattern_weights AS c ON c.version = v.configuration_version
CROSS JOIN LATERAL (
    SELECT f.*, v.strength / 100.0::double precision AS technical, (f.trend_coverage + f.context_coverage) / 2 AS market_coverage,
        CASE WHEN v.trend IS NOT NULL AND v.context IS NOT NULL THEN (v.trend::double precision + v.context) / 2
            ELSE coalesce(v.trend, v.context) END AS market,
        c.volume_weight * f.volume_coverage + c.trend_weight * f.trend_coverage + c.context_weight * f.context_coverage
        + c.history_weight * f.history_coverage + c.convergence_weight * f.convergence_coverage AS known
    FROM (
        SELECT (v.volume IS NOT NULL)::integer::double precision AS volume_coverage,
            v.trend_parts / 2.0::double precision AS trend_coverage, v.context_parts / 4.0::double precision AS context_coverage,
            (v.history IS NOT NULL)::integer::double precision AS history_coverage,
            (v.convergence IS NOT NULL)::integer::double precision AS convergence_coverage
    ) AS f
) AS s
CROSS JOIN LATERAL (
    SELECT CASE WHEN c.version IS NOT NULL THEN least(greatest(100 * (
            c.aspect_technical_weight * s.technical + coalesce(c.aspect_historical_weight * v.history, 0)
            + coalesce(c.aspect_market_weight * s.market_coverage * s.market, 0) + coalesce(c.aspect_volume_weight * v.volume, 0)
        ) / nullif(w.known, 0), 0), 100) END AS reliability,
        CASE WHEN c.version IS NOT NULL THEN least(w.known / c.aspect_weights, 1) END AS reliability_coverage
    FROM (
        SELECT c.aspect_technical_weight + c.aspect_historical_weight * s.history_coverage
            + c.aspect_market_weight * s.market_coverage + c.aspect_volume_weight * s.volume_coverage AS known
    ) AS w
) AS r
CROSS JOIN LATERAL (
    SELECT CASE WHEN c.version IS NOT NULL THEN least(v.strength + coalesce(v.boost_volume, 0) + coalesce(v.boost_price, 0)
            + coalesce(c.boost_timeframe * v.convergence, 0), c.cap) END AS boosted,
        (c.boost_volume * (v.boost_volume IS NOT NULL)::integer + c.boost_price * (v.boost_price IS NOT NULL)::integer
            + c.boost_timeframe * s.convergence_coverage) / c.boosts AS boosted_coverage
) AS b;
COMMENT ON VIEW pattern_confidence_all_versions IS 'The view pattern_confidence with the rows of every version of the rules and of every configuration.';
COMMENT ON COLUMN pattern_confidence_all_versions.venue IS 'Venue.';
COMMENT ON COLUMN pattern_confidence_all_versions.symbol IS 'Unified symbol.';
COMMENT ON COLUMN pattern_confidence_all_versions.timeframe IS 'Length of the bar.';
COMMENT ON COLUMN pattern_confidence_all_versions.ts IS 'Open time of the bar whose close told.';
COMMENT ON COLUMN pattern_confidence_all_versions.known_at IS 'When it could first be known: the close of the bar.';
COMMENT ON COLUMN pattern_confidence_all_versions.family IS 'candlestick, chart or volume.';
COMMENT ON COLUMN pattern_confidence_all_versions.pattern IS 'Name of the pattern.';
COMMENT ON COLUMN pattern_confidence_all_versions.direction IS 'bullish, bearish or neutral.';
COMMENT ON COLUMN pattern_confidence_all_versions.stage IS 'complete, or of chart patterns any stage of their life.';
COMMENT ON COLUMN pattern_confidence_all_versions.reference IS 'Which life of a chart pattern (chart_pattern_events.pattern_id); empty where patterns have no life of several rows.';
COMMENT ON COLUMN pattern_confidence_all_versions.volume IS 'Volume confirmation: how far the bar''s volume exceeds that of the 20 before, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence_all_versions.trend IS 'Trend alignment, on its own and the next higher timeframe, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence_all_versions.context IS 'Market context: volatility, liquidity, the market''s trend, sentiment, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence_all_versions.history IS 'Historical success as known then, less the base rate, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence_all_versions.convergence IS 'Convergence of the consecutive timeframes that lean its way, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence_all_versions.volume_coverage IS 'Share of the parts of volume that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence_all_versions.trend_coverage IS 'Share of the parts of trend that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence_all_versions.context_coverage IS 'Share of the parts of context that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence_all_versions.history_coverage IS 'Share of the parts of history that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence_all_versions.convergence_coverage IS 'Share of the parts of convergence that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence_all_versions.confidence IS 'How sure, 0 to 100: the weighted mean of what is known of the factors. Null where nothing is known.';
COMMENT ON COLUMN pattern_confidence_all_versions.coverage IS 'Share of the weights that is known, 0 to 1; unknown factors move no score and lower this.';
COMMENT ON COLUMN pattern_confidence_all_versions.aspect_technical IS 'Strength of the pattern, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence_all_versions.aspect_historical IS 'Historical success, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence_all_versions.aspect_market IS 'Trend and context, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence_all_versions.aspect_volume IS 'Volume, 0 to 1; null where unknown.';
COMMENT ON COLUMN pattern_confidence_all_versions.aspect_technical_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence_all_versions.aspect_historical_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence_all_versions.aspect_market_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence_all_versions.aspect_volume_coverage IS 'Share of the parts of it that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence_all_versions.reliability IS 'How reliable, 0 to 100, of the four aspects. Null where nothing is known.';
COMMENT ON COLUMN pattern_confidence_all_versions.reliability_coverage IS 'Share of the aspects'' weights that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence_all_versions.boost_volume IS 'Added for volume, 0 to 30; null where unknown.';
COMMENT ON COLUMN pattern_confidence_all_versions.boost_price IS 'Added for the bar''s move its way, 0 to 20; null where unknown.';
COMMENT ON COLUMN pattern_confidence_all_versions.boost_timeframe IS 'Added for convergence, 0 to 30; null where unknown.';
COMMENT ON COLUMN pattern_confidence_all_versions.boosted IS 'The simpler score: strength and boosts, 100 at most.';
COMMENT ON COLUMN pattern_confidence_all_versions.boosted_coverage IS 'Share of the boosts that is known, 0 to 1.';
COMMENT ON COLUMN pattern_confidence_all_versions.volume_weight IS 'Weight of volume in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidence_all_versions.trend_weight IS 'Weight of trend in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidence_all_versions.context_weight IS 'Weight of context in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidence_all_versions.history_weight IS 'Weight of history in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidence_all_versions.convergence_weight IS 'Weight of convergence in the confidence; the five sum to 100.';
COMMENT ON COLUMN pattern_confidence_all_versions.aspect_technical_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidence_all_versions.aspect_historical_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidence_all_versions.aspect_market_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidence_all_versions.aspect_volume_weight IS 'Its weight in the reliability; the four sum to 100.';
COMMENT ON COLUMN pattern_confidence_all_versions.level IS 'extreme from 90, high from 75, medium from 60, low from 40, else very low; null where too little is known.';
COMMENT ON COLUMN pattern_confidence_all_versions.reliability_level IS 'The same of the reliability.';
COMMENT ON COLUMN pattern_confidence_all_versions.boosted_level IS 'strong above 80, medium from 60, else weak.';
COMMENT ON COLUMN pattern_confidence_all_versions.history_as_of IS 'As of when the history was known; null where none was.';
COMMENT ON COLUMN pattern_confidence_all_versions.configuration_version IS 'Weights and thresholds by which it was made (pattern_configurations).';
COMMENT ON COLUMN pattern_confidence_all_versions.logic_version IS 'Version of the rules that made it; below 0: a trial beside them.';
COMMENT ON COLUMN pattern_confidence_all_versions.created_at IS 'When the present values were made.';
COMMENT ON COLUMN pattern_confidence_all_versions.instrument_id IS 'Key of the instrument, for joins.';
COMMENT ON COLUMN pattern_confidence_all_versions.timeframe_id IS 'Key of the timeframe, for joins.';
