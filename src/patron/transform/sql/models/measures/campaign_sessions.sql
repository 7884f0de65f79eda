{# Touches by as_of, with the steps that each reached: a confirmed order was in a cart, whether or not the source says so. #}
select
    touches.id_namespace,
    touches._row_key,
    touches.customer_id,
    touches.touched_at,
    touches.touched_date,
    coalesce(touches.campaign, 'No campaign') as campaign,
    touches.is_conversion or coalesce(touches.is_carted, false) as is_carted,
    touches.is_conversion,
    touches.is_conversion and coalesce(touches.is_returned, false) as is_returned,
    touches.is_conversion and not coalesce(touches.is_returned, false) as is_kept,
    case when touches.is_conversion then coalesce(touches.touch_amount, 0) else 0 end as revenue_amount,
    case when touches.is_conversion then touches.touch_margin_amount end as margin_amount
from {{ ref('campaign_touches') }} as touches
inner join {{ ref('as_of') }} as bounds on touches.touched_date <= bounds.as_of_date
