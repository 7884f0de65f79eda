"""The season of a shop, as a clock that runs faster in the months when customers buy more often."""
