-- Links of texts that were read again and that the same rules do not find any more.
DELETE FROM text_links AS l
WHERE l.logic_version = %(version)s AND l.text_id = ANY(%(texts)s)
    AND NOT EXISTS (
        SELECT FROM unnest(%(linked)s::bigint[], %(coins)s::text[]) AS k (text_id, coin)
        WHERE k.text_id = l.text_id AND k.coin = l.coin
    )
