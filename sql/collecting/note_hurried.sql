-- A symbol that moved, and who was asked at once.
INSERT INTO hurried_rounds (instrument_id, ts, volatility, usual, ratio, minutes, collectors, kept_waiting)
VALUES (
    %(instrument_id)s, %(ts)s, %(volatility)s, %(usual)s, %(ratio)s, %(minutes)s, %(collectors)s, %(kept_waiting)s
)
ON CONFLICT (instrument_id, ts) DO NOTHING
