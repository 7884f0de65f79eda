"""What files hold, before anything is mapped: columns, their values, and how these are written."""
