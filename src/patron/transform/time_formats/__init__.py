"""How a source writes its times, found from the values where a mapping gives no format."""
