-- Days that an earlier try of the same batch has finished, and how far it came in the others.
SELECT day, fetched_until, status
FROM ingest_ledger
WHERE instrument_id = %(instrument_id)s AND dataset = %(dataset)s AND batch = %(batch)s
    AND day = ANY (%(days)s::date[])
