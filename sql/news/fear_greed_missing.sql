-- Days of [$1, $2) that began two hours ago or sooner and have no value; the index begins on 2018-02-01.
SELECT d.day, (NOT EXISTS (SELECT FROM fear_greed AS f WHERE f.ts = d.day))::integer AS missing
FROM generate_series(
    greatest($1::timestamptz, '2018-02-01T00:00:00Z'::timestamptz), $2::timestamptz - INTERVAL '1 microsecond',
    INTERVAL '24 hours'
) AS d (day)
WHERE d.day <= now() - INTERVAL '2 hours'
ORDER BY d.day
