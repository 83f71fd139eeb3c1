"""Which attacks meet a federation: what reads one person's update needs clients of one person."""

from __future__ import annotations

import numpy as np
import pytest
from tests.train.clinic import clinic

from mindveil import catalog
from mindveil.attack.base import OF_UPDATES
from mindveil.choices import attacks_of, meets_release
from mindveil.errors import InputError
from mindveil.study_file import parse_study

ALONE = "updates/attribute-inference"


def federated(tmp_path, use, **settings):
    step = {"use": "train/federated", "target": "phq9>=10", **settings}
    raw = {
        "study": "toy",
        "corpus": "corpus",
        "out": "run",
        "release": [{"name": "sites", "steps": [step]}],
        "attack": {"use": use},
        "utility": {"use": ["detect/phq9>=10"], "modalities": ["scales"]},
    }
    return parse_study(raw, "study.toml", tmp_path)


@pytest.mark.parametrize("split", ["even", "people"])
def test_a_federation_of_sites_is_not_asked_what_one_persons_update_says(split, tmp_path):
    """An attack that cannot be asked must not stand in a verdict as one that failed."""
    study = federated(tmp_path, ["all"], split=split)
    (release,) = (r for r in study.releases if r.name == "sites")
    met = {n for n in catalog.UPDATE_ATTACKS if meets_release(catalog.attack(n, {}), release)}
    assert met == {n for n in catalog.UPDATE_ATTACKS if n != ALONE or split == "people"}
    chosen, _ = attacks_of(study, clinic(40, np.random.default_rng(0)))
    assert (ALONE in chosen) == (split == "people")
    assert all(n.startswith(OF_UPDATES) for n in met)


def test_who_asks_it_by_name_is_told(tmp_path):
    study = federated(tmp_path, [ALONE])
    with pytest.raises(InputError, match="no client of a federation is a single person"):
        attacks_of(study, clinic(40, np.random.default_rng(0)))
