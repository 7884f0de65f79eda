-- How long do customers take to become regulars, and do they then spend more than similar customers?
select
    summary.comparison,
    summary.measure,
    summary.crosser_count,
    summary.other_count,
    summary.unmatched_count,
    summary.crosser_before_mean,
    summary.crosser_after_mean,
    summary.other_before_mean,
    summary.other_after_mean,
    summary.difference,
    summary.difference_low,
    summary.difference_high,
    summary.adjusted_p_value,
    summary.compared_count,
    summary.reading,
    crossers.reached_count,
    crossers.median_days_to_cross
from loyalty_uplift_summary as summary
cross join
    (
        select count(*) as reached_count, median(days_to_cross) as median_days_to_cross from loyalty_uplift
    ) as crossers
order by summary.comparison, summary.measure
