/*
title = "应急避难场所"
title_en = "Shelters"
summary = "每行是一个应急避难场所：可容纳人数、地址和坐标。"
summary_en = "One row is one shelter: how many it takes, its address and place."
department = "emergency_management"
key = ["shelter_no"]

[open]
licence = "CC-BY-4.0"
theme = "safety"
keywords = ["避难场所", "应急"]
keywords_en = ["shelter", "emergency"]
period = "yearly"
position = ["longitude", "latitude"]
*/
SELECT shelter_no, shelter_name, capacity, address, district, longitude, latitude
FROM shelters
