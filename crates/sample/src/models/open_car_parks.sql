/*
title = "公共停车场"
title_en = "Car parks"
summary = "每行是一个公共停车场：泊位、充电泊位、收费和坐标。"
summary_en = "One row is one public car park: its spaces, chargers, price and place."
department = "transport"
key = ["lot_no"]

[open]
licence = "CC-BY-4.0"
theme = "transport"
keywords = ["停车", "泊位", "充电"]
keywords_en = ["parking", "spaces", "charging"]
period = "monthly"
position = ["longitude", "latitude"]
*/
SELECT lot_no, lot_name, spaces, charging, hourly, district, longitude, latitude
FROM parking_lots
