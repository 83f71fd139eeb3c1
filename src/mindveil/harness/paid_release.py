"""Write a release that is paid for: debited first, then drawn, then written with its card."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np

from mindveil.anonymise.pseudonyms import random_codes
from mindveil.corpus.digest import content_digest
from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.model import Corpus
from mindveil.dp.card import Card, Circumstances
from mindveil.dp.composition import Cost
from mindveil.dp.feasibility import Sheet, sheet
from mindveil.dp.ledger import Ledger
from mindveil.dp.noise import os_noise
from mindveil.errors import InputError
from mindveil.features.scales import latest_table
from mindveil.harness.context import Context
from mindveil.harness.releases import rename
from mindveil.harness.steps import Promising, Steps, steps_before
from mindveil.release import Guarantee
from mindveil.store.files import write_folder, write_json
from mindveil.study import ReleasePart, Study
from mindveil.synthesise.base import Saved, Synthesiser
from mindveil.train.detector import Detector, Trainer
from mindveil.train.model_file import save_detector
from mindveil.train.outlook import Outlook
from mindveil.train.reader import Inputs, Reader


def ledger_of(study: Study) -> Ledger:
    """Return the ledger of a study's corpus: it stands beside the corpus, never inside it."""
    path = study.corpus.with_name(f"{study.corpus.name}.ledger.jsonl")
    return Ledger(path=path, limit=study.policy.max_epsilon)


def write_people(
    context: Context, corpus: Corpus, maker: Synthesiser, out: Path, model: Path | None
) -> int:
    """Fit, draw and write a synthetic corpus, and return how many people are in it.

    What a private synthesiser spends is debited from the ledger before anything is drawn, and its
    card is written beside the corpus (``<out>.dp-card.json``). The generator is kept only where
    ``model`` names a folder.

    Raises:
        RefusedError: the corpus would spend more than the policy's ``max_epsilon``.
    """
    rng = np.random.default_rng(secrets.randbits(256))
    cost = Cost.of(maker.budget) if isinstance(maker, Promising) else None
    debit = Debit.of(context, f"{maker.name} to {out.name}", cost)
    made = maker.fit(corpus, rng, os_noise())
    drawn = made.sample(None, rng)
    named, _ = rename(drawn, random_codes(drawn.ids, rng))
    write_folder(out, lambda folder: save_corpus(named, folder))
    if model is not None:
        if not isinstance(made, Saved):
            raise InputError(f"{maker.name} cannot be kept; leave --model out")
        write_folder(model, made.save)
    debit.close(made.guarantee, out, _public(corpus))
    return len(named.participants)


def write_detector(
    context: Context, corpus: Corpus, trainer: Trainer, part: ReleasePart, out: Path
) -> None:
    """Train and write a detector; debited before anything is drawn, its card beside it.

    Raises:
        RefusedError: the corpus would spend more than the policy's ``max_epsilon``.
    """
    rng = np.random.default_rng(secrets.randbits(256))
    cost = trainer.cost if isinstance(trainer, Costing) else None
    debit = Debit.of(context, f"{trainer.name} to {out.name}", cost)
    made = replace(trainer.train(corpus, os_noise(), rng), before=steps_before(part))
    write_folder(out, lambda folder: save_detector(made, folder))
    debit.close(made.guarantee, out, [*_public(corpus), *_read_by(made)])


@runtime_checkable
class Costing(Protocol):
    """A trainer that keeps a promise: it says what it will spend before it looks."""

    @property
    def cost(self) -> Cost:
        """What the ledger is debited with."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Debit:
    """What was debited for a release, so that its card can say what was spent in all."""

    ledger: Ledger
    digest: str
    number: int

    @classmethod
    def of(cls, context: Context, what: str, cost: Cost | None) -> Debit:
        """Debit a cost, where there is any, before the release looks at anybody."""
        ledger, digest = ledger_of(context.study), content_digest(context.corpus)
        number = ledger.debit(what, digest, cost) if cost else 0
        return cls(ledger=ledger, digest=digest, number=number)

    def close(self, guarantee: Guarantee | None, out: Path, public: list[str]) -> None:
        """Say that the release is out, and write its card."""
        if not (self.number and guarantee):
            return
        self.ledger.released(self.number)
        about = Circumstances(
            release=out.name,
            os_entropy=True,
            public=public,
            spent=self.ledger.spent(self.digest),
        )
        card = Card(guarantee=guarantee, circumstances=about)
        write_json(out.with_name(f"{out.name}.dp-card.json"), card.to_json())


def outlooks(context: Context) -> dict[str, Outlook]:
    """Return for each private detector what to expect, before anything is spent.

    The number of people is the public one of its settings; nothing of the data is looked at but
    which columns are declared.
    """
    found = {}
    for release in context.study.releases:
        trainer = Steps.of(release).trainer
        if isinstance(trainer, Foretelling):
            reader = Reader.of(context.corpus, trainer.target, trainer.modality, trainer.inputs)
            found[release.name] = trainer.outlook(sum(part.width for part in reader.parts))
    return found


@runtime_checkable
class Foretelling(Trainer, Protocol):
    """A trainer that says beforehand how well it will do."""

    @property
    def inputs(self) -> Inputs:
        """How words become numbers."""
        ...

    def outlook(self, columns: int) -> Outlook:
        """Return what to expect of rows of so many columns."""
        ...


def sheets(context: Context) -> dict[str, Sheet]:
    """Return for each private release what its budget permits, before anything is spent.

    The number of people is that of one fold; it is used for nothing but this advice.
    """
    people = min(len(f.released) for f in context.folds)
    columns = len(latest_table(context.corpus).fields)
    makers: dict[str, object] = {r.name: Steps.of(r).maker for r in context.study.releases}
    return {
        name: sheet(people, columns, maker.budget)
        for name, maker in makers.items()
        if isinstance(maker, Promising)
    }


def _public(corpus: Corpus) -> list[str]:
    """Return what a private release took as known to everybody."""
    declared = [
        name
        for name, c in corpus.columns.items()
        if (c.levels and not c.found) or c.low is not None or c.high is not None
    ]
    return [
        "the name, licence and descriptions of the corpus; its columns and their kinds",
        "which questionnaires were given, with how many items, and at how many visits",
        "the questionnaires, their items, ranges and scoring",
        f"levels and bounds declared in participants.json: {', '.join(declared) or 'none'}",
    ]


def _read_by(made: Detector) -> list[str]:
    parts = ", ".join(f"{p.modality} {p.name} ({p.width} columns)" for p in made.reader.parts)
    encoder = "the encoder of words was trained on public text by others; its weights are public"
    return [
        f"how people are read: {parts}; every constant of it was fixed beforehand",
        *([encoder] if any(p.modality == "text" for p in made.reader.parts) else []),
        "about how many people there are, as the setting `people` says it",
        "that somebody was asked each of these questionnaires and recorded in each of these ways",
    ]
