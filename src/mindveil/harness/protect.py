"""Make the release itself: everybody, protected, under codes that nobody can derive."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mindveil.anonymise.pseudonyms import (
    key_from_environment,
    keyed_codes,
    random_codes,
    seal_table,
)
from mindveil.attack.original_files import OriginalFiles
from mindveil.attack.release_leaks import ReleaseLeaks, Search
from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.workshop import bench_beside
from mindveil.errors import InputError, RefusedError
from mindveil.evidence.frontier import is_undefended
from mindveil.harness.context import Context
from mindveil.harness.paid_release import write_detector, write_people
from mindveil.harness.releases import cleaned, rename
from mindveil.harness.steps import Steps
from mindveil.plan import release_of
from mindveil.randomness import stream
from mindveil.store.files import write_bytes, write_folder
from mindveil.study import UNDEFENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What may be written beside a protected corpus: nothing of it belongs to the release.

    ``table`` is the sealed re-identification table; ``model`` is for the generator itself.
    """

    table: Path | None = None
    model: Path | None = None


def protect_corpus(context: Context, name: str, out: Path, beside: Beside) -> int | None:
    """Write the protected corpus of one release and return how many people are in it.

    A release that is a detector is written as that; how many people taught it is not said.

    Its randomness comes from the operating system, not from the seed of the study: who has the
    study file cannot work the pseudonyms out. The sealed table, where wanted, is AES-256-GCM
    under the key in ``MINDVEIL_KEY_FILE``. A release under a guarantee is debited from the ledger
    of its corpus before anything is drawn.

    Raises:
        RefusedError: a file of it tells who somebody is; nothing is left of it then.
    """
    if out.exists():
        raise InputError(f"{out} exists already; give a folder that does not")
    part = release_of(context.study, name)
    if not part.steps:
        raise InputError(f"release {name!r} has no steps: it would be the undefended data")
    if is_undefended(name):
        raise InputError(
            f"release {name!r} is there to be measured against and promises nothing; "
            f"protect {name.removesuffix(UNDEFENDED)!r}"
        )
    rng = np.random.default_rng(secrets.randbits(256))
    ids = context.corpus.ids
    if part.pseudonyms == "keyed":
        codes = keyed_codes(ids, key_from_environment(), context.study.study, "all")
    else:
        codes = random_codes(ids, rng)
    steps, table = Steps.of(part), beside.table
    _refuse(steps, name, beside)
    sealed = seal_table(codes, key_from_environment(), context.study.study) if table else b""
    with bench_beside(out):
        corpus = context.corpus
        for step in (*steps.alone, *steps.together):
            corpus = step.apply(corpus, rng)
        corpus = cleaned(corpus)
        if steps.trainer:
            write_detector(context, corpus, steps.trainer, part, out)
            return None
        if steps.maker:
            return write_people(context, corpus, steps.maker, out, beside.model)
        named, _ = rename(corpus, codes)
        write_folder(out, lambda folder: save_corpus(named, folder))
        _require_clean(context, steps, out, {c: p for p, c in codes.items()})
    if table:
        write_bytes(table, sealed)
    return len(named.participants)


def _require_clean(context: Context, steps: Steps, out: Path, person_of: Mapping[str, str]) -> None:
    """Take a folder back whose files give somebody away by their names, headers or order."""
    found = ReleaseLeaks().search(
        Search(folder=out, changed=steps.changes, person_of={"": person_of}),
        OriginalFiles.of(context.corpus, context.study.corpus),
        stream(context.study.seed, "protect", "leaks"),
    )
    if found.leaks:
        shutil.rmtree(out)
        kinds = ", ".join(f"{kind} in {files}" for kind, files in found.counts.items())
        raise RefusedError(
            f"the protected corpus was not kept: {len(found.leaks)} of its {found.files} files "
            f"tell who somebody is ({kinds}); look at the steps of the release and at the originals"
        )


def _refuse(steps: Steps, name: str, beside: Beside) -> None:
    if (steps.maker or steps.trainer) and beside.table:
        raise InputError(
            f"release {name!r} holds nobody's records: there is no table of who is who"
        )
    if beside.model and not steps.maker:
        raise InputError(f"release {name!r} has no generator to keep; leave --model out")
    if beside.model and beside.model.exists():
        raise InputError(f"{beside.model} exists already; give a folder that does not")
