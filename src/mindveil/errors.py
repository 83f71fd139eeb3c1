"""Everything that Mindveil raises on purpose, drawn as a tree.

MindveilError
├── InputError          exit 2   the corpus, study file or command line cannot be used as it is
│   └── MissingWeights  exit 2   model weights that a step needs are not installed
├── RefusedError        exit 4   going on would be unsafe (a key in the open, a path outside the corpus)
├── Interrupted         exit 130 the user stopped a run; running it again goes on where it stopped
└── InvalidMeasurement  -        an attack or a task cannot be run or believed here; the cell says why

Messages say what, where and what to do, with the value; never words of a participant.
"""

from __future__ import annotations


class MindveilError(Exception):
    """Base of all errors of this package; ``exit_code`` is what the command line returns."""

    exit_code: int = 2


class InputError(MindveilError):
    """The corpus, study file or command line cannot be used as it is."""


class MissingWeights(InputError):  # noqa: N818 - reads as a sentence: "missing weights"
    """Model weights that a step needs are not installed."""


class RefusedError(MindveilError):
    """Going on would be unsafe."""

    exit_code = 4


class Interrupted(MindveilError):  # noqa: N818 - it is a wish, not a fault
    """The user stopped a run; running it again goes on where it stopped."""

    exit_code = 130


class InvalidMeasurement(MindveilError):  # noqa: N818 - it is a finding, not a fault
    """An attack or a task cannot be run or believed on this corpus; the cell says why."""
