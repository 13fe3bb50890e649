--- Guesses at masked values. {t} is the table, {guess} once what stands there and once what does not, {column} the masked column;
--- both times the answer must be the same.
SELECT count(*) FROM {t} WHERE {column} = '{guess}'
SELECT count(*) FROM raw.{t} WHERE {column} = '{guess}'
SELECT id FROM {t} WHERE {column} IN ('{guess}', 'x') ORDER BY id
SELECT id FROM {t} WHERE '{guess}' IN ({column}) ORDER BY id
SELECT id FROM {t} WHERE {column} IS NOT DISTINCT FROM '{guess}'
SELECT id FROM {t} WHERE {column} LIKE '{guess}%'
SELECT id FROM {t} WHERE nullif({column}, '{guess}') IS NULL AND {column} IS NOT NULL
SELECT id FROM {t} WHERE {column} = mask_hash('{guess}')
SELECT id FROM {t} WHERE {column} = mask_hash('{guess}', 'query')
SELECT id FROM {t} WHERE {column} = mask_hash('{guess}', 'read')
SELECT id FROM {t} WHERE {column} = mask_encrypt('{guess}', 'digits')
SELECT id FROM {t} WHERE {column} = mask_encrypt('{guess}', 'digits', 'query')
SELECT id FROM {t} WHERE {column} = mask_keep('{guess}', 1, 0, 1) AND false
SELECT count(*) FROM {t} a JOIN (VALUES (mask_hash('{guess}')), (mask_encrypt('{guess}', 'digits'))) v(x) ON a.{column} = v.x
SELECT count(*) FROM {t} a JOIN (SELECT '{guess}' AS x) v ON a.{column} = v.x
SELECT CASE WHEN {column} = '{guess}' THEN 1 / 0 ELSE 1 END FROM {t} ORDER BY id
SELECT position('{guess}' IN coalesce({column}, '')) FROM {t} ORDER BY id
SELECT count(*) FROM {t} WHERE md5({column}) = md5('{guess}')
SELECT count(*) FROM {t} WHERE array_has(make_array({column}), '{guess}')
SELECT array_position(array_agg({column} ORDER BY id), '{guess}') FROM {t}
