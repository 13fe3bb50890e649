/*
title = "热线话务日报"
title_en = "Hotline by day"
summary = "每行是一个区县一天的热线话务量、接通率和平均等待。"
summary_en = "One row is one district's calls on one day, with the share answered and the mean wait."
department = "data"
key = ["day", "district"]

[open]
licence = "CC-BY-4.0"
theme = "living"
keywords = ["热线", "话务", "接通率"]
keywords_en = ["hotline", "calls"]
period = "daily"
*/
SELECT day, district, calls, answered, mean_wait
FROM hotline_daily
