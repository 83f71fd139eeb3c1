"""All verbs, and how they end: 0 ok, 1 gate failed, 2 bad input, 3 partly failed, 4 refused."""

from __future__ import annotations

import os
import sys

from mindveil.engine.local import ONE_THREAD

os.environ.update({k: os.environ.get(k, v) for k, v in ONE_THREAD.items()})

import typer

from mindveil.cli import (
    corpus_verbs,
    explain_verb,
    federation_verbs,
    gate_verb,
    model_verbs,
    study_verbs,
    suite_verbs,
    sweep_verbs,
)
from mindveil.cli.printing import say_fault
from mindveil.errors import MindveilError

app = typer.Typer(
    name="mindveil",
    help="What may a clinical team release, and what does it still tell us?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
corpus_verbs.add_to(app)
explain_verb.add_to(app)
study_verbs.add_to(app)
gate_verb.add_to(app)
model_verbs.add_to(app)
federation_verbs.add_to(app)
suite_verbs.add_to(app)
sweep_verbs.add_to(app)


def main() -> None:
    """Run the command line and leave with its exit code."""
    try:
        app()
    except MindveilError as fault:
        say_fault(fault, as_json="--json" in sys.argv)
        sys.exit(fault.exit_code)
