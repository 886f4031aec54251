-- First half of replacing the gaps that touch a window; the second is gaps/record.sql, in the same transaction.
DELETE FROM gap_ledger
WHERE instrument_id = %(instrument_id)s AND dataset = %(dataset)s
    AND gap_start < %(end)s AND gap_end > %(start)s
