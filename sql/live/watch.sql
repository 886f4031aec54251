-- Say what is watched, for some seconds; forget what nobody has watched for long.
WITH gone AS (DELETE FROM live_interest WHERE expires < now() - INTERVAL '1 hour')
INSERT INTO live_interest AS known (topic, expires)
SELECT topic, now() + make_interval(secs => %(seconds)s) FROM unnest(%(topics)s::text[]) AS wanted (topic)
ORDER BY topic
ON CONFLICT (topic) DO UPDATE SET expires = greatest(known.expires, excluded.expires)
