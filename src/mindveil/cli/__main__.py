"""``python -m mindveil.cli``."""

from mindveil.cli.main import main

main()
