{% set low, medium, window = var('churn_low_days'), var('churn_medium_days'), var('churn_window_days') %}

select 'Low' as churn_group, 1 as risk_order, 0 as min_days, {{ low }} as max_days
union all
select 'Medium' as churn_group, 2 as risk_order, {{ low + 1 }} as min_days, {{ medium }} as max_days
union all
select 'High' as churn_group, 3 as risk_order, {{ medium + 1 }} as min_days, {{ window }} as max_days
union all
select 'Churned' as churn_group, 4 as risk_order, {{ window + 1 }} as min_days, cast(null as int) as max_days
