"""Make the releases of a study, fold by fold, and hand them to whoever measures them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter

from mindveil.addresses import release_key
from mindveil.anonymise.pseudonyms import key_from_environment, keyed_codes, random_codes
from mindveil.corpus.folds import Fold
from mindveil.corpus.manifest import load_corpus, save_corpus
from mindveil.corpus.media import checked, clean_copy
from mindveil.corpus.model import Corpus, MediaFile, Modality, Participant, Session
from mindveil.corpus.workshop import bench_beside, is_new
from mindveil.dp.noise import Noise, os_noise, seeded
from mindveil.harness.context import Context
from mindveil.harness.steps import LikeTheRelease, Steps, steps_before
from mindveil.plan import release_of
from mindveil.randomness import stream
from mindveil.release import DataRelease, Guarantee
from mindveil.store.files import write_folder, write_json
from mindveil.study import ReleasePart
from mindveil.synthesise.base import Generator, Saved
from mindveil.train.detector import Detector, ModelRelease, Trainer
from mindveil.train.model_file import load_detector, save_detector

RECORDED: frozenset[Modality] = frozenset({"voice", "face"})
"""Modalities whose medium itself changes: a detector meets new people protected alike."""

_STAMP = "release.json"
_GUARANTEES = TypeAdapter(dict[str, Guarantee])


Teach = Callable[[Trainer, Corpus, Noise, np.random.Generator], Detector]
"""Where a detector learns: here, or at the sites that hold the people."""


def taught_here(
    trainer: Trainer, people: Corpus, noise: Noise, rng: np.random.Generator
) -> Detector:
    """Return the detector that these people teach in this process."""
    return trainer.train(people, noise, rng)


def make_release(context: Context, name: str, teach: Teach = taught_here) -> None:
    """Protect the released people of every fold and store what an adversary would see."""
    part, key = release_of(context.study, name), release_key(context.plan, name)
    if not part.steps or is_made(context, name):
        return
    steps, seed = Steps.of(part), context.study.seed
    models = context.folder.sealed / f"{name}.models"
    for stale in (context.folder.sealed / name, context.folder.releases / name, models):
        shutil.rmtree(stale, ignore_errors=True)
    with bench_beside(context.folder.sealed / name):
        everyone = cleaned(_alone(steps, context.corpus, seed, "release", name))
        shadow = _alone(steps, context.everybody, seed, "shadow", name)

        def write(folder: Path) -> None:
            promised = {}
            for fold in context.folds:
                mine, place = everyone.select(fold.released), tuple(map(str, fold.place))
                for number, step in enumerate(steps.together):
                    mine = step.apply(mine, stream(seed, "release", name, str(number), *place))
                leave = _Leave(context=context, part=part, fold=fold, folder=folder, teach=teach)
                promised[folder_of(fold)] = leave(steps, mine)
            told = {f: asdict(g) for f, g in promised.items() if g}
            write_json(folder / _STAMP, {"key": key, "guarantees": told})

        if steps.alone:
            write_folder(context.folder.sealed / name, lambda f: save_corpus(shadow, f))
        write_folder(context.folder.releases / name, write)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Leave:
    """Writes what leaves the building of one fold, and returns what was promised of it."""

    context: Context
    part: ReleasePart
    fold: Fold
    folder: Path
    teach: Teach

    def __call__(self, steps: Steps, mine: Corpus) -> Guarantee | None:
        """Write the protected people, people who do not exist, or a detector."""
        if steps.trainer:
            taught = self.teach(steps.trainer, mine, self._noise(), self._rng("training"))
            save_detector(replace(taught, before=steps_before(self.part)), self._place)
            return taught.guarantee
        if steps.maker:
            rng = self._rng("people")
            made = steps.maker.fit(mine, rng, self._noise())
            _keep(made, _model_of(self.context, self.part.name, self.fold))
            drawn = made.sample(None, rng)
            save_corpus(rename(drawn, random_codes(drawn.ids, rng))[0], self._place)
            return made.guarantee
        codes = _codes(self.context, self.part, self.fold)
        save_corpus(rename(mine, codes)[0], self._place)
        return None

    @property
    def _place(self) -> Path:
        return self.folder / folder_of(self.fold)

    def _noise(self) -> Noise:
        return _noise(self.context, self.part.name, self.fold)

    def _rng(self, purpose: str) -> np.random.Generator:
        place = map(str, self.fold.place)
        return stream(self.context.study.seed, "release", self.part.name, purpose, *place)


def cleaned(corpus: Corpus) -> Corpus:
    """Return the corpus with a clean copy of every recording that no protection wrote anew.

    What a protection wrote is looked through for metadata as well. Columns that name people go:
    no release needs them, whatever its steps are.
    """
    named = frozenset(corpus.roles("identifier"))
    people = [
        replace(p, attributes={n: v for n, v in p.attributes.items() if n not in named})
        for p in corpus.participants
    ]
    columns = {n: c for n, c in corpus.columns.items() if n not in named}
    nameless = replace(corpus, participants=tuple(people), columns=columns)
    return nameless.map_sessions(lambda _, s: replace(s, media=_clean(s.media)))


def _clean(
    media: Mapping[Modality, tuple[MediaFile, ...]],
) -> dict[Modality, tuple[MediaFile, ...]]:
    return {
        modality: tuple(
            f
            if f.kind == "words"
            else replace(f, path=checked(f.path) if is_new(f.path) else clean_copy(f.path))
            for f in files
        )
        for modality, files in media.items()
    }


def guarantees_of(context: Context, name: str) -> tuple[Guarantee, ...]:
    """Return what was promised of each fold of a stored release; empty where nothing was."""
    stored = _stamp(context, name).get("guarantees", {})
    return tuple(_GUARANTEES.validate_python(stored).values())


def _stamp(context: Context, name: str) -> dict[str, object]:
    path = context.folder.releases / name / _STAMP
    found: dict[str, object] = json.loads(path.read_bytes()) if path.is_file() else {}
    return found


def _noise(context: Context, name: str, fold: Fold) -> Noise:
    """Return where noise under a guarantee comes from: nobody can draw it again, unless asked."""
    if not context.study.execute.reproducible:
        return os_noise()
    return seeded(stream(context.study.seed, "noise", name, *map(str, fold.place)))


def _keep(made: Generator, folder: Path) -> None:
    """Seal the generator itself away: an attacker who steals it is one of those to be measured."""
    if isinstance(made, Saved):
        shutil.rmtree(folder, ignore_errors=True)
        write_folder(folder, made.save)


def is_made(context: Context, name: str) -> bool:
    """Whether the stored release was made from exactly these inputs."""
    same = _stamp(context, name).get("key") == release_key(context.plan, name)
    alone = Steps.of(release_of(context.study, name)).alone
    return same and (not alone or (context.folder.sealed / name).is_dir())


def load_release(context: Context, name: str, fold: Fold) -> tuple[DataRelease, dict[str, str]]:
    """Return one fold of a release, and who is behind each of its pseudonyms."""
    part = release_of(context.study, name)
    codes = _codes(context, part, fold)
    if Steps.of(part).maker:
        folder = context.folder.releases / name / folder_of(fold)
        corpus = _stored(folder, release_key(context.plan, name))
        model = _model_of(context, name, fold)
        there = model if model.is_dir() else None
        return DataRelease(name=name, corpus=corpus, model=there), {}
    if part.steps:
        folder = context.folder.releases / name / folder_of(fold)
        corpus = _stored(folder, release_key(context.plan, name))
    else:
        corpus, _ = rename(context.corpus.select(fold.released), codes)
    person_of = {code: person for person, code in codes.items()}
    return DataRelease(name=name, corpus=corpus), {c: person_of[c] for c in corpus.ids}


def load_model(context: Context, name: str, fold: Fold) -> ModelRelease:
    """Return one fold of a release that is a detector."""
    folder = context.folder.releases / name / folder_of(fold)
    return ModelRelease(name=name, model=load_detector(folder), folder=folder)


def attackers_copy(context: Context, name: str) -> LikeTheRelease:
    """Return what an informed attacker has: the protection itself, to use as he likes."""
    steps = Steps.of(release_of(context.study, name))
    shadow = _shadow(context, name, steps)
    return LikeTheRelease(steps=steps, originals=context.everybody, shadow=shadow)


def as_met(context: Context, name: str, people: Collection[str]) -> Corpus:
    """Return people as a user of the release would meet them.

    Voices and faces are protected in the same way, with randomness of their own: the medium
    itself has changed. Texts and answers are originals.
    """
    originals = context.corpus.select(people)
    steps = Steps.of(release_of(context.study, name))
    copies = {p.participant_id: p for p in _shadow(context, name, steps).participants}

    def met(person: Participant, session: Session) -> Session:
        place = [s.session_id for s in person.sessions].index(session.session_id)
        copy = copies[person.participant_id].sessions[place].media
        media = {m: copy[m] if m in RECORDED else f for m, f in session.media.items() if m in copy}
        return replace(session, media=media)

    return originals.map_sessions(met)


def _shadow(context: Context, name: str, steps: Steps) -> Corpus:
    if not steps.alone:
        return context.everybody
    return _stored(context.folder.sealed / name, release_key(context.plan, name))


@lru_cache(maxsize=12)
def _stored(folder: Path, key: str) -> Corpus:
    """Read a stored corpus once a process; ``key`` is what it was made from."""
    _ = key
    return load_corpus(folder)


def rename(corpus: Corpus, codes: Mapping[str, str]) -> tuple[Corpus, dict[str, str]]:
    """Return the corpus under its codes, in their order, without planted truth."""
    people = sorted(
        (
            replace(
                p,
                participant_id=codes[p.participant_id],
                sessions=tuple(_plain(s, i) for i, s in enumerate(p.sessions)),
            )
            for p in corpus.participants
        ),
        key=lambda p: p.participant_id,
    )
    return replace(corpus, participants=tuple(people)), {c: p for p, c in codes.items()}


def _plain(session: Session, index: int) -> Session:
    """Return a session without annotations, numbered by order, and so are its recordings.

    The name of a session may be a date, and so may the number of a run.
    """
    runs = sorted({f.run for files in session.media.values() for f in files if f.run})
    place = {run: number for number, run in enumerate(runs, start=1)} | {0: 0}
    media = {
        modality: tuple(replace(f, run=place[f.run]) for f in files)
        for modality, files in session.media.items()
    }
    return replace(session, session_id=f"{index + 1:02d}", entities=(), media=media)


def _alone(steps: Steps, corpus: Corpus, seed: int, purpose: str, name: str) -> Corpus:
    for number, step in enumerate(steps.alone):
        corpus = step.apply(corpus, stream(seed, purpose, name, f"alone-{number}"))
    return corpus


def _codes(context: Context, part: ReleasePart, fold: Fold) -> dict[str, str]:
    ids = context.corpus.ids
    if part.pseudonyms == "keyed":
        return keyed_codes(ids, key_from_environment(), context.study.study, "all")
    rng = stream(context.study.seed, "pseudonyms", part.name, *map(str, fold.place))
    return random_codes(ids, rng)


def _model_of(context: Context, name: str, fold: Fold) -> Path:
    return context.folder.sealed / f"{name}.models" / folder_of(fold)


def folder_of(fold: Fold) -> str:
    """Return the folder of a fold inside that of its release."""
    return f"fold-{fold.repeat + 1}-{fold.index + 1}"
