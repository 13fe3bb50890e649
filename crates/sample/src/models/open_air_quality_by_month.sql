/*
title = "各区县空气质量逐月"
title_en = "Air quality by month"
summary = "每行是一个区县一个月的空气质量：指数与细颗粒物的平均值、监测天数和优良天数。"
summary_en = "A row for each district and month: the mean index and PM2.5, days measured, and good days."
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

[open]
licence = "CC-BY-4.0"
theme = "environment"
keywords = ["空气质量", "优良天数", "细颗粒物"]
keywords_en = ["air quality", "good days", "PM2.5"]
period = "monthly"
*/
SELECT district, month, mean_aqi, mean_pm25, days, good_days
FROM topic.air_by_month
