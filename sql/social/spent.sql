-- Posts of a day that were paid for, or are being asked for.
SELECT coalesce(sum(posts), 0)::bigint AS posts FROM social_spending
WHERE provider = %(provider)s AND day = %(day)s AND purpose = %(purpose)s
