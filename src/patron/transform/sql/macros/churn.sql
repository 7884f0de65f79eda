{# What was known of each buyer on given days: the same for past days, to learn from, and for as_of, to predict. Of as_of, what no
   day changes was added up before, for the customers whose lines changed: a past day is not among what is kept.

   cutoffs: a relation of as_of_date, the last day included; see models/predictions/inputs/churn_cutoffs. Nothing
   later is read: only columns that a later row cannot change (so no order status, no tier, no points balance), and only
   rows up to as_of_date. A customer's next purchase is read in one place, and only as a label.

   is_sampled: only customers whose sample_key is below that of predictions.churn_sample.
   windows: numbers of days; each gives a label left_<days>: 1 if the customer bought on none of the days after as_of_date,
   0 if they did, null if not all of these days have been observed. #}
{% macro churn_features(cutoffs, windows=[], is_sampled=false) -%}
{%- set has_products, has_channel = is_mapped('order_lines', 'product_id'), is_mapped('order_lines', 'channel') -%}
{%- set has_support = is_mapped('service_interactions', 'customer_id') -%}
{%- set has_members, has_points = is_mapped('loyalty_accounts', 'joined_date'), is_mapped('loyalty_transactions', 'points_change') -%}
with
    cutoffs as (select as_of_date from {{ cutoffs }}),

    {% if windows %} bought as ({{ churn_purchases(is_sampled) }}),
    {% else %} recent as ({{ churn_recent_purchases() }}),

    bought as ({{ churn_purchases_to_date() }}),
    {% endif %}

    usual as ({{ churn_usual_gaps() }}),

    {% if has_products %} baskets as ({{ churn_baskets(is_sampled) }}), {% endif %}
    {% if has_channel %} channels as ({{ churn_channels(is_sampled) }}), {% endif %}
    {% if has_support %} contacts as ({{ churn_contacts(is_sampled) }}), {% endif %}
    {% if has_members %} members as ({{ churn_members(is_sampled) }}), {% endif %}
    {% if has_points %} points as ({{ churn_points(is_sampled) }}), {% endif %}
    rhythms as (

        select
            bought.*,
            {{ days_between('bought.last_order_date', 'bought.as_of_date') }} as days_since_last_order,
            {{ days_between('bought.first_order_date', 'bought.last_order_date') }}
            / cast(nullif(bought.purchase_day_count - 1, 0) as {{ type_double() }}) as mean_gap_days,
            usual.usual_gap_days
        from bought
        left join usual on bought.as_of_date = usual.as_of_date

    )

select
    rhythms.customer_id,
    rhythms.as_of_date,
    {{ sample_key('rhythms.customer_id') }} as sample_key,
    rhythms.days_since_last_order,
    {{ days_between('rhythms.first_order_date', 'rhythms.as_of_date') }} as tenure_days,
    rhythms.purchase_day_count,
    rhythms.order_count,
    rhythms.mean_gap_days,
    rhythms.longest_gap_days,
    sqrt(
        cast(rhythms.gap_squares_sum as {{ type_double() }}) / nullif(rhythms.purchase_day_count - 1, 0)
    ) / nullif(rhythms.mean_gap_days, 0) as gap_unevenness,
    rhythms.days_since_last_order / coalesce(rhythms.mean_gap_days, rhythms.usual_gap_days) as silence_to_mean_gap,
    rhythms.days_since_last_order / cast(
        coalesce(rhythms.longest_gap_days, rhythms.usual_gap_days) as {{ type_double() }}
    ) as silence_to_longest_gap,
    rhythms.purchase_day_count_30d,
    rhythms.purchase_day_count_90d,
    rhythms.purchase_day_count_prior_90d,
    {{ churn_trend('rhythms.purchase_day_count_90d', 'rhythms.purchase_day_count_prior_90d') }} as purchase_day_trend,
    cast(rhythms.net_amount as {{ type_double() }}) as net_amount,
    cast(rhythms.net_amount as {{ type_double() }}) / rhythms.order_count as average_order_value,
    cast(rhythms.spent_amount_90d as {{ type_double() }}) as spent_amount_90d,
    cast(rhythms.spent_amount_prior_90d as {{ type_double() }}) as spent_amount_prior_90d,
    {{ churn_trend('rhythms.spent_amount_90d', 'rhythms.spent_amount_prior_90d') }} as spend_trend,
    {{ churn_share('0 - rhythms.discount_amount', 'rhythms.gross_amount') }} as discount_share,
    {{ churn_share('0 - rhythms.refund_amount', 'rhythms.gross_amount') }} as refund_share,
    cast(rhythms.sale_line_count as {{ type_double() }}) / rhythms.order_count as lines_per_order
    {%- if has_products %},
    cast(baskets.product_count as {{ type_double() }}) / nullif(baskets.day_count, 0) as products_per_day,
    cast(baskets.product_count_90d as {{ type_double() }}) / nullif(baskets.day_count_90d, 0) as products_per_day_90d
    {%- endif %}
    {%- if has_channel %},
    channels.main_channel,
    coalesce(channels.channel_count, 0) as channel_count
    {%- endif %}
    {%- if has_support %},
    coalesce(contacts.contact_count, 0) as contact_count,
    coalesce(contacts.contact_count_90d, 0) as contact_count_90d,
    contacts.days_since_last_contact
    {%- endif %}
    {%- if has_members %},
    members.member_days
    {%- endif %}
    {%- if has_points %},
    cast(coalesce(points.points_earned_90d, 0) as {{ type_double() }}) as points_earned_90d,
    cast(coalesce(points.points_redeemed_90d, 0) as {{ type_double() }}) as points_redeemed_90d,
    points.days_since_points
    {%- endif %}
    {%- for days in windows %},
    case
        when {{ plus_days('rhythms.as_of_date', days) }} > seen.as_of_date then null
        when rhythms.next_order_date <= {{ plus_days('rhythms.as_of_date', days) }} then 0
        else 1
    end as left_{{ days }}
    {%- endfor %}
from rhythms
{%- if windows %}
cross join {{ ref('as_of') }} as seen
{%- endif %}
{%- for name, is_there in {'baskets': has_products, 'channels': has_channel, 'contacts': has_support, 'members': has_members, 'points': has_points}.items() if is_there %}
left join {{ name }} on rhythms.customer_id = {{ name }}.customer_id and rhythms.as_of_date = {{ name }}.as_of_date
{%- endfor %}
{%- endmacro %}

{# The same digits for the same customer on every engine. #}
{% macro sample_key(customer_id) -%} {{ text_hash(customer_id) }} {%- endmacro %}

{# A table of customers' rows, or those of the sample: filtered first, so that the rest costs only what the sample does. #}
{% macro of_sample(rows, is_sampled) -%}
{%- if is_sampled -%}
(
    select * from {{ rows }}
    where {{ sample_key('customer_id') }} < (select max(below_key) from {{ source('predictions', 'churn_sample') }})
)
{%- else -%} {{ rows }} {%- endif -%}
{%- endmacro %}

{# A row of a table of days or events counts for each cutoff that it does not come after. #}
{% macro up_to_cutoff(date) -%} inner join cutoffs on {{ date }} <= cutoffs.as_of_date {%- endmacro %}

{# Whether a day is among the last so many up to a cutoff, skipping so many. #}
{% macro in_last(days, date, less=0) -%}
{{ date }} > {{ plus_days('cutoffs.as_of_date', -(days + less)) }}
{%- if less %} and {{ date }} <= {{ plus_days('cutoffs.as_of_date', -less) }}{% endif %}
{%- endmacro %}

{# One pass over customers' days. A day's next purchase is a gap only if it comes before the cutoff; a day whose orders had all been
   refunded in full by the cutoff is no purchase. #}
{% macro churn_purchases(is_sampled) -%}
{%- set is_kept = 'days.sale_line_count > 0 and coalesce(days.fully_refunded_date > cutoffs.as_of_date, true)' %}
select
    days.customer_id,
    cutoffs.as_of_date,
    min(case when {{ is_kept }} then days.activity_date end) as first_order_date,
    max(case when {{ is_kept }} then days.activity_date end) as last_order_date,
    min(case when days.next_kept_date > cutoffs.as_of_date then days.next_kept_date end) as next_order_date,
    count(case when {{ is_kept }} then 1 end) as purchase_day_count,
    {{ whole_sum('days.order_count') }} as order_count,
    {{ whole_sum('days.sale_line_count') }} as sale_line_count,
    sum(days.gross_amount) as gross_amount,
    sum(days.discount_amount) as discount_amount,
    sum(days.refund_amount) as refund_amount,
    sum(days.net_amount) as net_amount,
    max({{ churn_gap() }}) as longest_gap_days,
    sum({{ churn_gap('cast(%s as bigint) * %s') }}) as gap_squares_sum,
    count(case when {{ is_kept }} and {{ in_last(30, 'days.activity_date') }} then 1 end) as purchase_day_count_30d,
    {% for name, less in {'90d': 0, 'prior_90d': 90}.items() -%}
    count(
        case when {{ is_kept }} and {{ in_last(90, 'days.activity_date', less) }} then 1 end
    ) as purchase_day_count_{{ name }},
    sum(
        case when {{ in_last(90, 'days.activity_date', less) }} then days.gross_amount + days.discount_amount else 0 end
    ) as spent_amount_{{ name }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ of_sample(ref('customer_days'), is_sampled) }} as days
{{ up_to_cutoff('days.activity_date') }}
group by days.customer_id, cutoffs.as_of_date
having
    max(case when {{ is_kept }} then days.activity_date end)
    >= {{ plus_days('cutoffs.as_of_date', -var('churn_active_days')) }}
    and sum(days.order_count) > 0
{%- endmacro %}

{# As churn_purchases, for as_of alone. #}
{% macro churn_purchases_to_date() -%}
select
    totals.customer_id,
    cutoffs.as_of_date,
    totals.first_kept_date as first_order_date,
    totals.last_kept_date as last_order_date,
    totals.kept_day_count as purchase_day_count,
    totals.order_count,
    totals.sale_line_count,
    totals.gross_amount,
    totals.discount_amount,
    totals.refund_amount,
    totals.net_amount,
    totals.longest_purchase_gap_days as longest_gap_days,
    totals.purchase_gap_squares_sum as gap_squares_sum,
    {% for name in ['30d', '90d', 'prior_90d'] -%}
    coalesce(recent.purchase_day_count_{{ name }}, 0) as purchase_day_count_{{ name }},
    {% endfor -%}
    coalesce(recent.spent_amount_90d, 0) as spent_amount_90d,
    coalesce(recent.spent_amount_prior_90d, 0) as spent_amount_prior_90d
from {{ ref('customer_totals') }} as totals
inner join
    cutoffs
    on totals.last_kept_date >= {{ plus_days('cutoffs.as_of_date', -var('churn_active_days')) }}
left join recent on totals.customer_id = recent.customer_id
where totals.order_count > 0
{%- endmacro %}

{# What moves with the day: the customers' days of the last 180. #}
{% macro churn_recent_purchases() -%}
{%- set is_kept = 'days.sale_line_count > 0 and days.fully_refunded_date is null' %}
select
    days.customer_id,
    count(case when {{ is_kept }} and {{ in_last(30, 'days.activity_date') }} then 1 end) as purchase_day_count_30d,
    {% for name, less in {'90d': 0, 'prior_90d': 90}.items() -%}
    count(
        case when {{ is_kept }} and {{ in_last(90, 'days.activity_date', less) }} then 1 end
    ) as purchase_day_count_{{ name }},
    sum(
        case when {{ in_last(90, 'days.activity_date', less) }} then days.gross_amount + days.discount_amount else 0 end
    ) as spent_amount_{{ name }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('customer_days') }} as days
inner join cutoffs on {{ in_last(180, 'days.activity_date') }}
group by days.customer_id
{%- endmacro %}

{# Days to the next purchase, if known at the cutoff. shape: the expression applied to them. #}
{% macro churn_gap(shape='%s') -%}
case
    when days.next_purchase_date <= cutoffs.as_of_date
    then {{ shape | replace('%s', days_between('days.activity_date', 'days.next_purchase_date')) }}
end
{%- endmacro %}

{# The mean gap of all customers' purchases: the reference for customers who bought once. #}
{% macro churn_usual_gaps() -%}
select
    cutoffs.as_of_date,
    {{ whole_sum(days_between('days.activity_date', 'days.next_purchase_date')) }}
    / cast(count(*) as {{ type_double() }}) as usual_gap_days
from {{ ref('customer_days') }} as days
{{ up_to_cutoff('days.next_purchase_date') }}
group by cutoffs.as_of_date
{%- endmacro %}

{% macro churn_baskets(is_sampled) -%}
select
    days.customer_id,
    cutoffs.as_of_date,
    {{ whole_sum('days.product_count') }} as product_count,
    count(*) as day_count,
    {{ whole_sum('case when ' ~ in_last(90, 'days.activity_date') ~ ' then days.product_count else 0 end') }} as product_count_90d,
    count(case when {{ in_last(90, 'days.activity_date') }} then 1 end) as day_count_90d
from {{ of_sample(ref('customer_baskets'), is_sampled) }} as days
{{ up_to_cutoff('days.activity_date') }}
group by days.customer_id, cutoffs.as_of_date
{%- endmacro %}

{# The channel of most purchase days; ties go to the alphabetically first. #}
{% macro churn_channels(is_sampled) -%}
select
    customer_id,
    as_of_date,
    count(*) as channel_count,
    max(case when place = 1 then channel end) as main_channel
from
    (
        select
            counted.*,
            row_number() over (
                partition by customer_id, as_of_date order by day_count desc, channel
            ) as place
        from
            (
                select days.customer_id, cutoffs.as_of_date, days.channel, count(*) as day_count
                from {{ of_sample(ref('customer_baskets'), is_sampled) }} as days
                {{ up_to_cutoff('days.activity_date') }}
                where days.channel is not null
                group by days.customer_id, cutoffs.as_of_date, days.channel
            ) as counted
    ) as placed
group by customer_id, as_of_date
{%- endmacro %}

{# When customers contacted support; the outcome may have been recorded later. #}
{% macro churn_contacts(is_sampled) -%}
select
    events.customer_id,
    cutoffs.as_of_date,
    count(*) as contact_count,
    count(case when {{ in_last(90, 'events.contacted_date') }} then 1 end) as contact_count_90d,
    {{ days_between('max(events.contacted_date)', 'cutoffs.as_of_date') }} as days_since_last_contact
from {{ of_sample(ref('service_interactions'), is_sampled) }} as events
{{ up_to_cutoff('events.contacted_date') }}
where events.customer_id is not null
group by events.customer_id, cutoffs.as_of_date
{%- endmacro %}

{% macro churn_members(is_sampled) -%}
select
    accounts.customer_id,
    cutoffs.as_of_date,
    {{ days_between('min(accounts.joined_date)', 'cutoffs.as_of_date') }} as member_days
from {{ of_sample(ref('loyalty_accounts'), is_sampled) }} as accounts
{{ up_to_cutoff('accounts.joined_date') }}
group by accounts.customer_id, cutoffs.as_of_date
{%- endmacro %}

{% macro churn_points(is_sampled) -%}
{%- set is_recent = in_last(90, 'moves.changed_date') -%}
select
    moves.customer_id,
    cutoffs.as_of_date,
    sum(case when moves.points_change > 0 and {{ is_recent }} then moves.points_change end) as points_earned_90d,
    0 - sum(case when moves.points_change < 0 and {{ is_recent }} then moves.points_change end) as points_redeemed_90d,
    {{ days_between('max(moves.changed_date)', 'cutoffs.as_of_date') }} as days_since_points
from
    (
        select accounts.customer_id, cast(changes.changed_at as date) as changed_date, changes.points_change
        from {{ ref('loyalty_transactions') }} as changes
        inner join
            {{ of_sample(ref('loyalty_accounts'), is_sampled) }} as accounts
            on changes.loyalty_id = accounts.loyalty_id
            and coalesce(accounts.joined_date <= cast(changes.changed_at as date), true)
    ) as moves
{{ up_to_cutoff('moves.changed_date') }}
group by moves.customer_id, cutoffs.as_of_date
{%- endmacro %}

{# -1 (all of it earlier) to 1 (all of it recent); null if there was neither. #}
{% macro churn_trend(recent, prior) -%}
case
    when {{ recent }} + {{ prior }} > 0
    then cast({{ recent }} - {{ prior }} as {{ type_double() }}) / cast({{ recent }} + {{ prior }} as {{ type_double() }})
end
{%- endmacro %}

{% macro churn_share(part, whole) -%}
case when {{ whole }} > 0 then cast({{ part }} as {{ type_double() }}) / cast({{ whole }} as {{ type_double() }}) end
{%- endmacro %}

{# The larger or the smaller of two numbers; of a known and an unknown one, the known. #}
{% macro larger(one, other) -%}
case when {{ one }} >= {{ other }} or {{ other }} is null then {{ one }} else {{ other }} end
{%- endmacro %}

{% macro smaller(one, other) -%}
case when {{ one }} <= {{ other }} or {{ other }} is null then {{ one }} else {{ other }} end
{%- endmacro %}
