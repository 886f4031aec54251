"""HOW the outside is reached: database, venues, files, settings. Nothing here imports an asset."""

import os

# libpq's own variable: every session of this process and of its children is in UTC, whatever the server's
# time zone is, be it only another name of the same ("Etc/UTC"): times compare by the zone's name in polars
os.environ["PGTZ"] = "UTC"
