/*
title = "农产品批发价格"
title_en = "Produce prices"
summary = "每行是一个品种一天的批发价和成交量。"
summary_en = "One row is one product on one day: its wholesale price and volume."
department = "agriculture"
key = ["day", "product"]

[open]
licence = "CC-BY-4.0"
theme = "agriculture"
keywords = ["菜篮子", "价格", "批发"]
keywords_en = ["prices", "wholesale", "vegetables"]
period = "daily"
*/
SELECT day, product, price, volume, origin
FROM produce_prices
