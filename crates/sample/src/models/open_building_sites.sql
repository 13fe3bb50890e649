/*
title = "在建工地"
title_en = "Building sites"
summary = "每行是一个在建工地：施工单位、进度、面积和坐标。"
summary_en = "One row is one building site: its builder, stage, floor area and place."
department = "housing"
key = ["site_no"]

[open]
licence = "CC-BY-4.0"
theme = "housing"
keywords = ["工地", "施工许可"]
keywords_en = ["building sites", "permits"]
period = "monthly"
position = ["longitude", "latitude"]
*/
SELECT site_no, project, builder, stage, area, permit_on, address, district, longitude, latitude
FROM building_sites
