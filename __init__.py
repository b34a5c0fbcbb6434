"""scorec: lead-scoring policies as text."""
