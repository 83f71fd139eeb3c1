"""Write a release of people who do not exist: debited first, then drawn, then written with its card."""

from __future__ import annotations

import secrets
from pathlib import Path

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
from mindveil.harness.releases import Promising, Steps, rename
from mindveil.store.files import write_folder, write_json
from mindveil.study import Study
from mindveil.synthesise.base import Saved, Synthesiser


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
    ledger, number = ledger_of(context.study), 0
    digest = content_digest(context.corpus)
    if isinstance(maker, Promising):
        number = ledger.debit(f"{maker.name} to {out.name}", digest, Cost.of(maker.budget))
    made = maker.fit(corpus, rng, os_noise())
    drawn = made.sample(None, rng)
    named, _ = rename(drawn, random_codes(drawn.ids, rng))
    write_folder(out, lambda folder: save_corpus(named, folder))
    if model is not None:
        if not isinstance(made, Saved):
            raise InputError(f"{maker.name} cannot be kept; leave --model out")
        write_folder(model, made.save)
    if number and made.guarantee:
        ledger.released(number)
        about = Circumstances(
            release=out.name,
            os_entropy=True,
            public=_public(corpus),
            spent=ledger.spent(digest),
        )
        card = Card(guarantee=made.guarantee, circumstances=about)
        write_json(out.with_name(f"{out.name}.dp-card.json"), card.to_json())
    return len(named.participants)


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
