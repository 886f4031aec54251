-- Posts of a window ($1 to $2) by provider: authors that are no hashes, and texts that name somebody.
SELECT p.provider,
    count(*) FILTER (WHERE p.author_hash !~ '^[0-9a-f]+$' OR length(p.author_hash) <> 32)::bigint AS authors_in_clear,
    count(*) FILTER (
        WHERE t.words ~ '(^|[^[:alnum:]_@])@[[:alnum:]_]' OR t.words ~ '(^|[^[:alnum:]_/.])/?u/[[:alnum:]_-][[:alnum:]_-]'
    )::bigint AS users_named,
    count(*) FILTER (WHERE t.words ~ '[[:alnum:]_.+-]+@[[:alnum:]_-]+[.][[:alnum:]]')::bigint AS mails_named
FROM social_posts AS p
CROSS JOIN LATERAL (SELECT concat_ws(' ', p.title, p.body) AS words) AS t
WHERE p.ts >= $1 AND p.ts < $2
GROUP BY p.provider
