SELECT contract_id, name FROM option_contracts
WHERE provider = $1 AND name = ANY ($2)
