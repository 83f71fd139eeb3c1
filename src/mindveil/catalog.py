"""Every protection, attack and task by name: plain dictionaries, so that a search finds all.

A third party's class is named in the study file by dotted path (``my_package.attacks:MyAttack``)
and needs no entry here.
"""

from __future__ import annotations

import dataclasses
import importlib
from collections.abc import Mapping
from typing import TypeVar, get_type_hints

from pydantic import TypeAdapter, ValidationError

from mindveil.anonymise.base import Protection
from mindveil.anonymise.face_anonymise import FaceAnonymise
from mindveil.anonymise.face_blur import FaceBlur
from mindveil.anonymise.face_mask import FaceMask
from mindveil.anonymise.left_out import FaceOmit, TextOmit, VoiceOmit
from mindveil.anonymise.measures_only import FaceMeasures, TextMeasures, VoiceMeasures
from mindveil.anonymise.scales_anonymise import ScalesAnonymise
from mindveil.anonymise.text_anonymise import TextAnonymise
from mindveil.anonymise.text_redact import TextRedact
from mindveil.anonymise.voice_anonymise import VoiceAnonymise
from mindveil.anonymise.voice_mcadams import VoiceMcadams
from mindveil.anonymise.voice_pseudo_voice import VoicePseudoVoice
from mindveil.attack.artefact import Artefact
from mindveil.attack.attribute_inference import FaceAttributes, VoiceAttributes
from mindveil.attack.authorship import Authorship
from mindveil.attack.base import AnyAttack, Attack, ModelAttack, UpdateAttack
from mindveil.attack.cross_modal import CrossModal
from mindveil.attack.face_linkage import FaceLinkage
from mindveil.attack.feature_inversion import TextInversion, VoiceInversion
from mindveil.attack.fused_linkage import FusedLinkage
from mindveil.attack.model_artefact import ModelArtefact
from mindveil.attack.model_attribute_inference import ModelAttributeInference
from mindveil.attack.model_audit import OneRunAudit
from mindveil.attack.model_exposure import ModelExposure
from mindveil.attack.model_inversion import ModelInversion
from mindveil.attack.model_membership import (
    MembershipLabelOnly,
    MembershipLira,
    MembershipLoss,
    MembershipQuantile,
    MembershipRmia,
)
from mindveil.attack.model_property_inference import ModelPropertyInference
from mindveil.attack.nearest_record import NearestRecord
from mindveil.attack.release_leaks import ReleaseLeaks
from mindveil.attack.residual_identifiers import ResidualIdentifiers
from mindveil.attack.scales_linkage import ScalesLinkage
from mindveil.attack.scales_singling_out import ScalesSinglingOut
from mindveil.attack.shadow_membership import ShadowMembership
from mindveil.attack.speaker_linkage import SpeakerLinkage
from mindveil.attack.stolen_model import StolenModel
from mindveil.attack.table_inference import SyntheticInference
from mindveil.attack.table_linkage import SyntheticLinkage
from mindveil.attack.table_membership import SyntheticMembership
from mindveil.attack.table_singling_out import SyntheticSinglingOut
from mindveil.attack.tracing import SyntheticTracing
from mindveil.attack.update_attribute_inference import UpdateAttributeInference
from mindveil.attack.update_inversion import GradientInversion
from mindveil.attack.update_membership import UpdateMembership
from mindveil.attack.update_poisoning import Poisoning
from mindveil.corpus.model import Stream
from mindveil.errors import InputError
from mindveil.study import Setting
from mindveil.study_file import did_you_mean
from mindveil.synthesise.copula import Copula
from mindveil.synthesise.dp_copula import DpCopula
from mindveil.synthesise.gan import DpGan, Gan
from mindveil.synthesise.marginals import DpMarginals
from mindveil.train.central import CentralTraining
from mindveil.train.detector import Trainer
from mindveil.train.federated import FederatedTraining
from mindveil.train.pate_training import PateTraining
from mindveil.train.private import PrivateTraining
from mindveil.utility.augmentation import Augmentation
from mindveil.utility.base import AugmentationTask, FidelityTask, SignalTask, UtilityTask
from mindveil.utility.contamination import Contamination
from mindveil.utility.detection import Detection
from mindveil.utility.identity import Identity
from mindveil.utility.intelligibility import Intelligibility
from mindveil.utility.interviewer import Interviewer
from mindveil.utility.psychometrics import Psychometrics
from mindveil.utility.recognition import Recognition
from mindveil.utility.retention import Retention
from mindveil.utility.screening import RestScore, Screener
from mindveil.utility.severity import Severity
from mindveil.utility.validity import ValidityTask

