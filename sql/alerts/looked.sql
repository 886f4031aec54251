-- The sensor has looked: whoever asks otherwise knows by that whether anybody watches.
INSERT INTO platform_watch (looked_at, streams_on) VALUES (clock_timestamp(), %(streams_on)s)
ON CONFLICT (only_row) DO UPDATE SET looked_at = excluded.looked_at, streams_on = excluded.streams_on
