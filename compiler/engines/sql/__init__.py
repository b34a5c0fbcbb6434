"""The relational lowering: a program as the steps of one SQL statement, for any dialect that can say it exactly."""
