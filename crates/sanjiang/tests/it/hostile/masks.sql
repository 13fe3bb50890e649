--- What a reader tries to see behind the masks of name, note, born and pay. {t} is a table; two tables differ in nothing but what
--- the masks hide, so every answer, refusal and plan must be the same of both.
SELECT name, note, born, pay FROM {t} ORDER BY id
SELECT name, note, born, pay FROM raw.{t} ORDER BY _line
SELECT t.name FROM {t} AS t ORDER BY t.id
SELECT "name" FROM "standard"."{t}" ORDER BY id
SELECT name FROM lake.standard.{t} ORDER BY id
SELECT NAME FROM Standard.{t} ORDER BY id
SELECT min(name), max(name), min(note), max(note), min(born), max(born), min(pay), max(pay) FROM {t}
SELECT min(name), max(name), min(note), max(note), min(born), max(born), min(pay), max(pay) FROM raw.{t}
SELECT count(DISTINCT name), count(DISTINCT note), count(note), count(DISTINCT born), count(DISTINCT pay) FROM {t}
SELECT approx_distinct(name), approx_distinct(pay) FROM {t}
SELECT id FROM {t} ORDER BY name, id
SELECT id FROM {t} ORDER BY name DESC, id
SELECT id FROM {t} ORDER BY note, id
SELECT id FROM {t} ORDER BY born, id
SELECT id FROM {t} ORDER BY pay DESC, id LIMIT 3
SELECT id FROM {t} ORDER BY reverse(name), id
SELECT id FROM {t} ORDER BY length(name), length(note), id
SELECT id, rank() OVER (ORDER BY name) FROM {t} ORDER BY id
SELECT id, dense_rank() OVER (ORDER BY pay) FROM {t} ORDER BY id
SELECT id, lag(name) OVER (ORDER BY id), lead(note) OVER (ORDER BY id) FROM {t} ORDER BY id
SELECT id, first_value(name) OVER (PARTITION BY kind ORDER BY id), max(note) OVER () FROM {t} ORDER BY id
SELECT nth_value(name, 2) OVER (ORDER BY id) FROM {t} ORDER BY id
SELECT ntile(4) OVER (ORDER BY name, id) FROM {t} ORDER BY id
SELECT length(name), length(note), octet_length(name), bit_length(name) FROM {t} ORDER BY id
SELECT ascii(reverse(name)), ascii(note) FROM {t} ORDER BY id
SELECT substr(name, 2, 1), left(name, 2), right(name, 1), reverse(name) FROM {t} ORDER BY id
SELECT split_part(name, '密', 1), strpos(name, '密'), replace(name, '密', '?'), translate(name, '密', 'x') FROM {t} ORDER BY id
SELECT regexp_replace(name, '.', 'x'), regexp_match(name, '.+'), regexp_count(name, '.') FROM {t} ORDER BY id
SELECT upper(name), lower(name), initcap(name), trim(name), concat(name, note), name || coalesce(note, '?') FROM {t} ORDER BY id
SELECT to_hex(ascii(name)), md5(name), sha256(name), digest(name, 'sha512'), encode(name, 'hex') FROM {t} ORDER BY id
SELECT levenshtein(name, '王王'), starts_with(name, '王'), ends_with(name, '丁') FROM {t} ORDER BY id
SELECT string_agg(name, ',' ORDER BY id), string_agg(note, ',' ORDER BY id) FROM {t}
SELECT array_agg(name ORDER BY id), array_agg(note ORDER BY id), array_agg(born ORDER BY id), array_agg(pay ORDER BY id) FROM {t}
SELECT first_value(name ORDER BY id), last_value(note ORDER BY id) FROM {t}
SELECT name, count(*) FROM {t} GROUP BY name ORDER BY name
SELECT note, count(*) FROM {t} GROUP BY note
SELECT born, pay, count(*) FROM {t} GROUP BY CUBE (born, pay) ORDER BY 1, 2
SELECT name FROM {t} GROUP BY name HAVING count(*) > 1
SELECT DISTINCT name FROM {t}
SELECT DISTINCT ON (name) name, id FROM {t} ORDER BY name, id
SELECT count(*) FROM {t} WHERE name > '王'
SELECT count(*) FROM {t} WHERE name LIKE '王_密%'
SELECT count(*) FROM {t} WHERE name LIKE '%密%' OR note LIKE '密%'
SELECT count(*) FROM {t} WHERE name ILIKE '%密%'
SELECT count(*) FROM {t} WHERE name SIMILAR TO '王.密.'
SELECT count(*) FROM {t} WHERE name ~ '密'
SELECT count(*) FROM {t} WHERE regexp_like(name, '^王.密')
SELECT count(*) FROM {t} WHERE note IS NOT NULL
SELECT count(*) FROM {t} WHERE note IS NULL
SELECT count(*) FROM {t} WHERE note = note
SELECT count(*) FROM {t} WHERE length(name) = 4
SELECT count(*) FROM {t} WHERE pay > 1500
SELECT count(*) FROM {t} WHERE pay = '1015'
SELECT count(*) FROM {t} WHERE pay BETWEEN '1000' AND '2000'
SELECT count(*) FROM {t} WHERE born = '1950-01-10'
SELECT count(*) FROM {t} WHERE born > '1950'
SELECT count(*) FROM {t} WHERE CAST(born AS DATE) > DATE '1950-01-15'
SELECT count(*) FROM {t} WHERE TRY_CAST(born AS DATE) > DATE '1950-01-15'
SELECT extract(month FROM TRY_CAST(born AS DATE)), date_part('day', TRY_CAST(born AS DATE)) FROM {t} ORDER BY id
SELECT sum(TRY_CAST(pay AS BIGINT)), avg(TRY_CAST(pay AS DOUBLE)) FROM {t}
SELECT sum(pay) FROM {t}
SELECT avg(pay) FROM {t}
SELECT stddev(pay), var_pop(pay), median(pay), corr(pay, id) FROM {t}
SELECT pay + 0 FROM {t}
SELECT pay * 1.0 FROM {t}
SELECT CAST(pay AS INT) FROM {t}
SELECT CAST(name AS INT) FROM {t}
SELECT CAST(note AS INT) FROM {t}
SELECT CAST(born AS INT) FROM {t}
SELECT CAST(born AS TIMESTAMP) FROM {t}
SELECT CAST(name AS DATE) FROM {t}
SELECT CAST(name AS DECIMAL(10, 2)) FROM {t}
SELECT CAST(name AS BOOLEAN) FROM {t}
SELECT CAST(name AS BYTEA) FROM {t} ORDER BY id
SELECT name::int FROM {t}
SELECT arrow_cast(name, 'Int64') FROM {t}
SELECT arrow_cast(name, 'Binary') FROM {t} ORDER BY id
SELECT arrow_typeof(name), arrow_typeof(note), arrow_typeof(born), arrow_typeof(pay) FROM {t} LIMIT 1
SELECT to_timestamp(name) FROM {t}
SELECT to_date(born) FROM {t}
SELECT decode(name, 'hex') FROM {t}
SELECT make_date(pay, 1, 1) FROM {t}
SELECT regexp_like('a', name) FROM {t}
SELECT regexp_like(name, name) FROM {t}
SELECT regexp_replace('x', name, 'y') FROM {t}
SELECT 1 / (ascii(substr(name, 2, 1)) - 19996) FROM {t}
SELECT 1 / length(replace(name, '密', '')) FROM {t} ORDER BY id
SELECT CASE WHEN name LIKE '%密%' THEN 1 / 0 ELSE 1 END FROM {t}
SELECT CASE WHEN substr(name, 2, 1) = '东' THEN CAST('x' AS INT) ELSE 1 END FROM {t}
SELECT CASE name WHEN '王东密一' THEN 1 ELSE 0 END FROM {t} ORDER BY id
SELECT CASE WHEN note > '密' THEN 'a' ELSE 'b' END FROM {t} ORDER BY id
SELECT coalesce(note, '-'), nullif(name, '王***'), nvl(note, name), greatest(name, note), least(name, note) FROM {t} ORDER BY id
SELECT count(*) FILTER (WHERE note > 'a'), count(*) FILTER (WHERE name LIKE '_东%') FROM {t}
SELECT a.id, b.id FROM {t} a JOIN {t} b ON a.name = b.name WHERE a.id = 1 AND b.id < 4 ORDER BY 2
SELECT count(*) FROM {t} a JOIN raw.{t} b ON a.name = b.name
SELECT count(*) FROM {t} a JOIN raw.{t} b ON a.note = b.note
SELECT count(*) FROM {t} a JOIN (VALUES ('王东密一'), ('王西密一'), ('密东1')) v(x) ON a.name = v.x OR a.note = v.x
SELECT count(*) FROM {t} a LEFT JOIN {t} b ON a.note = b.note WHERE b.id IS NULL
SELECT count(*) FROM {t} a FULL JOIN {t} b ON a.pay = b.pay
SELECT count(*) FROM {t} NATURAL JOIN raw.{t} AS r
SELECT count(*) FROM {t} a JOIN {t} b USING (name)
SELECT count(*) FROM {t} a WHERE EXISTS (SELECT 1 FROM {t} b WHERE b.name > a.name)
SELECT count(*) FROM {t} a WHERE a.name IN (SELECT name FROM raw.{t})
SELECT count(*) FROM {t} WHERE name NOT IN (SELECT note FROM {t} WHERE note IS NOT NULL)
SELECT count(*) FROM {t} WHERE name > ALL (SELECT '王')
SELECT count(*) FROM {t} WHERE name = ANY (SELECT name FROM {t})
SELECT id, (SELECT max(b.name) FROM {t} b WHERE b.id <= a.id) FROM {t} a ORDER BY id LIMIT 5
SELECT a.id, x.name FROM {t} a, LATERAL (SELECT b.name FROM {t} b WHERE b.id = a.id) x ORDER BY 1
SELECT a.id, x.n FROM {t} a CROSS JOIN LATERAL (SELECT a.name AS n) x ORDER BY 1
SELECT name FROM {t} UNION SELECT note FROM {t} ORDER BY 1
SELECT name FROM {t} UNION ALL SELECT note FROM raw.{t}
SELECT name FROM {t} EXCEPT SELECT '王***'
SELECT note FROM {t} INTERSECT SELECT note FROM raw.{t}
WITH x AS (SELECT * FROM {t}) SELECT name, note FROM x ORDER BY id
WITH {t} AS (SELECT id, name, note FROM standard.{t}) SELECT name, note FROM {t} ORDER BY id
WITH x AS (SELECT name AS n FROM {t}), y AS (SELECT n AS m FROM x) SELECT min(m), max(m) FROM y
WITH standard AS (SELECT 1 AS one) SELECT name FROM standard.{t} ORDER BY id
SELECT name FROM (SELECT * FROM {t}) AS x ORDER BY id
SELECT x.name FROM (SELECT name, id FROM {t} LIMIT 100) AS x ORDER BY x.id
SELECT y.b FROM (SELECT id, note FROM {t}) AS y(a, b) ORDER BY y.a
SELECT x['name'] FROM (SELECT id, named_struct('name', name) AS x FROM {t}) ORDER BY id
SELECT struct(name, note) FROM {t} ORDER BY id
SELECT {name: name, note: note} FROM {t} ORDER BY id
SELECT [name, note][1], make_array(name, note) FROM {t} ORDER BY id
SELECT array_to_string(array_agg(name ORDER BY id), '') FROM {t}
SELECT unnest(make_array(name, note)) FROM {t} WHERE id < 3
SELECT array_has(array_agg(name), '王东密一') FROM {t}
SELECT map([name], [note]) FROM {t} ORDER BY id
SELECT mask_keep(name, 4, 0), mask_hide(name), mask_place(name, 'city') FROM {t} ORDER BY id
SELECT mask_band(pay, 1) FROM {t} ORDER BY id
SELECT mask_date(born, 'month') FROM {t} ORDER BY id
SELECT * EXCLUDE (_run, _file, _hash, code, card) FROM {t} ORDER BY id
SELECT * EXCEPT (_run, _file, _hash, code, card) FROM {t} ORDER BY id
SELECT * REPLACE (upper(name) AS name) FROM {t} WHERE false
SELECT COLUMNS('name') FROM {t}
SELECT _hash FROM {t} ORDER BY id
SELECT min(_hash), max(_hash), count(DISTINCT _hash) FROM {t}
SELECT count(*) FROM {t} a JOIN raw.{t} r ON a._hash = r._hash
SELECT encode(_hash, 'hex') FROM raw.{t} ORDER BY _line
SELECT id FROM {t} ORDER BY _hash, id
SELECT _line, _change FROM raw.{t} ORDER BY _line
SELECT id FROM {t} ORDER BY md5(name || note), id
SELECT id FROM {t} TABLESAMPLE (10 PERCENT)
SELECT name FROM {t} FOR SYSTEM_TIME AS OF '2020-01-01'
SELECT name FROM {t} VERSION AS OF 1
SELECT name FROM {t} FETCH FIRST 2 ROWS WITH TIES
SELECT name FROM {t} QUALIFY row_number() OVER (ORDER BY note) = 1
SELECT name FROM {t} LIMIT (SELECT ascii(reverse(name)) FROM {t} WHERE id = 1)
SELECT id FROM {t} ORDER BY id LIMIT 3 OFFSET (SELECT count(*) FROM {t} WHERE note > 'a')
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY pay) FROM {t}
SELECT approx_percentile_cont(TRY_CAST(pay AS DOUBLE), 0.5) FROM {t}
SELECT bool_or(name LIKE '%密%'), bool_and(note IS NULL), bit_xor(length(name)) FROM {t}
SELECT grouping(name), name, count(*) FROM {t} GROUP BY ROLLUP (name) ORDER BY 1, 2
SELECT regr_slope(TRY_CAST(pay AS DOUBLE), id) FROM {t}
DESCRIBE {t}
DESCRIBE raw.{t}
