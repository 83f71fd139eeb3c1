"""The content address of a release and of a cell: everything that its bytes depend on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from mindveil.features import weights
from mindveil.features.own_encoder import own_digest
from mindveil.plan import CellPlan, Plan, questions_that_divide, release_of
from mindveil.store.cache import Json, code_digest, digest, module_digest
from mindveil.study import ORIGINAL


def release_key(plan: Plan, name: str) -> str:
    """Return the content address of a release: of all that its bytes depend on."""
    part = release_of(plan.study, name)
    return digest(
        {
            "what": "release",
            "corpus": plan.corpus_digest,
            "code": code_digest(),
            "seed": plan.study.seed,
            "split": plan.study.split.model_dump(),
            "strata": [*questions_that_divide(plan.study)],
            "steps": [s.model_dump() for s in part.steps],
            "pseudonyms": part.pseudonyms,
            "weights": _weights(s.use for s in part.steps),
            "modules": _modules(s.use for s in part.steps),
        }
    )


def cell_key(plan: Plan, cell: CellPlan) -> str:
    """Return the content address of a cell."""
    attack = plan.study.attack
    depends: dict[str, Json] = {"original": release_key(plan, ORIGINAL)}
    if cell.kind == "attack":
        depends = {
            "lineup": attack.lineup,
            "attackers": list(attack.attackers),
            "settings": dict(attack.settings.get(cell.measure, {})),  # type: ignore[arg-type]
            "encoder": _encoder(attack.settings.get(cell.measure, {}).get("encoder", "")),
        }
    return digest(
        {
            "what": "cell",
            "release": release_key(plan, cell.release),
            "cell": asdict(cell),
            "weights": _weights([cell.measure]),
            "modules": _modules([cell.measure]),
            **depends,
        }
    )


def _weights(names: Iterable[str]) -> dict[str, Json]:
    """Return the digests of the installed weights that words, voices and faces are read with."""
    if all(n.startswith("scales/") for n in names):
        return {}
    return {w.key: weights.digest(w.key) for w, state in weights.table() if state != "missing"}


def _encoder(spec: object) -> str:
    """Return the digest of an encoder of one's own; empty where the bundled ones serve."""
    return own_digest(spec) if isinstance(spec, str) and spec else ""


def _modules(names: Iterable[str]) -> dict[str, Json]:
    return {n: module_digest(n.partition(":")[0]) for n in names if ":" in n}
