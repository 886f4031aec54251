-- Which coins texts of a window ($1 to $2) are about, by a version of the rules ($3).
SELECT text_id, coin, confidence FROM text_links WHERE ts >= $1 AND ts < $2 AND logic_version = $3
