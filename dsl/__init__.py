"""The language: what a policy is and what it means. Standard library only: no parser, no SQL, no files, no clock."""
