"""Write the documentation page of the questionnaires from the table that scores them.

``docs/instruments.md`` is this page; a test compares the two, so neither can drift.
"""

from __future__ import annotations

from mindveil.corpus.instrument_model import TOTAL, Instrument, Scale
from mindveil.corpus.instrument_table import all_instruments

_INTRODUCTION = """\
# Questionnaires

Mindveil scores these questionnaires from their items. A study names a question about one as
`<key><op><cut>`, as in `phq9>=10`, or about a subscale as in `dass42.depression>=14`
(operators `>=`, `>`, `<=`, `<`). Item columns are `<key>_01`, `<key>_02`, ... in
`phenotype/<key>.tsv`, coded as in the column "answers"; a file coded from 1 needs 1 subtracted.

A **missing answer** is filled with the person's mean on the rest of the scale, up to the number
in the table; beyond that there is no score. Prorated scores are not rounded. A **screen** is
positive at or above the cut-off. Cut-offs are screening aids, not diagnoses; they depend on
the population, and the sources say on which they were found. The wording of items belongs to
their authors and is not part of Mindveil: check each instrument's licence before using it.
"""


def page() -> str:
    """Return the page: a table of scoring, a table of severity bands, and the sources."""
    instruments = all_instruments()
    return "\n".join(
        [
            _INTRODUCTION,
            "## Scoring\n",
            "| key | name | measures | items | answers | reversed | scale | range | missing | screen |",
            "|---|---|---|---|---|---|---|---|---|---|",
            *(_scoring_row(i, scale) for i in instruments for scale in i.scales),
            "\n## Severity bands\n",
            "| scale | bands |",
            "|---|---|",
            *(_band_row(i, scale) for i in instruments for scale in i.scales if scale.bands),
            "\n## Rules and sources\n",
            *(_sources(instrument) for instrument in instruments),
        ]
    )


def _scoring_row(instrument: Instrument, scale: Scale) -> str:
    low, high = instrument.total_range(scale.name)
    first = scale.name == TOTAL
    cells = (
        instrument.key,
        instrument.name if first else "",
        scale.construct,
        str(len(scale.items)) if first else _numbers(scale.items),
        _answers(instrument, scale),
        _numbers(tuple(item for item in scale.items if item in instrument.reverse)) or "-",
        scale.name,
        f"{low}-{high}",
        _missing(scale),
        "-" if scale.cutoff is None else f">= {scale.cutoff}",
    )
    return f"| {' | '.join(cells)} |"


def _answers(instrument: Instrument, scale: Scale) -> str:
    ranges = dict.fromkeys(instrument.ranges[item - 1] for item in scale.items)
    return ", ".join(f"{low}-{high}" for low, high in ranges)


def _missing(scale: Scale) -> str:
    if scale.rule == "mdq":
        return "where they cannot decide"
    return f"as {' and '.join(scale.parts)}" if scale.parts else str(scale.max_missing)


def _numbers(items: tuple[int, ...]) -> str:
    """Write item numbers, as a range where they are consecutive.

    >>> _numbers((1, 2, 3)), _numbers((4, 8))
    ('1-3', '4, 8')
    """
    if len(items) > 2 and items[-1] - items[0] == len(items) - 1:
        return f"{items[0]}-{items[-1]}"
    return ", ".join(map(str, items))


def _band_row(instrument: Instrument, scale: Scale) -> str:
    _, high = instrument.total_range(scale.name)
    ends = (*(b.start - 1 for b in scale.bands[1:]), high)
    spans = (
        f"{b.start}-{end} {b.name}" if end > b.start else f"{b.start} {b.name}"
        for b, end in zip(scale.bands, ends, strict=True)
    )
    address = instrument.key if scale.name == TOTAL else f"{instrument.key}.{scale.name}"
    return f"| {address} | {'; '.join(spans)} |"


def _sources(instrument: Instrument) -> str:
    lines = [
        f"**{instrument.key}**, {instrument.name}\n",
        f"- scoring: {instrument.source}",
        f"- bands and cut-off: {instrument.cutoff_source}",
        f"- missing answers: {instrument.missing}",
    ]
    if instrument.parent:
        originals = _numbers(instrument.parent_items)
        lines.append(f"- its items are items {originals} of {instrument.parent}, in that order")
    if instrument.note:
        lines.append(f"- note: {instrument.note}")
    return "\n".join(lines) + "\n"
