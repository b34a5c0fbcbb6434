"""Everything that turns one thing into another: text into a tree, a tree into a program, a program into code."""
