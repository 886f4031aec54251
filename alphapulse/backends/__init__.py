"""Who is asked: a database, or an API. Both answer the same questions with the same frames."""
