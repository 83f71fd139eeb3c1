"""What the program has, the documentation names; what the documentation promises, exists."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import get_args, get_type_hints

import mindveil
from mindveil import catalog
from mindveil.attack.update_poisoning import KINDS
from mindveil.attack.update_views import COLLUDING, CRAFTED, DIFFERENCED, MASKED
from mindveil.corpus import media_limits
from mindveil.corpus.imports.sources import IMPORTERS
from mindveil.dp.accounting import Budget
from mindveil.evidence.estimate import people_needed, resolution
from mindveil.evidence.scorecard import COLUMNS
from mindveil.features.expression import EXPRESSIONS
from mindveil.features.prosody import VOICE_MEASURES
from mindveil.features.weights import WEIGHTS
from mindveil.federation.site_policy import SitePolicy

ROOT = Path(__file__).resolve().parents[2]
ON_TRAINING = {**catalog.MODEL_ATTACKS, **catalog.UPDATE_ATTACKS}
SECTIONS = ["Context", "Decision", "Consequences", "What we gave up"]


def test_nothing_is_left_to_be_filled_in(pages):
    marks = re.compile(r"@@|\b(TODO|TBD|FIXME|XXX|lorem)\b", re.IGNORECASE)
    assert not [p.name for p in pages.values() if marks.search(p.text)]


def test_every_attack_protection_and_task_is_named(pages):
    text = "\n".join(p.text for p in pages.values())
    names = {*ON_TRAINING, *catalog.ATTACKS, *catalog.PROTECTIONS, *catalog.TRAINERS}
    assert names
    assert not {n for n in names if f"`{n}`" not in text}
    assert not {f for f in (*catalog.TASKS, *catalog.COMPARISONS) if f"{f}/" not in text}
    assert not {f for f in catalog.SIGNALS if f"`{f}/voice`" not in text}


def test_every_importer_has_its_section(pages):
    page = pages["docs/bring-your-data.md"]
    headings = [line for line in page.text.splitlines() if line.startswith("## ")]
    assert not [name for name in IMPORTERS if not any(f"{name}`" in h for h in headings)]


def test_the_measures_of_voices_and_faces_are_those_of_the_page(pages):
    text = pages["docs/researcher.md"].text
    rows = [f"| `{m.name}` | {m.unit} | {m.description} | {m.source} |" for m in VOICE_MEASURES]
    assert "\n".join(rows) in text
    assert len(VOICE_MEASURES) == 15, "the page says fifteen"
    assert not [name for name in EXPRESSIONS if f"`{name}`" not in text]
    assert len(EXPRESSIONS) == 12, "the page says twelve"


def test_the_limits_of_recordings_are_those_of_the_page(pages):
    text = pages["docs/bring-your-data.md"].text
    limits = {
        f"| {media_limits.MOST_BYTES // 10**9} GB |",
        f"| {media_limits.MOST_SECONDS // 3600} hours |",
        f"| {media_limits.MOST_CHANNELS} channels (their mean is used), 1 to 192 kHz |",
        f"| {media_limits.MOST_PIXELS // 10**6} million pixels |",
        f"| {media_limits.MOST_SIDE:,} pixels a side, {media_limits.MOST_FRAMES_A_SECOND} frames",
    }
    assert not [limit for limit in limits if limit not in text]
    assert (media_limits.LEAST_RATE, media_limits.MOST_RATE) == (1_000, 192_000)


def test_nothing_is_named_that_does_not_exist(pages):
    """Names such as ``voice/mcadams`` are reserved; a page that uses them promises them."""
    shelves = {*ON_TRAINING, *catalog.ATTACKS, *catalog.PROTECTIONS, *catalog.TRAINERS}
    families = "text|voice|face|scales|synthesise|train|synthetic|model|fused|updates"
    name = re.compile(rf"`((?:{families})/[a-z][a-z-]*)`")
    found = {(p.name, n) for p in pages.values() for n in name.findall(p.prose)}
    own = {"text/talk-length", "text/shorten", "model/generalisation-gap", "updates/leaning"}
    assert not {(page, n) for page, n in found if n not in shelves | own}


def test_every_public_name_is_in_the_page_for_researchers(pages):
    text = pages["docs/researcher.md"].text
    assert not [n for n in mindveil.__all__ if f"`{n}`" not in text]


def test_the_settings_of_trainers_and_of_attacks_on_detectors_are_documented(pages):
    section = pages["docs/researcher.md"].text.partition("## Detectors that leave")[2]
    kinds = [*catalog.TRAINERS.values(), *ON_TRAINING.values()]
    settings = {name for kind in kinds for name in catalog.settings_of(kind)}
    assert {"epsilon", "shadows", "games"} <= settings
    assert not {name for name in settings if f"`{name}`" not in section}
    for setting in ("method", "inputs", "split", "combine", "unit", "answer"):
        asked = [get_type_hints(trainer).get(setting) for trainer in catalog.TRAINERS.values()]
        chosen = [get_args(kind) for kind in asked if kind is not None]
        assert chosen
        assert all(chosen)
        assert not [c for choices in chosen for c in choices if f'"{c}"' not in section]


def test_every_seat_of_a_server_is_in_the_pages(pages):
    text = pages["docs/researcher.md"].text
    seats = (MASKED, COLLUDING, DIFFERENCED, CRAFTED)
    assert not [seat for seat in seats if f"`@{seat}`" not in text]
    assert not [kind for kind in KINDS if f"`{kind}`" not in text]


def test_every_key_of_a_site_is_explained(pages):
    section = pages["docs/data-steward.md"].text.partition("## Your site in a federation")[2]
    assert not [key for key in SitePolicy.model_fields if f"`{key}`" not in section]
    for key in ("outputs", "attacks"):
        (kinds, _) = get_args(SitePolicy.model_fields[key].annotation)
        assert not [kind for kind in get_args(kinds) if f'`"{kind}"`' not in section]


def test_what_epsilon_permits_is_computed(pages):
    text = pages["docs/reviewer.md"].text
    rows = re.findall(r"^\| ([\d.]+) \| ([\d.]+) % \|$", text, re.MULTILINE)
    assert len(rows) == 4
    for epsilon, said in rows:
        budget = Budget(epsilon=float(epsilon), delta=1e-4, accountant="gaussian")
        assert said == f"{100 * budget.advantage:.1f}"


def test_columns_of_the_scorecard_are_those_of_the_page(pages):
    text = " ".join(pages["docs/researcher.md"].prose.split())
    assert f"`{', '.join(COLUMNS)}`" in text


def test_figures_of_resolution_are_computed(pages):
    text = pages["docs/reviewer.md"].text
    row = next(line for line in text.splitlines() if "zero hits still allow" in line)
    said = [float(n) for n in re.findall(r"([\d.]+) %", row)]
    assert said == [
        round(100 * resolution(n), d) for n, d in ((50, 1), (100, 1), (189, 1), (1000, 2))
    ]
    assert f"At least {people_needed(0.09)} people" in text


def test_every_weight_is_named(pages):
    text = pages["docs/data-steward.md"].text
    assert not [key for key in WEIGHTS if f"`{key}`" not in text]


def test_the_notice_states_every_licence():
    lines = (ROOT / "NOTICE").read_text(encoding="utf-8").splitlines()
    for key, weight in WEIGHTS.items():
        (line,) = [one for one in lines if one.startswith(f"{key} ")]
        assert line.endswith(weight.licence), key
        assert all(f" {a.package} {a.version} " in line for a in weight.archives), key


def test_equal_error_rates_stand_for_the_reductions_of_the_page(pages):
    text = pages["docs/data-steward.md"].text
    assert "If the unprotected voices have an EER of 3 %" in text
    row = next(line for line in text.splitlines() if line.startswith("| EER of the protected"))
    rates = [int(n) / 100 for n in re.findall(r"(\d+) %", row)]
    row = next(line for line in text.splitlines() if line.startswith("| reduction of the risk"))
    reductions = [int(n) for n in re.findall(r"(\d+) %", row)]
    plain = 1 - 2 * 0.03
    exact = [100 * (1 - (1 - 2 * rate) / plain) for rate in rates]
    assert len(exact) == len(reductions) == 3
    assert max(abs(a - b) for a, b in zip(exact, reductions, strict=True)) <= 0.6


def test_decisions_have_their_four_parts(pages):
    decisions = [p for p in pages.values() if re.match(r"docs/decisions/\d{4}-", p.name)]
    assert [p.path.name[:4] for p in decisions] == [
        f"{n:04d}" for n in range(1, len(decisions) + 1)
    ]
    for page in decisions:
        assert re.findall(r"^## (.+)$", page.text, re.MULTILINE) == SECTIONS
        assert page.text.startswith(f"# {page.path.name[:4]} ")
        assert len(page.text.splitlines()) <= 80, "one page"


def test_the_changelog_has_this_version(pages):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
        "version"
    ]
    assert f"## [{version}]" in pages["CHANGELOG.md"].text


def test_tests_that_security_names_exist(pages):
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", pages["SECURITY.md"].text)
    assert named
    for file, test in named:
        assert (ROOT / file).is_file(), file
        assert not test or f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), test
