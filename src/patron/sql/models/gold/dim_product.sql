with
    sold as (

        select lines.product_id, min(lines.order_date) as first_line_date, max(lines.order_date) as last_line_date
        from {{ ref('order_lines') }} as lines
        inner join {{ ref('as_of') }} as bounds on lines.order_date <= bounds.as_of_date
        where lines.product_id is not null
        group by lines.product_id

    )

select
    coalesce(products.product_id, sold.product_id) as product_id,
    products.product_name,
    products.category,
    products.subcategory,
    products.department,
    products.brand,
    products.list_price,
    products.unit_cost,
    sold.first_line_date,
    sold.last_line_date
from {{ ref('products') }} as products
full outer join sold on products.product_id = sold.product_id
