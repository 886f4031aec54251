-- Nothing that a terminal obeys, that hides or turns text round, or that quotes: alphapulse_resources/names.py has the
-- same rule and better words.
CREATE OR REPLACE FUNCTION check_name(p_what text, p_name text, p_longest integer) RETURNS void
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF p_name IS NULL OR p_name = '' THEN
        RAISE EXCEPTION 'the % is empty', p_what USING ERRCODE = 'invalid_parameter_value';
    ELSIF length(p_name) > p_longest THEN
        RAISE EXCEPTION 'the % "%..." has % characters; % is the most', p_what, left(p_name, 20), length(p_name), p_longest
            USING ERRCODE = 'invalid_parameter_value';
    ELSIF p_name ~ E'[\\s"''`\\\\;<>\\u0001-\\u0020\\u007f-\\u00a0\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202f\\u2060-\\u206f\\ufeff\\U000e0000-\\U000e007f]' THEN
        RAISE EXCEPTION 'the % % has a blank, a quote or a character that cannot be seen in it', p_what, quote_literal(
            regexp_replace(p_name, E'[\\u0001-\\u001f\\u007f-\\u009f\\u00ad\\u061c\\u200b-\\u200f\\u2028-\\u202f\\u2060-\\u206f\\ufeff\\U000e0000-\\U000e007f]', '?', 'g'))
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
END $$;
COMMENT ON FUNCTION check_name(text, text, integer) IS
    'Refuse a name that is empty, too long, or holds blanks, quotes or characters that cannot be seen.';
