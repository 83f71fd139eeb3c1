"""The command line: parse, call, print."""

from mindveil.cli.main import main

__all__ = ["main"]
