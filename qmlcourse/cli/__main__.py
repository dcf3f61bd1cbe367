"""`python -m qmlcourse.cli` does what the command `qmlcourse` does."""

from . import main

if __name__ == "__main__":
    raise SystemExit(main())
