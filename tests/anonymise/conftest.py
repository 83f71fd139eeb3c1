"""What the tests of text protections share."""

from __future__ import annotations

import pytest

from mindveil.errors import MissingWeights
from mindveil.features import weights


@pytest.fixture
def model():
    """Skip where the English model is not installed."""
    pytest.importorskip("spacy")
    try:
        return weights.locate("spacy-en")
    except MissingWeights:
        pytest.skip("needs the English model: mindveil models install spacy-en")
