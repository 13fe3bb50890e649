/*
title = "纳税信用关注名单"
title_en = "Companies to watch by tax credit"
summary = "最近一次纳税信用为 D 级、仍在存续的企业，供监管部门安排走访；不是处罚名单。每天早晨更新。"
summary_en = "Active companies whose last tax credit is D, for visits by the authorities; not a list of penalties. Made every morning."
department = "tax"
key = ["uscc"]
cron = "0 6 * * *"
*/
SELECT uscc, company_name, representative, district, town, credit_grade, credit_year
FROM master.legal_entities
WHERE credit_grade = 'D' AND status = '1'
