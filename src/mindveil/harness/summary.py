"""From a scorecard to the dossier and the run folder's other files, and back."""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import tomli_w
from pydantic import TypeAdapter

from mindveil import catalog
from mindveil.attack.fused_linkage import FusedLinkage
from mindveil.errors import InputError
from mindveil.evidence.contexts import policy_of
from mindveil.evidence.dossier import CorpusFacts, Dossier, ReleaseFacts
from mindveil.evidence.scorecard import Row
from mindveil.evidence.verdict import judge
from mindveil.features import weights
from mindveil.harness.context import Context
from mindveil.harness.guarantees import promise_of
from mindveil.store.cache import code_digest
from mindveil.store.files import write_bytes, write_json, write_text
from mindveil.study import Study

_PACKAGES = (
    *("mindveil", "numpy", "scipy", "scikit-learn", "pandas", "spacy", "tokenizers"),
    *(
        "soundfile",
        "pyworld",
        "onnxruntime",
        "opencv-python-headless",
        "dlib-bin",
        "ai-edge-litert",
    ),
)
_DOSSIER: TypeAdapter[Dossier] = TypeAdapter(Dossier)


def sum_up(context: Context, rows: Sequence[Row]) -> Dossier:
    """Return the dossier of a finished study."""
    study = context.study
    policy = policy_of(study.policy, study.utility.margin)
    names = [r.name for r in study.releases]
    return Dossier(
        study=study.study,
        seed=study.seed,
        split=_division(study),
        corpus=_facts(context),
        releases=tuple(
            ReleaseFacts(
                name=r.name,
                steps=_describe([s.model_dump() for s in r.steps]),
                guarantee=promise_of(context, r.name),
            )
            for r in study.releases
        ),
        policy=policy,
        rows=tuple(rows),
        judgement=judge(rows, names, policy, today()),
        questions={name: _question(name) for name in sorted({r.measure for r in rows})},
        untested=_untested(context),
        provenance=_provenance(context),
    )


def write_dossier(dossier: Dossier, context: Context) -> None:
    """Write verdict.json, lock.json and the frozen study file."""
    root = context.folder.root
    write_json(root / "verdict.json", _DOSSIER.dump_python(dossier, mode="json"))
    write_json(root / "lock.json", dict(dossier.provenance))
    write_text(root / "study.toml", frozen(context.study))


def load_dossier(run: Path) -> Dossier:
    """Read a run folder; raises InputError where it is none or is not finished."""
    path = run / "verdict.json"
    if not path.is_file():
        raise InputError(
            f"{run.name} holds no verdict.json; give the folder that `mindveil run` wrote, "
            "and run it to its end first"
        )
    return _DOSSIER.validate_json(path.read_bytes())


def seal(root: Path) -> None:
    """Write MANIFEST.sha256 over all files of a run but its working files."""
    lines = []
    for path in sorted(root.rglob("*")):
        inside = path.relative_to(root)
        if path.is_file() and inside.parts[0] not in {"sealed", ".lock", "MANIFEST.sha256"}:
            lines.append(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {inside.as_posix()}")
    write_bytes(root / "MANIFEST.sha256", ("\n".join(lines) + "\n").encode())


def frozen(study: Study) -> str:
    """Return the study as TOML, its paths relative to its run folder."""
    raw = study.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    raw["corpus"] = Path(os.path.relpath(study.corpus, study.out)).as_posix()
    if study.attack.public is not None:
        raw["attack"]["public"] = Path(os.path.relpath(study.attack.public, study.out)).as_posix()
    raw["out"] = "."
    raw["seed"] = study.seed
    return tomli_w.dumps(raw)


def _division(study: Study) -> str:
    part = study.split
    released = part.folds - part.reference - 1
    times = f", repeated {part.repeats} times" if part.repeats > 1 else ""
    return (
        f"{part.folds} folds by person{times}: {released}/{part.folds} released, "
        f"{part.reference}/{part.folds} reference, 1/{part.folds} held out, rotated"
    )


def _facts(context: Context) -> CorpusFacts:
    corpus = context.corpus
    return CorpusFacts(
        name=corpus.name,
        people=len(corpus.participants),
        sessions=sum(len(p.sessions) for p in corpus.participants),
        modalities=tuple(sorted(corpus.modalities)),
        tools=corpus.tools,
        language=corpus.language,
        synthetic=corpus.synthetic,
        pseudo_sessions=corpus.pseudo_sessions,
        licence=corpus.licence,
    )


def _question(name: str) -> str:
    kind = catalog.explained(name) or catalog.explained(name.partition("/")[0])
    text = (kind.__doc__ or "").strip() if kind else ""
    return text.partition("\n")[0]


def _untested(context: Context) -> tuple[str, ...]:
    """Return what was not looked at, what weighs most first."""
    there, measures = context.corpus.modalities, {c.measure for c in context.plan.cells}
    told = ["attackers with stronger encoders or outside data than those listed"]
    if FusedLinkage.name not in measures and len(there) > 1:
        told.append("one attacker who joins all modalities")
    if "voice" in there:
        told.append("names spoken in recordings, where no timed transcript says when")
    if "face" in there:
        told.append("gait, hands and clothes in a moving picture, and words written in it")
    told += context.plan.skipped
    absent = sorted({"text", "voice", "face", "scales"} - there)
    told += [f"{', '.join(absent)}: not in this corpus"] if absent else []
    told.append("side channels, and what could be learned from this report with other sources")
    return tuple(told)


def _provenance(context: Context) -> dict[str, str]:
    found = {f"version {name}": _version(name) for name in _PACKAGES}
    found |= {
        f"weights {w.key}": weights.digest(w.key)[:16]
        for w, state in weights.table()
        if state != "missing"
    }
    told = {
        **found,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "code": code_digest()[:16],
        "corpus": context.plan.corpus_digest[:16],
        "seed": str(context.study.seed),
        "line-up": str(context.study.attack.lineup),
        "recordings": ", ".join(map(str, context.study.attack.recordings)),
    }
    return dict(sorted(told.items()))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def today() -> date:
    """Return the date of the verdict; SOURCE_DATE_EPOCH fixes it (reproducible-builds.org)."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    return datetime.fromtimestamp(int(fixed), UTC).date() if fixed else datetime.now(UTC).date()


def _describe(steps: Iterable[Mapping[str, object]]) -> tuple[str, ...]:
    """Return steps in the words of the study file, as in ``text/anonymise (level 2)``."""
    told = []
    for step in steps:
        settings = ", ".join(f"{k} {v}" for k, v in step.items() if k != "use")
        told.append(f"{step['use']} ({settings})" if settings else str(step["use"]))
    return tuple(told)
