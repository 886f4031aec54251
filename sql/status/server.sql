SELECT current_setting('server_version') AS version,
    (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb') AS timescaledb,
    current_database() AS database,
    pg_database_size(current_database()) AS bytes,
    host(inet_server_addr()) AS host, inet_server_port() AS port
