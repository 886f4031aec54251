"""HOW the outside is reached: database, venues, files, settings. Nothing here imports an asset."""
