"""`python -m qmlcourse` does what the command `qmlcourse` does."""

from .cli import main

if __name__ == "__main__":
    raise SystemExit(main())
