-- Posts that are older than texts are kept and still have theirs.
SELECT text_id, provider FROM social_posts
WHERE ts < %(before)s AND deleted_at IS NULL AND forgotten_at IS NULL
ORDER BY ts, text_id
LIMIT %(most)s
