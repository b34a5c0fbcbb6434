"""`python -m scorec`: the same as the program `scorec`."""

from __future__ import annotations

from .cli import main

if __name__ == "__main__":
    main()
