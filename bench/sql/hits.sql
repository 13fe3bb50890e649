-- Questions of the shapes that ClickBench asks, over a generated table of the same columns.
-- c0
select count(*) from hits
-- c1
select count(*) from hits where "AdvEngineID" <> 0
-- c2
select sum("AdvEngineID"), count(*), avg("ResolutionWidth") from hits
-- c3
select avg(cast("UserID" as double)) from hits
-- c4
select count(distinct "UserID") from hits
-- c5
select count(distinct "SearchPhrase") from hits
-- c6
select min("EventDate"), max("EventDate") from hits
-- c7
select "AdvEngineID", count(*) from hits where "AdvEngineID" <> 0 group by "AdvEngineID" order by count(*) desc
-- c8
select "RegionID", count(distinct "UserID") as u from hits group by "RegionID" order by u desc limit 10
-- c9
select "RegionID", sum("AdvEngineID"), count(*) as c, avg("ResolutionWidth"), count(distinct "UserID") from hits group by "RegionID" order by c desc limit 10
-- c10
select "MobilePhoneModel", count(distinct "UserID") as u from hits where "MobilePhoneModel" <> '' group by "MobilePhoneModel" order by u desc limit 10
-- c11
select "MobilePhone", "MobilePhoneModel", count(distinct "UserID") as u from hits where "MobilePhoneModel" <> '' group by "MobilePhone", "MobilePhoneModel" order by u desc limit 10
-- c12
select "SearchPhrase", count(*) as c from hits where "SearchPhrase" <> '' group by "SearchPhrase" order by c desc limit 10
-- c13
select "SearchPhrase", count(distinct "UserID") as u from hits where "SearchPhrase" <> '' group by "SearchPhrase" order by u desc limit 10
-- c14
select "SearchEngineID", "SearchPhrase", count(*) as c from hits where "SearchPhrase" <> '' group by "SearchEngineID", "SearchPhrase" order by c desc limit 10
-- c15
select "UserID", count(*) from hits group by "UserID" order by count(*) desc limit 10
-- c16
select "UserID", "SearchPhrase", count(*) from hits group by "UserID", "SearchPhrase" order by count(*) desc limit 10
-- c17
select "UserID", "SearchPhrase", count(*) from hits group by "UserID", "SearchPhrase" limit 10
-- c18
select "UserID", extract(minute from "EventTime") as m, "SearchPhrase", count(*) from hits group by "UserID", m, "SearchPhrase" order by count(*) desc limit 10
-- c19
select "UserID" from hits where "UserID" = 435090932899640449
-- c20
select count(*) from hits where "URL" like '%google%'
-- c21
select "SearchPhrase", min("URL"), count(*) as c from hits where "URL" like '%google%' and "SearchPhrase" <> '' group by "SearchPhrase" order by c desc limit 10
-- c22
select "SearchPhrase", min("URL"), min("Title"), count(*) as c, count(distinct "UserID") from hits where "Title" like '%Google%' and "URL" not like '%.google.%' and "SearchPhrase" <> '' group by "SearchPhrase" order by c desc limit 10
-- c23
select * from hits where "URL" like '%google%' order by "EventTime" limit 10
-- c24
select "SearchPhrase" from hits where "SearchPhrase" <> '' order by "EventTime" limit 10
-- c25
select "SearchPhrase" from hits where "SearchPhrase" <> '' order by "SearchPhrase" limit 10
-- c26
select "SearchPhrase" from hits where "SearchPhrase" <> '' order by "EventTime", "SearchPhrase" limit 10
-- c27
select "CounterID", avg(length("URL")) as l, count(*) as c from hits where "URL" <> '' group by "CounterID" having count(*) > 10000 order by l desc limit 25
-- c28
select regexp_replace("Referer", '^https?://(?:www\.)?([^/]+)/.*$', '\1') as k, avg(length("Referer")) as l, count(*) as c, min("Referer") from hits where "Referer" <> '' group by k having count(*) > 10000 order by l desc limit 25
-- c29
select sum("ResolutionWidth"), sum("ResolutionWidth" + 1), sum("ResolutionWidth" + 2), sum("ResolutionWidth" + 3), sum("ResolutionWidth" + 4), sum("ResolutionWidth" + 5), sum("ResolutionWidth" + 6), sum("ResolutionWidth" + 7), sum("ResolutionWidth" + 8), sum("ResolutionWidth" + 9), sum("ResolutionWidth" + 10), sum("ResolutionWidth" + 11), sum("ResolutionWidth" + 12), sum("ResolutionWidth" + 13), sum("ResolutionWidth" + 14), sum("ResolutionWidth" + 15), sum("ResolutionWidth" + 16), sum("ResolutionWidth" + 17), sum("ResolutionWidth" + 18), sum("ResolutionWidth" + 19) from hits
-- c30
select "SearchEngineID", "ClientIP", count(*) as c, sum("IsRefresh"), avg("ResolutionWidth") from hits where "SearchPhrase" <> '' group by "SearchEngineID", "ClientIP" order by c desc limit 10
-- c31
select "WatchID", "ClientIP", count(*) as c, sum("IsRefresh"), avg("ResolutionWidth") from hits where "SearchPhrase" <> '' group by "WatchID", "ClientIP" order by c desc limit 10
-- c32
select "WatchID", "ClientIP", count(*) as c, sum("IsRefresh"), avg("ResolutionWidth") from hits group by "WatchID", "ClientIP" order by c desc limit 10
-- c33
select "URL", count(*) as c from hits group by "URL" order by c desc limit 10
-- c34
select 1, "URL", count(*) as c from hits group by 1, "URL" order by c desc limit 10
-- c35
select "ClientIP", "ClientIP" - 1, "ClientIP" - 2, "ClientIP" - 3, count(*) as c from hits group by "ClientIP", "ClientIP" - 1, "ClientIP" - 2, "ClientIP" - 3 order by c desc limit 10
-- c36
select "URL", count(*) as views from hits where "CounterID" = 62 and "EventDate" >= date '2013-07-01' and "EventDate" <= date '2013-07-31' and "DontCountHits" = 0 and "IsRefresh" = 0 and "URL" <> '' group by "URL" order by views desc limit 10
-- c37
select "Title", count(*) as views from hits where "CounterID" = 62 and "EventDate" >= date '2013-07-01' and "EventDate" <= date '2013-07-31' and "DontCountHits" = 0 and "IsRefresh" = 0 and "Title" <> '' group by "Title" order by views desc limit 10
-- c38
select "URL", count(*) as views from hits where "CounterID" = 62 and "EventDate" >= date '2013-07-01' and "EventDate" <= date '2013-07-31' and "IsRefresh" = 0 and "IsLink" <> 0 and "IsDownload" = 0 group by "URL" order by views desc limit 10 offset 1000
-- c39
select "TraficSourceID", "SearchEngineID", "AdvEngineID", case when ("SearchEngineID" = 0 and "AdvEngineID" = 0) then "Referer" else '' end as src, "URL" as dst, count(*) as views from hits where "CounterID" = 62 and "EventDate" >= date '2013-07-01' and "EventDate" <= date '2013-07-31' and "IsRefresh" = 0 group by "TraficSourceID", "SearchEngineID", "AdvEngineID", src, dst order by views desc limit 10 offset 1000
-- c40
select "URLHash", "EventDate", count(*) as views from hits where "CounterID" = 62 and "EventDate" >= date '2013-07-01' and "EventDate" <= date '2013-07-31' and "IsRefresh" = 0 and "TraficSourceID" in (-1, 6) and "RefererHash" = 3594120000172545465 group by "URLHash", "EventDate" order by views desc limit 10 offset 100
-- c41
select "WindowClientWidth", "WindowClientHeight", count(*) as views from hits where "CounterID" = 62 and "EventDate" >= date '2013-07-01' and "EventDate" <= date '2013-07-31' and "IsRefresh" = 0 and "DontCountHits" = 0 and "URLHash" = 2868770270353813622 group by "WindowClientWidth", "WindowClientHeight" order by views desc limit 10 offset 10000
-- c42
select date_trunc('minute', "EventTime") as m, count(*) as views from hits where "CounterID" = 62 and "EventDate" >= date '2013-07-14' and "EventDate" <= date '2013-07-15' and "IsRefresh" = 0 and "DontCountHits" = 0 group by date_trunc('minute', "EventTime") order by date_trunc('minute', "EventTime") limit 10 offset 1000
