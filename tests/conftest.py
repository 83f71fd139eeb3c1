"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# How long an example takes depends on what else the machine does: no example fails for that.
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")

REAL_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def real_data() -> Path:
    """Return the folder of real public data, where there is one."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"the real data folder {REAL_DATA} is not on this machine")
    return REAL_DATA
