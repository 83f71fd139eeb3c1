"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

REAL_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def real_data() -> Path:
    """Return the folder of real public data, where there is one."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"the real data folder {REAL_DATA} is not on this machine")
    return REAL_DATA
