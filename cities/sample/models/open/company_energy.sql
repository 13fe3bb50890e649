/*
title = "企业用能月报"
title_en = "Energy by company"
summary = "每行是一家企业一个月的用电、用气和折标煤。受限开放：申请并签署协议后，按企业或月份查询。"
summary_en = "One row is one company's electricity, gas and standard coal in one month. Restricted: apply, sign, and query by company or month."
department = "economy"
key = ["report_no"]

[open]
to = "applicants"
condition = "申请人为企业、高校、科研机构或个人研究者，用于能效研究、节能服务或学术研究，不用于商业竞争。"
condition_en = "For companies, universities, research institutes and researchers: for work on energy efficiency, energy services or science, not for competition."
licence = "CC-BY-4.0"
theme = "economy"
keywords = ["用能", "用电", "能耗"]
keywords_en = ["energy", "electricity", "consumption"]
period = "monthly"
ask_by = ["uscc", "month", "district"]
rows = 500
rows_per_day = 5000
*/
SELECT report_no, uscc, company_name, month, electricity, gas, coal, district
FROM energy_monthly
