"""`python -m fanzha` is the `fanzha` command."""

from fanzha.wiring.cli import main

if __name__ == "__main__":
    main()
