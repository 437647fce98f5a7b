"""What changes people's accounts: `registration`, `sessions` and `mailbox`."""
