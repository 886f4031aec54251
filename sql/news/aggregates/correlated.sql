-- Whether a day has correlations of a version.
SELECT EXISTS (
    SELECT FROM sentiment_correlation_lags WHERE ts = %(day)s AND logic_version = %(version)s
) AS made
