/*
title = "法人基础库"
title_en = "Register of legal entities"
summary = "每行一家登记企业，按统一社会信用代码把登记、税务、社保和纳税信用汇到一处。登记信息以市场监管部门为准；未办税务登记或未参保的企业，相应的列为空。"
summary_en = "A row for each registered company, with registration, tax, social insurance and tax credit brought together by its social credit code. The business register decides what a company is; columns of tax and insurance are null where there is no record."
department = "market_regulation"
key = ["uscc"]

[[column]]
name = "taxpayer_state"
title = "纳税人状态"
title_en = "Taxpayer's state"

[[column]]
name = "insured_persons"
title = "参保人数"
title_en = "Insured persons"
unit = "人"

[[column]]
name = "credit_year"
title = "最近评价年度"
title_en = "Year of the last rating"

[[column]]
name = "sources"
title = "记录来源数"
title_en = "Sources with a record"
*/
WITH insured AS (
    SELECT uscc, sum(insured) AS persons
    FROM insured_companies
    WHERE uscc IS NOT NULL
    GROUP BY uscc
),
credit AS (
    SELECT uscc, credit_grade, year,
           row_number() OVER (PARTITION BY uscc ORDER BY year DESC) AS place
    FROM tax_credit_grades
)
SELECT c.uscc,
       c.company_name,
       c.enterprise_type,
       c.representative,
       c.capital,
       c.founded_on,
       c.industry,
       c.district,
       c.town,
       c.status,
       t.state AS taxpayer_state,
       i.persons AS insured_persons,
       r.credit_grade,
       r.year AS credit_year,
       1 + CASE WHEN t.uscc IS NULL THEN 0 ELSE 1 END
         + CASE WHEN i.uscc IS NULL THEN 0 ELSE 1 END
         + CASE WHEN r.uscc IS NULL THEN 0 ELSE 1 END AS sources
FROM companies c
LEFT JOIN taxpayers t ON t.uscc = c.uscc
LEFT JOIN insured i ON i.uscc = c.uscc
LEFT JOIN credit r ON r.uscc = c.uscc AND r.place = 1
