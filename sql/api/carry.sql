-- Spot against an opposite perpetual, after fees.
SELECT *
FROM cash_and_carry(
    {spot_fee}::double precision, {perpetual_fee}::double precision, {days}::double precision, '7 days',
    coalesce({at}::timestamptz, now())
)
