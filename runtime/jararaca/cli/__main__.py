"""`python -m jararaca.cli` is the `jararaca` command."""

from jararaca.cli import main

main()
