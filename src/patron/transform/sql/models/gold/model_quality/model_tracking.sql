select model, origin_date, week, is_held_out, predicted as predicted_repeat_count, actual as actual_repeat_count
from {{ source('predictions', 'purchase_model_tracking') }}