T = TypeVar("T")

PROTECTIONS: dict[str, type[Protection]] = {
    "face/anonymise": FaceAnonymise,
    "face/blur": FaceBlur,
    "face/mask": FaceMask,
    "face/measures": FaceMeasures,
    "face/omit": FaceOmit,
    "scales/anonymise": ScalesAnonymise,
    "synthesise/copula": Copula,
    "synthesise/dp-copula": DpCopula,
    "synthesise/dp-gan": DpGan,
    "synthesise/dp-marginals": DpMarginals,
    "synthesise/gan": Gan,
    "text/anonymise": TextAnonymise,
    "text/measures": TextMeasures,
    "text/omit": TextOmit,
    "text/redact": TextRedact,
    "voice/anonymise": VoiceAnonymise,
    "voice/mcadams": VoiceMcadams,
    "voice/measures": VoiceMeasures,
    "voice/omit": VoiceOmit,
    "voice/pseudo-voice": VoicePseudoVoice,
}

TRAINERS: dict[str, type[Trainer]] = {
    "train/central": CentralTraining,
    "train/dp": PrivateTraining,
    "train/federated": FederatedTraining,
    "train/pate": PateTraining,
}
"""Steps at the end of a release that make a detector of its people."""

ATTACKS: dict[str, type[Attack]] = {
    "face/attribute-inference": FaceAttributes,
    "face/linkage": FaceLinkage,
    "fused/cross-modal": CrossModal,
    "fused/linkage": FusedLinkage,
    "release/leaks": ReleaseLeaks,
    "scales/linkage": ScalesLinkage,
    "scales/singling-out": ScalesSinglingOut,
    "synthetic/artefact": Artefact,
    "synthetic/attribute-inference": SyntheticInference,
    "synthetic/linkage": SyntheticLinkage,
    "synthetic/membership": SyntheticMembership,
    "synthetic/nearest-record": NearestRecord,
    "synthetic/shadow-membership": ShadowMembership,
    "synthetic/singling-out": SyntheticSinglingOut,
    "synthetic/stolen-model": StolenModel,
    "synthetic/tracing": SyntheticTracing,
    "text/authorship": Authorship,
    "text/inversion": TextInversion,
    "text/residual-identifiers": ResidualIdentifiers,
    "voice/attribute-inference": VoiceAttributes,
    "voice/inversion": VoiceInversion,
    "voice/speaker-linkage": SpeakerLinkage,
}

MODEL_ATTACKS: dict[str, type[ModelAttack]] = {
    "model/artefact": ModelArtefact,
    "model/attribute-inference": ModelAttributeInference,
    "model/exposure": ModelExposure,
    "model/inversion": ModelInversion,
    "model/membership-label-only": MembershipLabelOnly,
    "model/membership-lira": MembershipLira,
    "model/membership-loss": MembershipLoss,
    "model/membership-quantile": MembershipQuantile,
    "model/membership-rmia": MembershipRmia,
    "model/one-run-audit": OneRunAudit,
    "model/property-inference": ModelPropertyInference,
}
"""Attacks on a trained detector."""

UPDATE_ATTACKS: dict[str, type[UpdateAttack]] = {
    "updates/attribute-inference": UpdateAttributeInference,
    "updates/gradient-inversion": GradientInversion,
    "updates/membership": UpdateMembership,
    "updates/poisoning": Poisoning,
}
"""Attacks from the server's seat of a federation."""

TASKS: dict[str, type[UtilityTask]] = {
    "detect": Detection,
    "rest": RestScore,
    "screener": Screener,
    "severity": Severity,
}

COMPARISONS: dict[str, type[FidelityTask | AugmentationTask]] = {
    "augment": Augmentation,
    "psychometrics": Psychometrics,
}
"""Questions that set a release beside the very people it was made from, by family."""

SIGNALS: dict[str, type[SignalTask]] = {
    "intelligibility": Intelligibility,
    "recognition": Recognition,
    "retention": Retention,
}
"""Questions about recordings, by family; the rest of the name is the modality."""

