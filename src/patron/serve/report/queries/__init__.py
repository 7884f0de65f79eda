"""What a report asks gold, and the sentences that follow from the answers."""
