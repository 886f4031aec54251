"""REST and WebSocket over the data: a service of its own that reads as the analyst."""
