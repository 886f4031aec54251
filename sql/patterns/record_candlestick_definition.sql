-- Keep the definition of a candlestick pattern; that of a released version is never another.
INSERT INTO candlestick_pattern_definitions (
    pattern, logic_version, function, candles, size, nature, direction, lookback, silent_on_24_7, never_fired, by_chance,
    source, description
)
VALUES (
    %(pattern)s, %(logic_version)s, %(function)s, %(candles)s, %(size)s, %(nature)s, %(direction)s, %(lookback)s,
    %(silent_on_24_7)s, %(never_fired)s, %(by_chance)s, %(source)s, %(description)s
)
ON CONFLICT (pattern, logic_version) DO NOTHING
