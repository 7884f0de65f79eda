{# What was known of each buyer when they first ordered, and how they have bought since: effects of covariates are fitted on it.
   Nothing that a customer did later is in a covariate. A view: it is computed when they are fitted, and only then. #}
{{ config(materialized='view') }}

with
    firsts as (

        select
            first_orders.customer_id,
            first_orders.id_namespace,
            first_orders.order_id,
            first_orders.order_date,
            orders.channel,
            orders.region
        from {{ ref('customer_first_orders') }} as first_orders
        inner join
            {{ ref('order_measures') }} as orders
            on first_orders.customer_id = orders.customer_id
            and first_orders.id_namespace = orders.id_namespace
            and first_orders.order_id = orders.order_id

    ),

    first_lines as (

        select firsts.customer_id, lines.country, products.category
        from firsts
        inner join
            {{ ref('order_lines') }} as lines
            on firsts.customer_id = lines.customer_id
            and firsts.id_namespace = lines.id_namespace
            and firsts.order_id = lines.order_id
        left join {{ ref('products') }} as products on lines.product_id = products.product_id
        where lines.line_kind = 'sale'

    ),

    first_countries as (select customer_id, min(country) as country from first_lines group by customer_id),

    {# the category of most lines of the basket; of ties, the alphabetically first #}
    categories as (

        select
            customer_id,
            category,
            row_number() over (partition by customer_id order by line_count desc, category) as place
        from
            (
                select customer_id, category, count(*) as line_count
                from first_lines
                where category is not null
                group by customer_id, category
            ) as counted

    ),

    {# a campaign that reached them by the day of the first order: later ones reach whoever is still there #}
    campaigns as (

        select
            touches.customer_id,
            touches.campaign,
            row_number() over (partition by touches.customer_id order by touches.touched_at, touches._row_key) as place
        from {{ ref('campaign_touches') }} as touches
        inner join firsts on touches.customer_id = firsts.customer_id and touches.touched_date <= firsts.order_date
        where touches.campaign is not null

    )

select
    buyers.customer_id,
    {{ text_hash('buyers.customer_id') }} as sample_key,
    buyers.repeat_count,
    {{ days_between('buyers.first_kept_date', 'buyers.last_kept_date') }} as recency_days,
    {{ days_between('buyers.first_kept_date', 'buyers.as_of_date') }} as age_days,
    buyers.kept_day_count,
    cast(buyers.net_amount as {{ type_double() }}) / buyers.kept_day_count as mean_spend,
    firsts.channel,
    campaigns.campaign,
    coalesce(on_file.region, firsts.region) as region,
    coalesce(on_file.country, first_countries.country) as country,
    on_file.gender,
    categories.category
from {{ ref('customer_measures') }} as buyers
left join firsts on buyers.customer_id = firsts.customer_id
left join first_countries on buyers.customer_id = first_countries.customer_id
left join categories on buyers.customer_id = categories.customer_id and categories.place = 1
left join campaigns on buyers.customer_id = campaigns.customer_id and campaigns.place = 1
left join {{ ref('customers') }} as on_file on buyers.customer_id = on_file.customer_id
where buyers.kept_day_count > 0
