with
    sold as (

        select product_id, min(first_line_date) as first_line_date, max(last_line_date) as last_line_date
        from {{ ref('product_prices') }}
        group by product_id

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
    products.assumed,
    sold.first_line_date,
    sold.last_line_date
from {{ ref('products') }} as products
full outer join sold on products.product_id = sold.product_id
