"""What a release is by its steps: people's records, people who do not exist, or a detector."""

from __future__ import annotations

from mindveil import catalog
from mindveil.anonymise.left_out import Omission
from mindveil.anonymise.measures_only import FaceMeasures, TextMeasures, VoiceMeasures
from mindveil.corpus.model import Modality
from mindveil.study import ReleasePart
from mindveil.synthesise.base import Synthesiser
from mindveil.train.detector import Trainer
from mindveil.train.federated import FederatedTraining


def is_of_nobody(release: ReleasePart) -> bool:
    """Whether the people of a release do not exist, so that no record is anybody's."""
    return any(isinstance(catalog.step(s.use, s.settings), Synthesiser) for s in release.steps)


def is_of_people(release: ReleasePart) -> bool:
    """Whether a release holds people's records."""
    return not (is_of_nobody(release) or trainer_of(release))


def trainer_of(release: ReleasePart) -> Trainer | None:
    """Return the step that makes a detector of a release, where there is one."""
    found = [catalog.step(s.use, s.settings) for s in release.steps[-1:]]
    return next((s for s in found if isinstance(s, Trainer)), None)


def is_federated(release: ReleasePart) -> bool:
    """Whether a release is a detector that clients teach, so that a server sees their updates."""
    return isinstance(trainer_of(release), FederatedTraining)


def measured_alone(release: ReleasePart) -> set[Modality]:
    """Return of which modalities a release of people's records holds measures alone."""
    if not is_of_people(release):
        return set()
    measures = _touched_by(release, (TextMeasures, VoiceMeasures, FaceMeasures))
    return measures - left_out(release)


def left_out(release: ReleasePart) -> set[Modality]:
    """Return which modalities a release of data holds nothing of."""
    return set() if trainer_of(release) else _touched_by(release, (Omission,))


def _touched_by(
    release: ReleasePart,
    kinds: tuple[type[TextMeasures | VoiceMeasures | FaceMeasures | Omission], ...],
) -> set[Modality]:
    steps = [catalog.step(s.use, s.settings) for s in release.steps]
    return {m for step in steps if isinstance(step, kinds) for m in step.changes}
