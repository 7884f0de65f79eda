"""`python -m patron`."""

from patron.cli.app import main

main()
