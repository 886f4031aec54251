#!/bin/sh
# Runs once, when the data directory is made: who owns AlphaPulse's databases is no superuser. The superuser
# has no password from then on, so that it logs in from within this container only (psql -U postgres).
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv password POSTGRES_PASSWORD
CREATE ROLE alphapulse LOGIN CREATEROLE CREATEDB PASSWORD :'password';
GRANT pg_read_all_settings TO alphapulse;
CREATE DATABASE alphapulse OWNER alphapulse;
CREATE DATABASE alphapulse_dagster OWNER alphapulse TEMPLATE template0;
ALTER ROLE CURRENT_USER PASSWORD NULL;
SQL
