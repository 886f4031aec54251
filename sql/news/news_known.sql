-- Which of these articles are stored.
SELECT text_id FROM news_events WHERE text_id = ANY(%(ids)s)
