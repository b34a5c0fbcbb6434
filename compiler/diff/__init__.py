"""Two versions of a policy -> what changed, in words, and what it means for leads."""
