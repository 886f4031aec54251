"""The row of an alert in the table that all alerts go to. Pure."""

from alphapulse_assets.alerts.model import Alert
from alphapulse_resources.streams.tables import Row
from alphapulse_resources.streams.values import moment, to_json


def alert_row(alert: Alert) -> Row:
    """ORDER_BOOK_ALERTS: times as aware UTC datetimes, the detail as JSON text."""
    return (
        alert.instrument_id,
        moment(alert.ts),
        alert.kind.value,
        alert.reference,
        alert.severity.value,
        alert.title,
        to_json(alert.detail),
        moment(alert.known_at),
        alert.logic_version,
    )
