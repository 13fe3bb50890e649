--- One statement a line. Each must be refused in words, before anything is read.
--- What writes, sets, attaches, or opens a file
COPY east TO '/tmp/x.csv'
COPY (SELECT * FROM east) TO '/tmp/x.parquet' STORED AS PARQUET
COPY east FROM '/etc/passwd'
EXPLAIN COPY east TO '/tmp/x.csv'
EXPLAIN ANALYZE COPY east TO '/tmp/x.csv'
EXPLAIN VERBOSE INSERT INTO east VALUES (1)
EXPLAIN EXPLAIN DROP TABLE east
EXPLAIN CREATE VIEW v AS SELECT * FROM east
CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'
CREATE EXTERNAL TABLE t (a TEXT) STORED AS CSV LOCATION 'file:///etc/passwd' OPTIONS ('format.has_header' 'false')
CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION 'http://169.254.169.254/latest/meta-data'
CREATE EXTERNAL TABLE t STORED AS PARQUET LOCATION 's3://bucket/key'
CREATE UNBOUNDED EXTERNAL TABLE t STORED AS CSV LOCATION '/dev/zero'
CREATE TABLE t AS SELECT * FROM east
CREATE TABLE t (a INT)
CREATE TEMPORARY TABLE t AS SELECT 1
CREATE OR REPLACE TABLE east AS SELECT 1
CREATE VIEW v AS SELECT * FROM east
CREATE OR REPLACE VIEW east AS SELECT 1
CREATE MATERIALIZED VIEW v AS SELECT * FROM east
CREATE SCHEMA s
CREATE DATABASE d
CREATE FUNCTION f(INT) RETURNS INT RETURN $1 + 1
CREATE FUNCTION abs(INT) RETURNS INT LANGUAGE c AS '/tmp/evil.so', 'f'
CREATE INDEX i ON east (name)
CREATE USER evil PASSWORD 'x'
CREATE EXTENSION dblink
CREATE MACRO f(a) AS a
CREATE SECRET s (TYPE s3)
DROP TABLE east
DROP TABLE IF EXISTS standard.east
DROP VIEW east
DROP SCHEMA standard CASCADE
DROP FUNCTION abs
ALTER TABLE east ADD COLUMN x INT
ALTER TABLE east RENAME TO gone
ALTER USER stranger SUPERUSER
TRUNCATE TABLE east
INSERT INTO east VALUES (1)
INSERT INTO east SELECT * FROM west
INSERT OVERWRITE east SELECT * FROM west
REPLACE INTO east VALUES (1)
UPDATE east SET name = 'x'
DELETE FROM east
DELETE FROM east WHERE id = 1
MERGE INTO east USING west ON east.id = west.id WHEN MATCHED THEN DELETE
WITH gone AS (DELETE FROM east RETURNING *) SELECT * FROM gone
WITH made AS (INSERT INTO east VALUES (1) RETURNING *) SELECT * FROM made
SELECT * INTO stolen FROM east
SELECT * FROM east INTO OUTFILE '/tmp/x'
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
SHOW COLUMNS FROM east
SHOW CREATE TABLE east
SHOW DATABASES
SHOW SCHEMAS
SHOW STATUS
PREPARE p AS SELECT 1
PREPARE p(INT) AS SELECT * FROM east WHERE id = $1
EXECUTE p
EXECUTE IMMEDIATE 'DROP TABLE east'
DEALLOCATE p
DECLARE c CURSOR FOR SELECT * FROM east
FETCH ALL FROM c
CALL f()
DO 'x'
BEGIN
BEGIN; SELECT 1; COMMIT
START TRANSACTION
COMMIT
ROLLBACK
SAVEPOINT s
LOCK TABLE east
VACUUM
ANALYZE east
ANALYZE TABLE east COMPUTE STATISTICS
OPTIMIZE TABLE east
ATTACH 'x.db' AS x
ATTACH DATABASE '/etc/passwd' AS p
DETACH x
INSTALL httpfs
LOAD httpfs
LOAD DATA INFILE '/etc/passwd' INTO TABLE east
LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE east
EXPORT DATABASE '/tmp/x'
IMPORT DATABASE '/tmp/x'
UNLOAD (SELECT * FROM east) TO 's3://bucket/x'
GRANT ALL ON east TO stranger
REVOKE ALL ON east FROM owner
USE information_schema
USE lake
PRAGMA table_info('east')
KILL 1
FLUSH TABLES
CACHE TABLE east
MSCK REPAIR TABLE east
LISTEN c
NOTIFY c
COMMENT ON TABLE east IS 'x'
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
SELECT * FROM standard."../raw/east"
SELECT * FROM "standard/east"
SELECT * FROM standard."east/.."
SELECT * FROM standard."."
SELECT * FROM standard.""
SELECT * FROM "".""
SELECT * FROM standard."east "
SELECT * FROM standard."EAST"
SELECT * FROM standard."east%2f.."
SELECT * FROM "*.parquet"
SELECT * FROM tmp.x
SELECT * FROM readers.x
SELECT * FROM damaged.east
SELECT * FROM lake.tmp.x
SELECT * FROM datafusion.public.east
SELECT * FROM other.standard.east
SELECT * FROM a.b.c.d
SELECT * FROM @stage
SELECT * FROM $1
SELECT * FROM ?
SELECT * FROM :name
SELECT * FROM IDENTIFIER('east')
SELECT * FROM TABLE(east)
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
SELECT count(*) FROM east WHERE EXISTS (SELECT 1 FROM information_schema.tables)
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
SELECT input_file_name() FROM east
SELECT file_row_index() FROM east
SELECT arrow_metadata(name) FROM east
SELECT arrow_field(name) FROM east
SELECT with_metadata(name, 'a', 'b') FROM east
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
SELECT Repeat('a', 2000000000) FROM east
SELECT length(repeat('a', 2000000000))
SELECT CASE WHEN false THEN repeat('a', 2) ELSE 'b' END
SELECT count(*) FROM east WHERE repeat(name, 1000000000) > 'a'
SELECT id FROM east ORDER BY lpad(name, 1000000000, 'x')
SELECT id FROM east GROUP BY id HAVING rpad(max(name), 1000000000, 'x') > 'a'
SELECT max(name) OVER (ORDER BY repeat(name, 1000000000)) FROM east
SELECT (SELECT repeat('a', 2000000000))
SELECT count(*) FROM east WHERE id IN (SELECT length(repeat('a', 2000000000)))
WITH x AS (SELECT repeat('a', 2000000000) AS y) SELECT y FROM x
VALUES (repeat('a', 2000000000))
SELECT try_cast_to_type('1', 1)
SELECT spark_partition_id()
SELECT random(1, 2, 3)
SELECT no_such_function(name) FROM east
--- Never ending
WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t
WITH RECURSIVE t(n) AS (VALUES (1) UNION SELECT n FROM t) SELECT * FROM t
WITH RECURSIVE t AS (SELECT id, name FROM east UNION ALL SELECT t.id, t.name FROM t, east) SELECT * FROM t
WITH RECURSIVE a AS (SELECT 1 AS n UNION ALL SELECT n FROM b), b AS (SELECT n FROM a) SELECT * FROM b
SELECT * FROM (WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n FROM t) SELECT * FROM t) AS x
SELECT id FROM east START WITH id = 1 CONNECT BY PRIOR id = id
SELECT * FROM east MATCH_RECOGNIZE (PATTERN (A+) DEFINE A AS true)
--- More than one statement, and texts that are none
SELECT 1; SELECT 2
SELECT 1; DROP TABLE east
SELECT 1;; SELECT 2
SELECT 1; -- more
SELECT 1; /* */ COPY east TO '/tmp/x'
; SELECT 1; SELECT 2
SELECT 'a'; DELETE FROM east; --
SELECT
SELECT FROM
SELECT * FROM
SELECT (
SELECT )
SELECT 'abc
SELECT "abc
SELECT /* never closed
SELECT $$never closed
SELECT 1 FROM east WHERE
SELECT 1 +
SELECT * FROM east WHERE id = 1 OR
SELECT * FROM east UNION
SELECT * FROM (east
SELECT CAST(1 AS)
SELECT CAST(1 AS nothing)
SELECT CASE WHEN
SELECT ，
SELECT “a”
'; DROP TABLE east; --
" OR ""="
1 OR 1=1
{"sql": "SELECT 1"}
<script>alert(1)</script>
%00
SELECT 1 AS a, 2 AS a FROM east a JOIN east a ON true
SELECT nothing FROM east
SELECT east.nothing FROM east
SELECT west.name FROM east
SELECT a.name FROM east AS b
SELECT id FROM east WHERE count(*) > 1
SELECT max(count(*)) FROM east
SELECT name, count(*) FROM east
SELECT id FROM east GROUP BY 99
SELECT id FROM east ORDER BY 99
SELECT id FROM east LIMIT -1
SELECT id FROM east LIMIT 'a'
SELECT id FROM east OFFSET -1
SELECT (SELECT id FROM east)
SELECT (SELECT id, name FROM east)
SELECT id IN (SELECT id, name FROM east) FROM east
SELECT 1 / 0
SELECT 1 % 0
SELECT 10 / (id - id) FROM east
SELECT CAST('甲' AS INT)
SELECT CAST(99999999999 AS INT)
SELECT CAST('2024-13-45' AS DATE)
SELECT CAST(name AS DOUBLE) FROM east
SELECT CAST(note || 'x' AS INT) FROM east WHERE false OR note IS NULL AND CAST('x' AS INT) = 1
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
SELECT mask_hash(name) FROM east
SELECT mask_encrypt('13812345678', 'mobile')
SELECT mask_nothing(name) FROM east
SELECT mask_keep(name) FROM east
SELECT mask_keep(name, id, 1) FROM east
SELECT mask_keep(name, -1, 0) FROM east
SELECT mask_keep()
