{% set amounts = [
    'gross', 'discount', 'refund', 'free', 'adjustment', 'bad_debt', 'charge', 'gift_card', 'invalid',
    'not_completed', 'test', 'raw', 'shared'
] %}

select
    source_name,
    ledger_date,
    {{ whole_sum('line_count') }} as line_count,
    {{ whole_sum('raw_line_count') }} as raw_line_count,
    {% for amount in amounts -%} sum({{ amount }}_amount) as {{ amount }}_amount{{ ',' if not loop.last }} {% endfor %}
from {{ ref('batch_ledger') }}
group by source_name, ledger_date
