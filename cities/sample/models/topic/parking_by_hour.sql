/*
title = "停车场分时利用率"
title_en = "Car park use by hour"
summary = "每行是一个停车场一天中一个钟点（北京时间）的平均占用率和平均进出场次数。"
summary_en = "A row for each car park and hour of the day (Beijing time): mean share of spaces taken, and mean arrivals and departures."
department = "transport"
key = ["lot_no", "hour"]

[[column]]
name = "hour"
title = "钟点"
title_en = "Hour"

[[column]]
name = "taken_percent"
title = "平均占用率"
title_en = "Spaces taken"
unit = "%"

[[column]]
name = "arrivals"
title = "平均入场"
title_en = "Arrivals"

[[column]]
name = "departures"
title = "平均出场"
title_en = "Departures"
*/
SELECT l.lot_no,
       l.lot_name,
       l.district,
       CAST(date_part('hour', s.at + INTERVAL '8 hours') AS BIGINT) AS hour,
       round(avg(100.0 * (l.spaces - s.free) / nullif(l.spaces, 0)), 1) AS taken_percent,
       round(avg(s.entered), 1) AS arrivals,
       round(avg(s.departed), 1) AS departures
FROM parking_states s
JOIN parking_lots l ON l.lot_no = s.lot_no
GROUP BY 1, 2, 3, 4
