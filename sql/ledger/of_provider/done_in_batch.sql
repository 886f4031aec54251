-- Days that an earlier try of the same batch has finished, and how far it came in the others.
SELECT day, fetched_until, status
FROM provider_ledger
WHERE provider = %(provider)s AND dataset = %(dataset)s AND series = %(series)s AND batch = %(batch)s
    AND day = ANY (%(days)s::date[])
