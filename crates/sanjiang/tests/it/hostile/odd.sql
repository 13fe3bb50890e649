--- Odd texts. Each must end in words or an answer; nothing more is asked of them.
SELECT 1 -- a comment
SELECT /* a comment */ 1
SELECT /* a /* nested */ comment */ 1
SELECT/**/1
SELECT 1;
SELECT ''''
SELECT 'it''s'
SELECT E'\x41\n\u4e2d'
SELECT U&'\4e2d'
SELECT X'00ff'
SELECT N'中'
SELECT $$a 'quoted' text$$
SELECT $tag$a$tag$
SELECT q'[a]'
SELECT 'a' 'b'
SELECT "a""b" FROM (SELECT 1 AS "a""b")
SELECT 1 AS "'; DROP TABLE xeast; --"
SELECT 1 AS ""
SELECT '${jndi:ldap://127.0.0.1/x}'
SELECT '{{7*7}}', '<b>', '&amp;', '%s%n%x', '../../etc/passwd'
SELECT '‮abc', '‏', '​', 'é', 'é', '𠮷', '👨‍👩‍👧'
SELECT 'ﷺ' AS "ﷺ"
SELECT 0x7fffffffffffffff
SELECT 1e400
SELECT -1e400
SELECT 1e-400
SELECT 99999999999999999999999999999999999999999999999999
SELECT 0.00000000000000000000000000000000000000000000000000001
SELECT 9223372036854775807 + 1
SELECT -9223372036854775808 - 1
SELECT abs(-9223372036854775808)
SELECT -(-9223372036854775808)
SELECT 9223372036854775807 * 9223372036854775807
SELECT power(10, 308) * 10
SELECT power(2, 63)
SELECT exp(1000), ln(0), ln(-1), sqrt(-1), log(0, 1), acos(2), tan(1e308)
SELECT 'NaN'::double, 'Infinity'::double, '-Infinity'::double
SELECT 'NaN'::double = 'NaN'::double, 0.0 = -0.0
SELECT 0.1 + 0.2
SELECT CAST(1e300 AS DECIMAL(38, 0))
SELECT CAST('99999999999999999999999999999999999999' AS DECIMAL(38, 0)) * 10
SELECT CAST('99999999999999999999999999999999999999' AS DECIMAL(38, 0)) * CAST('99999999999999999999999999999999999999' AS DECIMAL(38, 0))
SELECT CAST(1 AS DECIMAL(38, 38))
SELECT round(1.5, 2147483647), round(1.5, -2147483648), trunc(1e308, 400)
SELECT gcd(-9223372036854775808, -1), lcm(9223372036854775807, 9223372036854775806)
SELECT 1 << 64, 1 << -1, 1 >> 100
SELECT -9223372036854775808 / -1
SELECT -9223372036854775808 % -1
SELECT sum(x) FROM (VALUES (9223372036854775807), (1)) v(x)
SELECT avg(x) FROM (VALUES (9223372036854775807), (9223372036854775807)) v(x)
SELECT DATE '9999-12-31' + INTERVAL '1' DAY
SELECT DATE '0001-01-01' - INTERVAL '10000' YEAR
SELECT TIMESTAMP '2262-04-11 23:47:16' + INTERVAL '1000000000' YEAR
SELECT INTERVAL '999999999999' YEAR
SELECT INTERVAL 'nothing'
SELECT date_bin(INTERVAL '0' DAY, now())
SELECT date_bin(INTERVAL '1' NANOSECOND, TIMESTAMP '9999-01-01')
SELECT date_trunc('century', DATE '0001-01-01')
SELECT to_timestamp(9223372036854775807), to_timestamp_nanos(-9223372036854775808)
SELECT from_unixtime(9223372036854775807)
SELECT to_char(now(), '%'), to_char(now(), '%Q'), to_char(DATE '2024-01-01', '%9999999999d')
SELECT extract(epoch FROM TIMESTAMP '9999-12-31')
SELECT now() AT TIME ZONE 'Nowhere/None'
SELECT now() AT TIME ZONE '+99:99'
SELECT make_date(2147483647, 1, 1), make_date(-2147483648, 1, 1)
SELECT substr('abc', -9223372036854775808), substr('abc', 1, 9223372036854775807)
SELECT substr('abc', 2, -1)
SELECT left('abc', -9223372036854775808), right('abc', -9223372036854775808), left('abc', 9223372036854775807)
SELECT split_part('a,b', ',', 9223372036854775807), split_part('a,b', '', 1), split_part('a,b', ',', 0), split_part('a,b', ',', -9223372036854775808)
SELECT substr_index('a.b', '.', -9223372036854775808), find_in_set('a', ','), overlay('abc' PLACING 'x' FROM -1 FOR 9223372036854775807)
SELECT replace('aaa', '', 'b'), translate('abc', 'abc', ''), strpos('', ''), reverse('👨‍👩‍👧')
SELECT chr(0), chr(55296), chr(1114111), ascii('')
SELECT concat(), concat_ws(',', NULL), concat(NULL, NULL)
SELECT levenshtein('', ''), initcap('İ'), upper('ß'), lower('İ')
SELECT regexp_replace('abc', '', 'x', 'g'), regexp_count('abc', ''), regexp_match('', ''), regexp_instr('a', 'a', 9223372036854775807)
SELECT regexp_replace('abc', 'b', '\99'), regexp_replace('abc', 'b', '$999999999')
SELECT regexp_like('a', 'a', 'zzz'), regexp_like('a', '(?xims)a')
SELECT array_slice([1, 2, 3], -9223372036854775808, 9223372036854775807), array_slice([1, 2, 3], 1, 3, 0)
SELECT [1, 2][0], [1, 2][-9223372036854775808], [1, 2][9223372036854775807]
SELECT array_element([], 1), array_element(NULL, 1), flatten([[[1]]]), array_concat([], [[]])
SELECT array_position([1], 2, 99), array_remove_n([1, 1], 1, -9223372036854775808), array_replace_n([1], 1, 2, 9223372036854775807)
SELECT array_to_string([1, NULL], ''), string_to_array('', ''), string_to_array('abc', NULL), cardinality([])
SELECT array_max([]), array_min([NULL]), array_sort([2, NULL, 1], 'DESC', 'NULLS FIRST'), array_sort([1], 'nothing')
SELECT array_distance([1, 2], [1]), array_intersect([1], []), array_union([], [1]), array_except(NULL, [1])
SELECT map([1, 1], [2, 3]), map([NULL], [1]), map([1], [1, 2]), map_extract(map([1], [2]), 3)
SELECT named_struct('a'), named_struct(1, 2), struct(), get_field(struct(1), 'nothing')
SELECT {'a': 1}['b'], {'a': {'b': 1}}['a']['b']
SELECT nullif(1, 'a'), coalesce(), greatest(), least(NULL, NULL)
SELECT encode('', 'base64'), decode('====', 'base64'), decode('', 'hex'), md5(NULL), digest('', 'md5')
SELECT arrow_cast(1, 'nothing'), arrow_typeof(NULL)
SELECT arrow_cast('a', 'Dictionary(Int8, Utf8)')
SELECT arrow_cast(1, 'Timestamp(Nanosecond, Some("Nowhere"))')
SELECT arrow_cast([1], 'FixedSizeList(1000000000, Int64)')
SELECT arrow_cast('a', 'FixedSizeBinary(2147483647)')
SELECT arrow_cast(1, 'Decimal256(76, -128)')
SELECT arrow_cast(1, 'List(List(List(List(List(List(Int8))))))')
SELECT uuid(), random(), pi()
SELECT to_hex(-1), to_hex(9223372036854775807), factorial(20), factorial(21)
SELECT nanvl('NaN'::double, 1), isnan(1.0), iszero(0), signum(-0.0), cbrt(-8), cot(0)
SELECT percentile_cont(2) WITHIN GROUP (ORDER BY id) FROM xeast
SELECT approx_percentile_cont(id, -1) FROM xeast
SELECT approx_percentile_cont(id, 0.5, 100000000) FROM xeast
SELECT nth_value(id, 0) OVER () FROM xeast
SELECT nth_value(id, -9223372036854775808) OVER () FROM xeast
SELECT ntile(0) OVER () FROM xeast
SELECT ntile(-1) OVER () FROM xeast
SELECT lag(id, 9223372036854775807) OVER () FROM xeast
SELECT lead(id, -9223372036854775808, 'a') OVER () FROM xeast
SELECT sum(id) OVER (ROWS BETWEEN 9223372036854775807 PRECEDING AND 9223372036854775807 FOLLOWING) FROM xeast
SELECT sum(id) OVER (ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING) FROM xeast
SELECT sum(id) OVER (ORDER BY id RANGE BETWEEN 'a' PRECEDING AND CURRENT ROW) FROM xeast
SELECT sum(id) OVER (ORDER BY id GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM xeast
SELECT sum(sum(id)) OVER () FROM xeast
SELECT row_number() OVER (ORDER BY row_number() OVER ()) FROM xeast
SELECT count(*) FROM xeast LIMIT 9223372036854775807 OFFSET 9223372036854775807
SELECT * FROM xeast LIMIT 0
SELECT * FROM xeast WHERE NULL
SELECT * FROM xeast WHERE 1
SELECT * FROM xeast WHERE 'a'
SELECT * FROM xeast ORDER BY NULL LIMIT 1
SELECT * FROM xeast GROUP BY () LIMIT 1
SELECT count(*) FROM xeast GROUP BY NULL
SELECT 1 WHERE false
SELECT 1 HAVING true
SELECT 1 FROM xeast HAVING count(*) > 1
SELECT (((((((((1)))))))))
SELECT NOT NOT NOT NULL
SELECT - - - 1
SELECT 1 IS NULL IS NULL IS NULL
SELECT EXISTS (SELECT 1), NOT EXISTS (SELECT 1 WHERE false)
SELECT (SELECT (SELECT (SELECT 1)))
SELECT * FROM (SELECT * FROM (SELECT * FROM (SELECT 1 AS a) b) c) d
SELECT a.* FROM (VALUES (1, 2), (3, 4)) AS a(x, y)
SELECT * FROM (VALUES (1), ('a'))
SELECT * FROM (VALUES (1, 2), (3))
VALUES (1), (NULL), (2.5)
TABLE xeast
FROM xeast
FROM xeast SELECT id LIMIT 1
FROM xeast |> WHERE id = 1 |> SELECT id
SELECT id FROM xeast PIVOT (count(id) FOR kind IN ('0', '1'))
SELECT * FROM xeast UNPIVOT (v FOR k IN (id, kind)) LIMIT 1
SELECT id, FROM xeast LIMIT 1
SELECT xeast FROM xeast LIMIT 1
SELECT id AS "SELECT" FROM xeast AS "FROM" LIMIT 1
SELECT id FROM xeast AS xwest JOIN xwest AS xeast ON xeast.id = xwest.id WHERE xeast.id = 1
SELECT id FROM xeast a, xeast b WHERE a.id = 1 AND b.id = 1
SELECT 1 FROM xeast CROSS JOIN xwest WHERE xeast.id = 1 AND xwest.id = 1
SELECT xeast.id FROM xeast LEFT SEMI JOIN xwest ON xeast.id = xwest.id WHERE xeast.id = 1
SELECT xeast.id FROM xeast LEFT ANTI JOIN xwest ON xeast.id = xwest.id
SELECT xeast.id FROM xeast ASOF JOIN xwest ON xeast.id = xwest.id
SELECT * FROM unnest([1, 2, 3])
SELECT * FROM unnest([1, 2], [3])
SELECT unnest([[1, 2], [3]]), unnest(struct(1, 2))
SELECT unnest(unnest([[1]]))
SELECT id FROM xeast WHERE id = unnest([1])
SHOW TABLES
show tables;
EXPLAIN SELECT * FROM xeast
EXPLAIN ANALYZE SELECT * FROM xeast
EXPLAIN FORMAT TREE SELECT name FROM xeast WHERE name > 'a'
EXPLAIN FORMAT pgjson SELECT min(name) FROM xeast
EXPLAIN FORMAT graphviz SELECT min(note), max(name) FROM xeast
EXPLAIN FORMAT nothing SELECT 1
EXPLAIN EXPLAIN SELECT 1
EXPLAIN SELECT * FROM xeast a JOIN xwest b ON a.name = b.name
EXPLAIN ANALYZE SELECT * FROM xeast a JOIN xwest b ON a.note = b.note
DESCRIBE SELECT 1
DESCRIBE nothing
DESC xeast
SELECT id FROM xeast START WITH id = 1 CONNECT BY PRIOR id = id
SELECT 1; -- more
