/*
title = "各区县户籍人口年龄结构"
title_en = "Residents by district and age"
summary = "每行是一个区县、一个年龄段、一种性别的户籍人数，年龄按户籍数据的最近更新年份计算周岁近似值。"
summary_en = "Registered residents by district, age group and sex; age is the difference of years at the newest record."
department = "public_security"
key = ["district", "age_group", "sex"]

[[column]]
name = "age_group"
title = "年龄段"
title_en = "Age group"

[[column]]
name = "persons"
title = "人数"
title_en = "Persons"
unit = "人"
*/
WITH aged AS (
    SELECT district, sex,
           date_part('year', (SELECT max(updated_at) FROM hukou_persons)) - date_part('year', birth_date) AS age
    FROM hukou_persons
    WHERE district IS NOT NULL AND sex IS NOT NULL AND birth_date IS NOT NULL
)
SELECT district,
       CASE WHEN age < 7 THEN '0–6'
            WHEN age < 18 THEN '7–17'
            WHEN age < 35 THEN '18–34'
            WHEN age < 60 THEN '35–59'
            WHEN age < 80 THEN '60–79'
            ELSE '80+' END AS age_group,
       sex,
       count(*) AS persons
FROM aged
GROUP BY 1, 2, 3
