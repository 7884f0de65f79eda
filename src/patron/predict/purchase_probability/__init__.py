"""The probability of a purchase in the coming days: one number, from the model with the better record."""
