"""The language of alert rules: fields that are stored, compared and combined. docs/alerts.md tells it all."""
