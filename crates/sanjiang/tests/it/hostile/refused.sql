--- One statement a line. Each must be refused in words, before anything is read.
--- What writes, sets, attaches, or opens a file
COPY xeast TO '/tmp/x.csv'
COPY (SELECT * FROM xeast) TO '/tmp/x.parquet' STORED AS PARQUET
COPY xeast FROM '/etc/passwd'
EXPLAIN COPY xeast TO '/tmp/x.csv'
EXPLAIN ANALYZE COPY xeast TO '/tmp/x.csv'
EXPLAIN VERBOSE INSERT INTO xeast VALUES (1)
EXPLAIN EXPLAIN DROP TABLE xeast
EXPLAIN CREATE VIEW v AS SELECT * FROM xeast
CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'
CREATE EXTERNAL TABLE t (a TEXT) STORED AS CSV LOCATION 'file:///etc/passwd' OPTIONS ('format.has_header' 'false')
CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION 'http://169.254.169.254/latest/meta-data'
CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION 's3://bucket/key'
CREATE UNBOUNDED EXTERNAL TABLE t STORED AS CSV LOCATION '/dev/zero'
CREATE TABLE t AS SELECT * FROM xeast
CREATE TABLE t (a INT)
CREATE TEMPORARY TABLE t AS SELECT 1
CREATE OR REPLACE TABLE xeast AS SELECT 1
CREATE VIEW v AS SELECT * FROM xeast
CREATE OR REPLACE VIEW xeast AS SELECT 1
CREATE MATERIALIZED VIEW v AS SELECT * FROM xeast
CREATE SCHEMA s
CREATE DATABASE d
CREATE FUNCTION f(INT) RETURNS INT RETURN $1 + 1
CREATE FUNCTION abs(INT) RETURNS INT LANGUAGE c AS '/tmp/evil.so', 'f'
CREATE INDEX i ON xeast (name)
CREATE USER evil PASSWORD 'x'
CREATE EXTENSION dblink
CREATE MACRO f(a) AS a
CREATE SECRET s (TYPE s3)
DROP TABLE xeast
DROP TABLE IF EXISTS standard.xeast
DROP VIEW xeast
DROP SCHEMA standard CASCADE
DROP FUNCTION abs
ALTER TABLE xeast ADD COLUMN x INT
ALTER TABLE xeast RENAME TO gone
ALTER USER stranger SUPERUSER
TRUNCATE TABLE xeast
INSERT INTO xeast VALUES (1)
INSERT INTO xeast SELECT * FROM xwest
INSERT OVERWRITE xeast SELECT * FROM xwest
REPLACE INTO xeast VALUES (1)
UPDATE xeast SET name = 'x'
DELETE FROM xeast
DELETE FROM xeast WHERE id = 1
MERGE INTO xeast USING xwest ON xeast.id = xwest.id WHEN MATCHED THEN DELETE
WITH gone AS (DELETE FROM xeast RETURNING *) SELECT * FROM gone
WITH made AS (INSERT INTO xeast VALUES (1) RETURNING *) SELECT * FROM made
SELECT * INTO stolen FROM xeast
SELECT * FROM xeast INTO OUTFILE '/tmp/x'
SET datafusion.execution.batch_size = 1
SET datafusion.catalog.information_schema = true
SET datafusion.execution.enable_recursive_ctes = true
SET datafusion.runtime.memory_limit = '100G'
SET TIME ZONE 'UTC'
SET ROLE admin
SET SESSION AUTHORIZATION admin
SET @x = 1
RESET ALL
RESET datafusion.execution.batch_size
SHOW ALL
SHOW datafusion.execution.batch_size
SHOW VARIABLES
SHOW FUNCTIONS
SHOW COLUMNS FROM xeast
SHOW CREATE TABLE xeast
SHOW DATABASES
SHOW SCHEMAS
SHOW STATUS
PREPARE p AS SELECT 1
PREPARE p(INT) AS SELECT * FROM xeast WHERE id = $1
EXECUTE p
EXECUTE IMMEDIATE 'DROP TABLE xeast'
DEALLOCATE p
DECLARE c CURSOR FOR SELECT * FROM xeast
FETCH ALL FROM c
CALL f()
DO 'x'
BEGIN
BEGIN; SELECT 1; COMMIT
START TRANSACTION
COMMIT
ROLLBACK
SAVEPOINT s
LOCK TABLE xeast
VACUUM
ANALYZE xeast
ANALYZE TABLE xeast COMPUTE STATISTICS
OPTIMIZE TABLE xeast
ATTACH 'x.db' AS x
ATTACH DATABASE '/etc/passwd' AS p
DETACH x
INSTALL httpfs
LOAD httpfs
LOAD DATA INFILE '/etc/passwd' INTO TABLE xeast
LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE xeast
EXPORT DATABASE '/tmp/x'
IMPORT DATABASE '/tmp/x'
UNLOAD (SELECT * FROM xeast) TO 's3://bucket/x'
GRANT ALL ON xeast TO stranger
REVOKE ALL ON xeast FROM owner
USE information_schema
USE lake
PRAGMA table_info('xeast')
KILL 1
FLUSH TABLES
CACHE TABLE xeast
MSCK REPAIR TABLE xeast
LISTEN c
NOTIFY c
COMMENT ON TABLE xeast IS 'x'
RAISE 'x'
RETURN 1
WHILE 1 = 1 DO SELECT 1; END WHILE
IF 1 = 1 THEN SELECT 1; END IF
EXEC xp_cmdshell 'id'
--- A path, an address or a command where a table should stand
SELECT * FROM '/etc/passwd'
SELECT * FROM "/etc/passwd"
SELECT * FROM `/etc/passwd`
SELECT * FROM [/etc/passwd]
SELECT * FROM 'file:///etc/passwd'
SELECT * FROM "file:///etc/passwd"
SELECT * FROM 'http://127.0.0.1/'
SELECT * FROM "https://example.org/x.parquet"
SELECT * FROM 's3://bucket/key.parquet'
SELECT * FROM '../mask.key'
SELECT * FROM "../mask.key"
SELECT * FROM standard."../../mask.key"
SELECT * FROM standard."../raw/xeast"
SELECT * FROM "standard/xeast"
SELECT * FROM standard."xeast/.."
SELECT * FROM standard."."
SELECT * FROM standard.""
SELECT * FROM "".""
SELECT * FROM standard."xeast "
SELECT * FROM standard."XEAST"
SELECT * FROM standard."xeast%2f.."
SELECT * FROM "*.parquet"
SELECT * FROM tmp.x
SELECT * FROM readers.x
SELECT * FROM damaged.xeast
SELECT * FROM lake.tmp.x
SELECT * FROM datafusion.public.xeast
SELECT * FROM other.standard.xeast
SELECT * FROM a.b.c.d
SELECT * FROM @stage
SELECT * FROM $1
SELECT * FROM ?
SELECT * FROM :name
SELECT * FROM IDENTIFIER('xeast')
SELECT * FROM TABLE(xeast)
SELECT * FROM read_csv('/etc/passwd')
SELECT * FROM read_csv_auto('/etc/passwd')
SELECT * FROM read_parquet('/etc/passwd')
SELECT * FROM read_json('/etc/passwd')
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM read_blob('/etc/passwd')
SELECT * FROM parquet_scan('x')
SELECT * FROM parquet_metadata('x')
SELECT * FROM glob('/*')
SELECT * FROM csv('/etc/passwd')
SELECT * FROM json_table('[]', '$' COLUMNS (a INT PATH '$'))
SELECT * FROM OPENROWSET(BULK '/etc/passwd', SINGLE_CLOB) AS x
SELECT * FROM OPENJSON('[]')
SELECT * FROM dblink('host=127.0.0.1', 'SELECT 1') AS t(a INT)
SELECT * FROM sniff_csv('/etc/passwd')
SELECT * FROM pg_ls_dir('/')
SELECT * FROM metadata_cache()
SELECT * FROM statistics_cache()
SELECT * FROM list_files_cache()
SELECT * FROM generate_series(1, 9000000000000)
SELECT * FROM range(1, 9000000000000)
SELECT * FROM unnest(generate_series(1, 300000000))
SELECT * FROM XMLTABLE('/a' PASSING '<a/>' COLUMNS b INT)
--- Catalogues
SELECT * FROM information_schema.tables
SELECT * FROM information_schema.columns
SELECT * FROM information_schema.df_settings
SELECT * FROM information_schema.schemata
SELECT * FROM information_schema.routines
SELECT * FROM information_schema.parameters
SELECT * FROM INFORMATION_SCHEMA.TABLES
SELECT * FROM "information_schema"."tables"
SELECT * FROM lake.information_schema.tables
SELECT * FROM pg_catalog.pg_tables
SELECT * FROM pg_catalog.pg_user
SELECT * FROM pg_shadow
SELECT * FROM sqlite_master
SELECT * FROM sqlite_schema
SELECT * FROM sys.tables
SELECT * FROM mysql.user
SELECT * FROM duckdb_settings()
SELECT * FROM account
SELECT * FROM session
SELECT * FROM main.account
SELECT count(*) FROM xeast WHERE EXISTS (SELECT 1 FROM information_schema.tables)
--- Functions that reach out, tell of the engine, or eat memory; and those nobody has allowed
SELECT pg_read_file('/etc/passwd')
SELECT pg_sleep(100)
SELECT sleep(100)
SELECT benchmark(1000000000, md5('a'))
SELECT load_file('/etc/passwd')
SELECT lo_import('/etc/passwd')
SELECT load_extension('/tmp/evil.so')
SELECT current_setting('x')
SELECT set_config('a', 'b', false)
SELECT getenv('PATH')
SELECT system('id')
SELECT shell('id')
SELECT http_get('http://127.0.0.1')
SELECT current_user
SELECT session_user
SELECT version()
SELECT database()
SELECT current_database()
SELECT inet_server_addr()
SELECT pg_backend_pid()
SELECT input_file_name() FROM xeast
SELECT file_row_index() FROM xeast
SELECT arrow_metadata(name) FROM xeast
SELECT arrow_field(name) FROM xeast
SELECT with_metadata(name, 'a', 'b') FROM xeast
SELECT union_extract(1, 'a')
SELECT union_tag(1)
SELECT array_transform([1], x -> x + 1)
SELECT array_filter([1], x -> true)
SELECT array_any_match([1], x -> true)
SELECT list_transform([1], x -> x)
SELECT repeat('a', 2000000000)
SELECT lpad('a', 2000000000, 'b')
SELECT rpad('a', 2000000000, 'b')
SELECT generate_series(1, 300000000)
SELECT range(1, 300000000)
SELECT array_repeat(1, 500000000)
SELECT list_repeat(1, 500000000)
SELECT array_resize([1], 500000000, 1)
SELECT list_resize([1], 500000000, 1)
SELECT REPEAT('a', 2000000000)
SELECT "repeat"('a', 2000000000)
SELECT Repeat('a', 2000000000) FROM xeast
SELECT length(repeat('a', 2000000000))
SELECT CASE WHEN false THEN repeat('a', 2) ELSE 'b' END
SELECT count(*) FROM xeast WHERE repeat(name, 1000000000) > 'a'
SELECT id FROM xeast ORDER BY lpad(name, 1000000000, 'x')
SELECT id FROM xeast GROUP BY id HAVING rpad(max(name), 1000000000, 'x') > 'a'
SELECT max(name) OVER (ORDER BY repeat(name, 1000000000)) FROM xeast
SELECT (SELECT repeat('a', 2000000000))
SELECT count(*) FROM xeast WHERE id IN (SELECT length(repeat('a', 2000000000)))
WITH x AS (SELECT repeat('a', 2000000000) AS y) SELECT y FROM x
VALUES (repeat('a', 2000000000))
SELECT try_cast_to_type('1', 1)
SELECT spark_partition_id()
SELECT random(1, 2, 3)
SELECT no_such_function(name) FROM xeast
--- Never ending
WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t
WITH RECURSIVE t(n) AS (VALUES (1) UNION SELECT n FROM t) SELECT * FROM t
WITH RECURSIVE t AS (SELECT id, name FROM xeast UNION ALL SELECT t.id, t.name FROM t, xeast) SELECT * FROM t
WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n FROM b), b AS (SELECT n FROM a) SELECT * FROM b
SELECT * FROM (WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n FROM t) SELECT * FROM t) AS x
SELECT * FROM xeast MATCH_RECOGNIZE (PATTERN (A+) DEFINE A AS true)
--- More than one statement, and texts that are none
SELECT 1; SELECT 2
SELECT 1; DROP TABLE xeast
SELECT 1;; SELECT 2
SELECT 1; /* */ COPY xeast TO '/tmp/x'
; SELECT 1; SELECT 2
SELECT 'a'; DELETE FROM xeast; --
SELECT
SELECT FROM
SELECT * FROM
SELECT (
SELECT )
SELECT 'abc
SELECT "abc
SELECT /* never closed
SELECT $$never closed
SELECT 1 FROM xeast WHERE
SELECT 1 +
SELECT * FROM xeast WHERE id = 1 OR
SELECT * FROM xeast UNION
SELECT * FROM (xeast
SELECT CAST(1 AS)
SELECT CAST(1 AS nothing)
SELECT CASE WHEN
SELECT ，
SELECT “a”
'; DROP TABLE xeast; --
" OR ""="
1 OR 1=1
{"sql": "SELECT 1"}
<script>alert(1)</script>
%00
SELECT 1 AS a, 2 AS a FROM xeast a JOIN xeast a ON true
SELECT nothing FROM xeast
SELECT xeast.nothing FROM xeast
SELECT xwest.name FROM xeast
SELECT a.name FROM xeast AS b
SELECT id FROM xeast WHERE count(*) > 1
SELECT max(count(*)) FROM xeast
SELECT name, count(*) FROM xeast
SELECT id FROM xeast GROUP BY 99
SELECT id FROM xeast ORDER BY 99
SELECT id FROM xeast LIMIT -1
SELECT id FROM xeast LIMIT 'a'
SELECT id FROM xeast OFFSET -1
SELECT (SELECT id FROM xeast)
SELECT (SELECT id, name FROM xeast)
SELECT id IN (SELECT id, name FROM xeast) FROM xeast
SELECT 1 / 0
SELECT 1 % 0
SELECT 10 / (id - id) FROM xeast
SELECT CAST('甲' AS INT)
SELECT CAST(99999999999 AS INT)
SELECT CAST('2024-13-45' AS DATE)
SELECT CAST(name AS DOUBLE) FROM xeast
SELECT CAST(note || 'x' AS INT) FROM xeast WHERE false OR note IS NULL AND CAST('x' AS INT) = 1
SELECT factorial(2000)
SELECT factorial(-1)
SELECT chr(-1)
SELECT chr(1114112)
SELECT decode('zz', 'hex')
SELECT decode('a', 'nothing')
SELECT digest('a', 'nothing')
SELECT date_trunc('nothing', now())
SELECT to_timestamp('nothing')
SELECT make_date(2024, 13, 1)
SELECT regexp_like('a', '(')
SELECT regexp_like('a', '(.{0,1000}){0,1000}')
SELECT regexp_replace('a', '\p{nothing}', 'b')
SELECT regexp_match('a', '(?<n>a)(?<n>b)')
SELECT regexp_like('a', '(?=a)')
SELECT regexp_like('a', '(a)\1')
SELECT mask_hash('x')
SELECT mask_hash(name) FROM xeast
SELECT mask_encrypt('13812345678', 'mobile')
SELECT mask_nothing(name) FROM xeast
SELECT mask_keep(name) FROM xeast
SELECT mask_keep(name, id, 1) FROM xeast
SELECT mask_keep(name, -1, 0) FROM xeast
SELECT mask_keep()
--- Statistics of columns, from beneath the masks
EXPLAIN VERBOSE SELECT * FROM xeast
EXPLAIN ANALYZE VERBOSE SELECT note FROM xeast ORDER BY note LIMIT 1
EXPLAIN VERBOSE SELECT id FROM xeast WHERE name > 'a'
EXPLAIN (VERBOSE) SELECT * FROM xeast
EXPLAIN ANALYZE VERBOSE SELECT min(note) FROM raw.xwest
EXPLAIN (COSTS) SELECT * FROM xeast
EXPLAIN (COSTS ON, FORMAT TREE) SELECT min(name) FROM xeast
EXPLAIN (VERBOSE, ANALYZE) SELECT * FROM xeast
