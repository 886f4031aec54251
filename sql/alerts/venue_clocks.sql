SELECT venue, ahead_seconds FROM clocks_of_venues() ORDER BY venue
