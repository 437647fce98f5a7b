"""What changes people's accounts: `registration` and `sessions`."""
