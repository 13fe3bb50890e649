/*
title = "各区县产业结构"
title_en = "Industry by district"
summary = "每行是一个区县里一个行业大类的企业数、注册资本合计和参保人数合计，只计存续企业。由法人基础库得出。"
summary_en = "A row for each division of industry in each district: active companies, their capital and their insured persons. Made from the register of legal entities."
department = "economy"
key = ["district", "division"]

[[column]]
name = "division"
title = "行业大类"
title_en = "Division of industry"

[[column]]
name = "companies"
title = "企业数"
title_en = "Companies"
unit = "家"

[[column]]
name = "capital"
title = "注册资本合计"
title_en = "Capital in all"
unit = "元"

[[column]]
name = "insured_persons"
title = "参保人数合计"
title_en = "Insured persons in all"
unit = "人"
*/
SELECT district,
       substr(industry, 1, 2) AS division,
       count(*) AS companies,
       sum(capital) AS capital,
       sum(coalesce(insured_persons, 0)) AS insured_persons
FROM master.legal_entities
WHERE status = '1' AND district IS NOT NULL AND industry IS NOT NULL
GROUP BY district, substr(industry, 1, 2)
