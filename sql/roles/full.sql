-- A row where a role has as many sessions as it may have.
SELECT rolname FROM pg_roles
WHERE rolname = %s AND rolconnlimit >= 0
    AND rolconnlimit <= (SELECT count(*) FROM pg_stat_activity WHERE usename = rolname)
