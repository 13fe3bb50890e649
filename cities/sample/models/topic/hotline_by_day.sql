/*
title = "热线诉求逐日"
title_en = "Hotline calls by day"
summary = "每行是一天（北京时间）、一个区县、一类诉求的件数和已办结件数。按日累加：每次只重算最近一天及以后，更早的办结变化须整表重做。"
summary_en = "Calls and calls done by day (Beijing time), district and class. It grows by day: a run makes only the newest day and what follows; later changes of earlier days need the whole table to be made anew."
department = "data"
mode = "incremental"
key = ["day", "district", "hotline_class"]
cursor = "day"

[[column]]
name = "day"
title = "日期"
title_en = "Day"

[[column]]
name = "calls"
title = "诉求件数"
title_en = "Calls"
unit = "件"

[[column]]
name = "done"
title = "已办结"
title_en = "Done"
unit = "件"
*/
SELECT CAST(called_at + INTERVAL '8 hours' AS DATE) AS day,
       district,
       hotline_class,
       count(*) AS calls,
       count(done_at) AS done
FROM hotline_calls
WHERE called_at IS NOT NULL AND district IS NOT NULL AND hotline_class IS NOT NULL
GROUP BY 1, 2, 3
