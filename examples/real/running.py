"""What the studies on real people share: where the data lies, and how figures are printed."""

from __future__ import annotations

import os
import sys
import tomllib
from pathlib import Path

from mindveil.corpus.imports.sources import IMPORTERS
from mindveil.corpus.workshop import bench_beside
from mindveil.evidence.dossier import Dossier
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.scorecard import Row
from mindveil.harness.context import context_of
from mindveil.notebook import run_all
from mindveil.study_file import parse_study

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent


def data(name: str) -> Path:
    """Return a file or folder of the data, or leave with a sentence."""
    root = Path(os.environ.get("MINDVEIL_DATA", PROJECT.parent / "shared" / "data"))
    path = root / name
    if not path.exists():
        sys.exit(f"{path} is not there; set MINDVEIL_DATA to the folder of the data")
    return path


def corpus(kind: str, source: str, study: str) -> Path:
    """Import a source once and return the corpus folder."""
    out = PROJECT / "runs" / study / "corpus"
    if not out.is_dir():
        options = tomllib.loads((HERE / f"{study}.toml").read_text(encoding="utf-8"))
        with bench_beside(out):
            IMPORTERS[kind].read(data(source), options).save(out)
    return out


def run(study: str, **parts: object) -> Dossier:
    """Run a study in ``runs/<study>`` and say what is being computed."""
    folder = PROJECT / "runs" / study
    raw: dict[str, object] = {"study": study, "corpus": "corpus", "out": "run", **parts}
    context = context_of(parse_study(raw, study, folder))

    def tell(event: str, title: str, seconds: float) -> None:
        if event in {"done", "failed"}:
            print(f"  {event}: {title} ({seconds:.0f} s)", file=sys.stderr, flush=True)

    return run_all(context, None, tell)


def figure(found: Estimate | None) -> str:
    """Return a figure with its interval and number of people."""
    if found is None:
        return "-"
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}] (n = {found.n})"


def show(rows: tuple[Row, ...], *metrics: str) -> None:
    """Print the rows that hold these metrics."""
    for row in rows:
        if row.metric.partition("@")[0] in metrics or row.status != "ok":
            who = row.attacker or row.modality
            more = [] if row.control is None else [f"control {row.control:.3f}"]
            more += [] if row.baseline is None else [f"baseline {row.baseline:.3f}"]
            more += [] if row.status == "ok" else [f"{row.status}: {row.note}"]
            print(
                f"{row.release:12} {row.measure:26} {who:14} {row.metric:24} "
                f"{figure(row.estimate)} {'; '.join(more)}"
            )
