select calendar_date as activity_date, dau, wau, mau, cast(dau as {{ type_double() }}) / nullif(mau, 0) as stickiness
from {{ ref('day_measures') }}
