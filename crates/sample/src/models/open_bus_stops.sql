/*
title = "公交站点"
title_en = "Bus stops"
summary = "每行是一个公交站点：名称、所属线路、有无候车亭和坐标。"
summary_en = "One row is one bus stop: its name, line, shelter and place."
department = "transport"
key = ["stop_no"]

[open]
licence = "CC-BY-4.0"
theme = "transport"
keywords = ["公交", "站点", "候车亭"]
keywords_en = ["bus", "stop", "shelter"]
period = "monthly"
position = ["longitude", "latitude"]
*/
SELECT stop_no, stop_name, line_no, sheltered, district, longitude, latitude
FROM bus_stops
