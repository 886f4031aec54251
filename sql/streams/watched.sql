-- Instruments whose books somebody watches, and how full the server's queue of notifications is (0 to 1).
SELECT pg_notification_queue_usage() AS usage, ARRAY(
    SELECT split_part(topic, ':', 2)::integer FROM live_interest WHERE topic LIKE 'book:%' AND expires > now()
) AS watched
