from __future__ import annotations

from pathlib import Path

import pytest
from tests.federation.hospitals import Hospitals, hospitals
from tests.federation.lines import at_another_place


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Hospitals:
    """Return hospitals whose corpora are read only; states are per test (see ``wards``)."""
    return hospitals(tmp_path_factory.mktemp("hospitals"), 3)


@pytest.fixture
def wards(three: Hospitals, tmp_path: Path) -> Hospitals:
    """Return the same hospitals with fresh policies and states."""
    return at_another_place(three, tmp_path)
