{# Locations, and distances between them. #}

{# A coordinate as a whole number of the grid on which nearby points are one location (about 11 metres). #}
{% macro grid_number(degrees) -%}
cast(round({{ degrees }} * {{ var('location_scale') }}) as bigint)
{%- endmacro %}

{# The location of a point; null if a coordinate is unknown. #}
{% macro point_id(latitude, longitude) -%}
'point:' || cast({{ grid_number(latitude) }} as {{ type_text() }})
|| ':' || cast({{ grid_number(longitude) }} as {{ type_text() }})
{%- endmacro %}

{% macro store_location_id(store_id) %}'store:' || {{ store_id }}{% endmacro %}

{% macro in_radians(degrees) %}({{ degrees }} * 0.017453292519943295){% endmacro %}

{# Great-circle distance in whole metres by the haversine formula (Sinnott 1984), on a sphere of the Earth's mean radius,
   6,371.0088 km. Whole metres, so that sums do not depend on the order of addition. #}
{% macro distance_metres(latitude, longitude, to_latitude, to_longitude) -%}
{%- set half_north = in_radians('(' ~ to_latitude ~ ' - ' ~ latitude ~ ')') ~ ' / 2' -%}
{%- set half_east = in_radians('(' ~ to_longitude ~ ' - ' ~ longitude ~ ')') ~ ' / 2' -%}
{%- set chord = 'sin(' ~ half_north ~ ') * sin(' ~ half_north ~ ') + cos(' ~ in_radians(latitude) ~ ') * cos(' ~ in_radians(to_latitude) ~ ') * sin(' ~ half_east ~ ') * sin(' ~ half_east ~ ')' -%}
cast(round(12742017.6 * asin(sqrt(case when {{ chord }} > 1 then 1 else {{ chord }} end))) as bigint)
{%- endmacro %}

{# Seconds from one time to a later one; null if it is not later, which is a clock error. #}
{% macro seconds_between(first_time, last_time) -%}
case
    when {{ last_time }} >= {{ first_time }}
    then cast({{ seconds_apart(first_time, last_time) }} as bigint)
end
{%- endmacro %}

{# The mean of whole seconds in minutes, or of whole metres in kilometres; null if there is none. #}
{% macro mean_of_whole(numbers, by) -%}
cast({{ whole_sum(numbers) }} as {{ type_double() }}) / {{ by }} / nullif(count({{ numbers }}), 0)
{%- endmacro %}

{# The minute of the day, 0 to 1439: the key of dim_time. #}
{% macro minute_of_day(time) -%}
cast(extract(hour from {{ time }}) * 60 + extract(minute from {{ time }}) as bigint)
{%- endmacro %}
