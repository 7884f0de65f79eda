select prediction, is_made, what_is_missing, model, fitted_as_of_date, cautions, notes
from {{ source('predictions', 'outcomes') }}
