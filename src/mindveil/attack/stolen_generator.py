"""The generator behind a synthetic release, in the hands of somebody who took it."""

from __future__ import annotations

from mindveil.errors import InputError, InvalidMeasurement
from mindveil.release import DataRelease
from mindveil.synthesise.people import PeopleModel, load_people


def generator_of(release: DataRelease) -> PeopleModel:
    """Return the generator that drew a release.

    Raises:
        InvalidMeasurement: none was kept, or it cannot be read back: what was not attacked is
            not safe.
    """
    if release.model is None:
        raise InvalidMeasurement("no generator was kept with this release: there is none to steal")
    try:
        return load_people(release.model)
    except InputError as why:
        raise InvalidMeasurement(
            "the generator of this release cannot be read back, so that stealing it was not tried"
        ) from why