VALIDITY: dict[str, type[ValidityTask]] = {
    "identity": Identity,
    "interviewer": Interviewer,
}
"""Questions about the evidence itself, by family; the rest of the name is a target."""

CHECKS: dict[str, type[Contamination]] = {"contamination": Contamination}
"""Questions about the corpus that every study asks; the rest of the name is the modality."""


FAMILIES: tuple[str, ...] = (*TASKS, *COMPARISONS, *SIGNALS, *VALIDITY)

Question = UtilityTask | FidelityTask | AugmentationTask | SignalTask | ValidityTask


def step(use: str, settings: Mapping[str, Setting]) -> Protection | Trainer:
    """Return one step of a release: a protection, or the training of a detector."""
    shelf: dict[str, type[Protection | Trainer]] = {**PROTECTIONS, **TRAINERS}
    return _build(_find(use, shelf, "protection"), use, settings)


def attack(use: str, settings: Mapping[str, Setting]) -> AnyAttack:
    """Return an attack with its settings."""
    shelf: dict[str, type[AnyAttack]] = {**ATTACKS, **MODEL_ATTACKS, **UPDATE_ATTACKS}
    return _build(_find(use, shelf, "attack"), use, settings)


def task(use: str, modality: Stream) -> Question:
    """Return a utility task from its measure, as in ``detect/phq9>=10`` or ``retention/voice``."""
    family, _, target = use.partition("/")
    if family in SIGNALS:
        return _build(SIGNALS[family], use, {"modality": modality})
    if family in COMPARISONS:
        return _build(COMPARISONS[family], use, {"target": target, "modality": modality})
    if family in VALIDITY:
        return _build(VALIDITY[family], use, {"target": target, "modality": modality})
    if ":" in use:
        made: UtilityTask = _build(_import(use, "utility task"), use, {"modality": modality})
        return made
    if family not in TASKS:
        raise InputError(f"unknown utility task {use!r}{did_you_mean(family, FAMILIES)}")
    return _build(TASKS[family], use, {"target": target, "modality": modality})


def explained(name: str) -> type[object] | None:
    """Return the class behind a name, for its docstring."""
    attacks = (ATTACKS, MODEL_ATTACKS, UPDATE_ATTACKS)
    for shelf in (PROTECTIONS, TRAINERS, *attacks, TASKS, COMPARISONS, SIGNALS, VALIDITY, CHECKS):
        if name in shelf:
            return shelf[name]
    return _import(name, "class") if ":" in name else None


def settings_of(kind: type[object]) -> dict[str, str]:
    """Return the settings of a class and their defaults, as the study file would write them."""
    if not dataclasses.is_dataclass(kind):
        return {}
    return {
        f.name: "(required)" if f.default is dataclasses.MISSING else repr(f.default)
        for f in dataclasses.fields(kind)
        if f.init
    }


def _find(use: str, shelf: Mapping[str, type[T]], noun: str) -> type[T]:
    if use in shelf:
        return shelf[use]
    if ":" in use:
        return _import(use, noun)
    raise InputError(f"unknown {noun} {use!r}{did_you_mean(use, shelf)}")


def _import(use: str, noun: str) -> type[T]:
    module, _, name = use.partition(":")
    try:
        found: type[T] = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as fault:
        raise InputError(
            f"{noun} {use!r} cannot be imported ({type(fault).__name__}); "
            "is its package installed where mindveil runs?"
        ) from fault
    return found


def _build(kind: type[T], use: str, settings: Mapping[str, object]) -> T:
    """Return the dataclass with its settings checked against its own annotations."""
    hints = get_type_hints(kind)
    fields = {f.name: hints[f.name] for f in dataclasses.fields(kind) if f.init}  # type: ignore[arg-type]
    checked: dict[str, object] = {}
    for key, value in settings.items():
        if key not in fields:
            raise InputError(f"{use}: unknown setting {key!r}{did_you_mean(key, fields)}")
        try:
            checked[key] = TypeAdapter(fields[key]).validate_python(value)
        except ValidationError as fault:
            raise InputError(
                f"{use}: {key} = {value!r}: {fault.errors()[0]['msg'].lower()}"
            ) from None
    return kind(**checked)
