"""What is likely, or how something sounds: what no arithmetic over rows can tell."""
