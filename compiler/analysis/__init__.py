"""What can be said about every possible lead: proofs, and witnesses that can be looked at."""
