/*
title = "各区县空气质量逐月"
title_en = "Air quality by month"
summary = "每行是一个区县一个月的空气质量：指数与主要污染物的平均值、监测天数和优良天数（指数不超过 100）。"
summary_en = "A row for each district and month: mean index and pollutants, days measured, and good days (an index of 100 at most)."
department = "ecology"
key = ["district", "month"]

[[column]]
name = "month"
title = "月份"
title_en = "Month"

[[column]]
name = "mean_aqi"
title = "平均空气质量指数"
title_en = "Mean index"

[[column]]
name = "mean_pm25"
title = "细颗粒物平均浓度"
title_en = "Mean PM2.5"
unit = "μg/m³"

[[column]]
name = "days"
title = "监测天数"
title_en = "Days measured"
unit = "天"

[[column]]
name = "good_days"
title = "优良天数"
title_en = "Good days"
unit = "天"

[[rule]]
name = "good_days_of_days"
title = "优良天数不多于监测天数"
title_en = "no more good days than days"
dimension = "consistency"
expression = "good_days <= days and days between 1 and 31"
holds = true

[[rule]]
name = "index_plausible"
title = "平均指数在 0 到 500 之间"
title_en = "the mean index is from 0 to 500"
dimension = "validity"
expression = "mean_aqi between 0 and 500"
severity = "warning"
*/
SELECT district,
       CAST(date_trunc('month', day) AS DATE) AS month,
       round(avg(aqi), 1) AS mean_aqi,
       round(avg(pm25), 1) AS mean_pm25,
       count(aqi) AS days,
       count(*) FILTER (WHERE aqi <= 100) AS good_days
FROM air_daily
WHERE district IS NOT NULL AND day IS NOT NULL
GROUP BY district, CAST(date_trunc('month', day) AS DATE)
