--- Short texts that ask for all memory, all time or all disk. Each must end within its time; the server goes on.
SELECT count(*) FROM xeast a, xeast b, xeast c, xeast d, xeast e, xeast f, xeast g WHERE a.id + b.id + c.id + d.id + e.id + f.id + g.id < 0
SELECT count(DISTINCT a.id * b.id + c.id - d.id * e.id + f.id) FROM xeast a, xeast b, xeast c, xeast d, xeast e, xeast f
SELECT sum(a.id) FROM xeast a, xeast b, xeast c, xeast d, xeast e, xeast f, xeast g GROUP BY a.id, b.id, c.id, d.id, e.id
SELECT string_agg(a.name || b.name || c.name || d.name, ',') FROM xeast a, xeast b, xeast c, xeast d, xeast e
SELECT array_agg(a.id) OVER (ORDER BY a.id + b.id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM xeast a, xeast b, xeast c, xeast d
SELECT array_agg(array_agg(a.id)) OVER () FROM xeast a, xeast b, xeast c, xeast d, xeast e GROUP BY b.id, c.id, d.id, e.id
SELECT * FROM xeast a, xeast b, xeast c, xeast d, xeast e ORDER BY a.name || b.name || c.name || d.name || e.name LIMIT 9999
SELECT * FROM xeast a, xeast b, xeast c, xeast d, xeast e, xeast f ORDER BY a.id * b.id - c.id * d.id + e.id - f.id, random()
SELECT DISTINCT a._line, b._line, c._line, d._line, e._line, a._run || b._run || c._run FROM xeast a, xeast b, xeast c, xeast d, xeast e
SELECT a.id FROM xeast a JOIN xeast b ON a.id <> b.id JOIN xeast c ON b.id <> c.id JOIN xeast d ON c.id <> d.id JOIN xeast e ON d.id <> e.id JOIN xeast f ON e.id <> f.id WHERE a.id + f.id < 0
SELECT a.id FROM xeast a FULL JOIN xeast b ON a.id <> b.id FULL JOIN xeast c ON b.id <> c.id FULL JOIN xeast d ON c.id <> d.id FULL JOIN xeast e ON d.id <> e.id WHERE a.id < -1
SELECT count(*) FROM xeast a, xeast b, xeast c, xeast d WHERE EXISTS (SELECT 1 FROM xeast e, xeast f, xeast g WHERE e.id + f.id + g.id < a.id - b.id - c.id - d.id - 9)
SELECT regexp_replace(a.kind || b.kind || c.kind || d.kind, '(.*)*(.*)*(.*)*x', 'y') FROM xeast a, xeast b, xeast c, xeast d, xeast e, xeast f WHERE a.id < 0 OR regexp_like(a.kind || b.kind, '(0|00|000)*1{5}')
SELECT digest(digest(a.kind || b.kind || c.kind, 'sha512'), 'blake3') FROM xeast a, xeast b, xeast c, xeast d, xeast e
SELECT max(digest(a.kind || b.kind || c.kind || d.kind || e.kind, 'sha512')) FROM xeast a, xeast b, xeast c, xeast d, xeast e, xeast f
SELECT sum(levenshtein(a._run || b._run || c._run, c._run || d._run || a._run)) FROM xeast a, xeast b, xeast c, xeast d
SELECT approx_distinct(a.id || b.kind || c.id || d.id || e.id) FROM xeast a, xeast b, xeast c, xeast d, xeast e, xeast f
SELECT median(a.id * b.id + c.id * d.id + e.id) FROM xeast a, xeast b, xeast c, xeast d, xeast e, xeast f
SELECT a.id, count(*) OVER (ORDER BY a.id, b.id, c.id, d.id RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM xeast a, xeast b, xeast c, xeast d ORDER BY 2 DESC
SELECT a.id, sum(b.id) OVER (PARTITION BY a.id ORDER BY b.id ROWS BETWEEN 100000 PRECEDING AND 100000 FOLLOWING) FROM xeast a, xeast b, xeast c, xeast d
SELECT unnest(array_agg(a.id)) FROM xeast a, xeast b, xeast c, xeast d, xeast e
SELECT count(*) FROM (SELECT unnest(x) FROM (SELECT array_agg(a.id) AS x FROM xeast a, xeast b, xeast c), xeast d, xeast e, xeast f)
SELECT count(*) FROM (SELECT a.id FROM xeast a, xeast b, xeast c, xeast d, xeast e UNION SELECT b.id FROM xeast a, xeast b, xeast c, xeast d, xeast e) u, xeast f, xeast g WHERE u.id + f.id + g.id < 0
SELECT count(*) FROM xeast a, xeast b, xeast c, xeast d, xeast e GROUP BY CUBE (a.id, b.id, c.id, d.id, e.id)
SELECT a.*, b.*, c.*, d.* FROM xeast a, xeast b, xeast c, xeast d
EXPLAIN ANALYZE SELECT count(*) FROM xeast a, xeast b, xeast c, xeast d, xeast e, xeast f, xeast g WHERE a.id + b.id + c.id + d.id + e.id + f.id + g.id < 0
