"""What other people's code may rely on."""

from __future__ import annotations

import subprocess
import sys

import mindveil as mv

NAMES = """
Attack Corpus DataRelease Estimate Executor InputError Knowledge LinkScores MediaFile MindveilError
ModelAttack ModelRelease Participant Predicates Predictions Protection Reading Recipe Session
SignalTask Study Trainer Trial UtilityTask audit_estimator build_sample load_corpus load_detector
load_study run save_corpus
""".split()


def test_the_public_names_are_these():
    assert mv.__all__ == NAMES == sorted(NAMES)


def test_every_public_name_is_there_and_documented():
    for name in NAMES:
        assert getattr(mv, name).__doc__, name


def test_importing_the_package_loads_no_library():
    code = (
        "import sys, mindveil; "
        "print({'numpy', 'pandas', 'scipy', 'sklearn', 'pydantic'} & set(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "set()"
