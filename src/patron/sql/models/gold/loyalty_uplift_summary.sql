{# Two looks: crossers before and after; and how their change differs from that of others with the same early behaviour who
   bought in the same window (difference in differences, macros/matching.sql). All a rate of 30 days. #}
{% set double = type_double() %}
{% set measures = ['net_amount', 'order_count'] %}
{% set scaled = ' as ' ~ double ~ ') * 30 / ' ~ var('questions')['loyalty_uplift']['window_days'] %}

with
    windows as (

        select
            window_number,
            early_order_band,
            early_spend_band,
            is_crosser as is_case,
            {% for measure in measures -%}
                cast(
                    before_{{ measure }}{{ scaled }} as before_{{ measure }},
                    cast(after_{{ measure }}{{ scaled }} as after_{{ measure }}{{ ',' if not loop.last }}
            {% endfor %}
                    from {{ ref('loyalty_windows') }}

                ),

                observed as (

                    {% for measure in measures -%}
                        {% for part, seen in [
                ('before', 'before_' ~ measure),
                ('after', 'after_' ~ measure),
                ('change', 'after_' ~ measure ~ ' - before_' ~ measure),
            ] -%}
                            select
                                '{{ part }}' as comparison,
                                '{{ measure }}' as measure,
                                window_number,
                                early_order_band,
                                early_spend_band,
                                is_case,
                                {{ seen }} as seen
                            from windows {{ 'union all' if not loop.last }}
                            {% endfor -%} {{ 'union all' if not loop.last }}
                    {% endfor %}
                ),

                {{ matched_means(['window_number', 'early_order_band', 'early_spend_band']) }},

                looks as (

                    select
                        'matched on early behaviour' as comparison,
                        changes.measure,
                        changes.case_count,
                        changes.other_count,
                        changes.unmatched_count,
                        befores.case_mean as crosser_before_mean,
                        afters.case_mean as crosser_after_mean,
                        befores.other_mean as other_before_mean,
                        afters.other_mean as other_after_mean,
                        changes.case_mean - changes.other_mean as difference,
                        changes.standard_error
                    from matched_means as changes
                    inner join
                        matched_means as befores on changes.measure = befores.measure and befores.comparison = 'before'
                    inner join
                        matched_means as afters on changes.measure = afters.measure and afters.comparison = 'after'
                    where changes.comparison = 'change'
                    {% for measure in measures %}
                        union all
                        select
                            'before and after' as comparison,
                            '{{ measure }}' as measure,
                            cast(count(*) as {{ double }}) as case_count,
                            0 as other_count,
                            0 as unmatched_count,
                            sum(before_{{ measure }}) / count(*) as crosser_before_mean,
                            sum(after_{{ measure }}) / count(*) as crosser_after_mean,
                            null as other_before_mean,
                            null as other_after_mean,
                            sum(after_{{ measure }} - before_{{ measure }}) / count(*) as difference,
                            {{ standard_error_of_mean('(after_' ~ measure ~ ' - before_' ~ measure ~ ')') }}
                            as standard_error
                        from windows
                        where is_case
                        having count(*) > 0
                    {% endfor %}
                ),

                ends as (

                    select
                        looks.*,
                        difference - {{ normal_quantile() }} * standard_error as difference_low,
                        difference + {{ normal_quantile() }} * standard_error as difference_high
                    from looks

                )

                select
                    comparison,
                    measure,
                    cast(case_count as {{ dbt.type_bigint() }}) as crosser_count,
                    cast(other_count as {{ dbt.type_bigint() }}) as other_count,
                    cast(unmatched_count as {{ dbt.type_bigint() }}) as unmatched_count,
                    round(crosser_before_mean, 4) as crosser_before_mean,
                    round(crosser_after_mean, 4) as crosser_after_mean,
                    round(other_before_mean, 4) as other_before_mean,
                    round(other_after_mean, 4) as other_after_mean,
                    round(difference, 4) as difference,
                    round(difference_low, 4) as difference_low,
                    round(difference_high, 4) as difference_high,
                    {{ reading('difference_low', 'difference_high') }} as reading
                from ends
