"""What a shop of another size would take, by what was measured."""
