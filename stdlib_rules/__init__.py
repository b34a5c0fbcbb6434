"""Libraries of rules, written in the language itself."""
