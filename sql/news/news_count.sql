-- How many news of a window are stored.
SELECT count(*)::integer AS texts FROM news_events WHERE ts >= %(start)s AND ts <= %(end)s
