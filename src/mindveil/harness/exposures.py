"""What lies open in a corpus as it is: the worst first, without a study."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from mindveil.attack.base import ATTACKERS
from mindveil.corpus.model import Corpus
from mindveil.errors import InputError
from mindveil.evidence.estimate import Estimate, clopper_pearson
from mindveil.harness.attacks import measure_attack
from mindveil.harness.context import Context, context_of
from mindveil.study_file import parse_study

_MEANING = {
    "text/authorship": "someone with other words of hers finds her transcript among 100",
    "voice/speaker-linkage": "someone with another recording of hers finds her voice",
    "face/linkage": "someone with another picture of hers finds her face",
    "scales/linkage": "someone who knows her background and 7 answers finds her row",
    "scales/singling-out": "a sentence such as “the only one with ...” fits her alone",
    "text/residual-identifiers": "a direct identifier can be read in her transcript",
}
_OLD = 89


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """One way in which people are exposed, and how many of them."""

    name: str
    share: Estimate
    sentence: str

    @property
    def figure(self) -> str:
        """The share of people with its interval."""
        e = self.share
        return f"{e.value:.0%} [{e.low:.0%}, {e.high:.0%}], n = {e.n}"


def worst_exposures(folder: Path) -> list[Exposure]:
    """Return the exposures of a corpus folder, the largest lower bound first."""
    raw: dict[str, object] = {
        "study": "look",
        "corpus": str(folder.resolve()),
        "out": str(folder.resolve().parent / ".look"),
        "attack": {"use": ["all"]},
    }
    context = context_of(parse_study(raw, "look", folder.resolve().parent))
    if len(context.corpus.participants) < context.study.split.folds:
        raise InputError(f"{folder.name}: {len(context.corpus.participants)} people are too few")
    found = [*_columns(context.corpus), *_unique(context.corpus), *_rare(context.corpus)]
    found += _attacked(context)
    return sorted(found, key=lambda e: -e.share.low)


def _columns(corpus: Corpus) -> list[Exposure]:
    size = len(corpus.participants)
    found = []
    for name in corpus.roles("identifier"):
        filled = sum(p.attributes.get(name) not in {None, ""} for p in corpus.participants)
        if filled:
            found.append(
                Exposure(
                    name=f"participants.tsv: {name}",
                    share=clopper_pearson(filled, size),
                    sentence="an identifier stands in the table; no release should keep it",
                )
            )
    return found


def _unique(corpus: Corpus) -> list[Exposure]:
    quasi = corpus.roles("quasi")
    if not quasi:
        return []
    rows = [tuple(p.attributes.get(q) for q in quasi) for p in corpus.participants]
    count = Counter(rows)
    alone = sum(count[r] == 1 for r in rows)
    return [
        Exposure(
            name="background alone",
            share=clopper_pearson(alone, len(rows)),
            sentence=f"nobody else here has the same {', '.join(quasi[:6])}"
            + (" ..." if len(quasi) > 6 else ""),
        )
    ]


def _rare(corpus: Corpus) -> list[Exposure]:
    found = []
    for name in corpus.roles("quasi"):
        values = [p.attributes.get(name) for p in corpus.participants]
        if corpus.columns[name].kind == "number":
            old = sum(isinstance(v, float) and v > _OLD for v in values) if name == "age" else 0
            if old:
                found.append(
                    Exposure(
                        name="ages above 89",
                        share=clopper_pearson(old, len(values)),
                        sentence="HIPAA Safe Harbor wants them in one group",
                    )
                )
            continue
        count = Counter(values)
        rare = sum(count[v] < 5 for v in values)
        if rare:
            found.append(
                Exposure(
                    name=f"rare values of {name}",
                    share=clopper_pearson(rare, len(values)),
                    sentence="fewer than 5 people share the value",
                )
            )
    return found


def _attacked(context: Context) -> list[Exposure]:
    found = []
    cells = {
        c.measure: c
        for c in context.plan.cells
        if c.kind == "attack" and c.attacker in {"", ATTACKERS[0]}
    }
    for measure, cell in cells.items():
        row = next(
            (
                r
                for r in measure_attack(context, cell).rows
                if r.metric.partition("@")[0] in {"rank1", "success"} and r.status == "ok"
            ),
            None,
        )
        if row is not None and row.estimate is not None:
            sentence = _MEANING.get(measure, f"{row.metric} of {measure}")
            found.append(Exposure(name=measure, share=row.estimate, sentence=sentence))
    return found
