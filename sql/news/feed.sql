-- How far a source of news was read.
SELECT * FROM news_feeds WHERE feed = %(feed)s
