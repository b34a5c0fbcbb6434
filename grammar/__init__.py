"""How a policy is written: the grammar and its words, as text."""
