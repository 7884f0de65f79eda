"""What is done with customers: lists of whom to contact, a control group, and the measured effect."""
