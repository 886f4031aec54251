-- What an analyst may; {role} and {database} are filled in. Given again by each `alphapulse migrate`: rights on a
-- database are in no dump, and rights on tables are left out where a restore is told to.
GRANT CONNECT ON DATABASE {database} TO {role};
REVOKE TEMPORARY ON DATABASE {database} FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {role};
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO {role};
