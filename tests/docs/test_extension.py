"""The examples for extenders work from one end to the other: study, plan, harness, evidence."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import mindveil as mv
from mindveil import catalog
from mindveil.attack.base import Knowledge
from mindveil.corpus.manifest import load_corpus, save_corpus
from mindveil.corpus.media import Audio, read_audio, write_audio
from mindveil.corpus.model import Corpus, MediaFile, Participant, Session, Turn
from mindveil.corpus.sample.build import build_sample
from mindveil.dp.noise import seeded
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.evidence.measured import Truth
from mindveil.evidence.membership import measure_membership
from mindveil.evidence.signals import measure_signal
from mindveil.features.own_encoder import load_own
from mindveil.harness.attacks import measure_attack
from mindveil.harness.context import context_of
from mindveil.harness.releases import make_release
from mindveil.harness.tasks import measure_task
from mindveil.release import DataRelease
from mindveil.study_file import parse_study
from mindveil.train.base import Lessons, Part, Scale
from mindveil.train.federated import FederatedTraining
from mindveil.train.update_release import UpdateRelease
from mindveil.utility.base import Trial

ATTACK = "my_lab.attacks:TalkLength"
PEOPLE = 25
RATE = 16_000


def talkers(order) -> Corpus:
    """Return people of whom the i-th says turns of 5 + 3 order[i] words at the second visit."""

    def visit(number: int, words: int) -> Session:
        turn = Turn(speaker="participant", text=" ".join(["word"] * words))
        return Session(session_id=f"{number:02d}", transcript=(turn, turn))

    return Corpus(
        name="talkers",
        participants=tuple(
            Participant(
                participant_id=f"T{i:02d}",
                sessions=(visit(1, 5 + 3 * i), visit(2, 5 + 3 * int(order[i]))),
            )
            for i in range(PEOPLE)
        ),
    )


@pytest.fixture
def rank1(laboratory):
    """Return a function that attacks a corpus with the example and gives rows by metric."""

    def run(corpus: Corpus, name: str = ATTACK, **parts) -> dict[str, object]:
        folder = laboratory / f"study-{len(list(laboratory.iterdir()))}"
        save_corpus(corpus, folder / "corpus")
        raw = {"study": "talk", "corpus": "corpus", "out": "run", "attack": {"use": [name]}}
        context = context_of(parse_study(raw | parts, "talk", folder))
        context.folder.prepare()
        names = [r.name for r in context.study.releases]
        cells = [
            c
            for c in context.plan.cells
            if c.attacker == "lazy-informed" and c.release == names[-1]
        ]
        if len(names) > 1:
            make_release(context, names[-1])
        assert [c.measure for c in cells] == [name]
        return {r.metric: r for r in measure_attack(context, cells[0]).rows}

    return run


def test_the_example_finds_planted_talkers(rank1):
    row = rank1(talkers(range(PEOPLE)))["rank1"]
    assert row.value == 1.0
    assert row.n == PEOPLE
    assert row.control < 0.2


def test_the_example_finds_nobody_where_lengths_are_shuffled(rank1):
    order = np.random.default_rng(5).permutation(PEOPLE)
    row = rank1(talkers(order))["rank1"]
    assert row.low < row.baseline < row.high


def test_a_line_in_the_catalog_is_all_it_takes(rank1, monkeypatch):
    kind = importlib.import_module("my_lab.attacks").TalkLength
    monkeypatch.setitem(catalog.ATTACKS, kind.name, kind)
    found = rank1(talkers(range(PEOPLE)), kind.name)
    assert found["rank1"].value == 1.0
    assert found["rank1"].measure == "text/talk-length"


def test_settings_reach_the_example_and_misspelt_ones_do_not(rank1):
    order = list(range(PEOPLE))
    settings = {"use": [ATTACK], "settings": {ATTACK: {"logarithm": False}}}
    assert rank1(talkers(order), attack=settings)["rank1"].value == 1.0
    wrong = {"use": [ATTACK], "settings": {ATTACK: {"logaritm": False}}}
    with pytest.raises(InputError, match="did you mean 'logarithm'"):
        rank1(talkers(order), attack=wrong)


def short(words: int) -> dict[str, object]:
    step = {"use": "my_lab.protections:Shorten", "words": words}
    return {"release": [{"name": "short", "steps": [step]}]}


def test_the_protection_hides_talkers_the_more_the_shorter(rank1):
    found = [rank1(talkers(range(PEOPLE)), **short(w)).get("rank1") for w in (50, 15)]
    values = [row.value for row in found]
    assert 1.0 > values[0] > values[1] > 0.0
    nothing_left = rank1(talkers(range(PEOPLE)), **short(1))
    assert [r.status for r in nothing_left.values()] == ["invalid"]


def test_the_protection_by_hand(laboratory):
    shorten = importlib.import_module("my_lab.protections").Shorten
    corpus = shorten(words=2).apply(talkers(range(PEOPLE)), np.random.default_rng(1))
    assert {t.text for p in corpus.participants for t in p.sessions[0].transcript} == {"word word"}


def test_the_task_is_measured(laboratory, cohort):
    raw = {
        "study": "task",
        "corpus": "corpus",
        "out": "run",
        "utility": {"use": ["my_lab.tasks:SleepTalk"], "modalities": ["text"]},
        "attack": {"use": []},
    }
    context = context_of(parse_study(raw, "task", laboratory))
    context.folder.prepare()
    (cell,) = [c for c in context.plan.cells if not c.measure.startswith("contamination/")]
    rows = {r.metric: r for r in measure_task(context, cell).rows}
    assert rows["auroc"].status == "ok"
    assert rows["auroc"].n == len(cohort.participants)
    assert rows["auroc-change"].value == 0.0, "on the original, nothing is lost"


def test_the_synthesiser_keeps_columns_and_nothing_between_them(laboratory, cohort):
    maker = importlib.import_module("my_lab.makers").Loose()
    rng = np.random.default_rng(8)
    made = maker.fit(cohort, rng, seeded(rng))
    codes = made.encoding.encode(cohort)
    drawn = made.model.draw(4_000, rng)
    for real, column in zip(codes.T, drawn.T, strict=True):
        assert set(column.tolist()) <= set(real.tolist())
        for cell in set(real.tolist()):
            assert np.mean(column == cell) == pytest.approx(np.mean(real == cell), abs=0.04)
    stored = np.concatenate([np.ravel(t) for t in made.model.tensors().values()])
    assert stored.min() >= 0
    assert stored.max() <= 1, "shares, and no answers of anybody"
    people = maker.apply(cohort, rng)
    assert len(people.participants) == len(cohort.participants)
    assert people.tools == cohort.tools


def traced(cohort: Corpus, release: Corpus) -> float:
    """Return the AUC of the example attack, the first half of a cohort being behind a table."""
    half = len(cohort.ids) // 2
    knowledge = Knowledge(attacker="ignorant", known=cohort, reference=cohort, protect=None)
    attack = importlib.import_module("my_lab.tables").Averages()
    (guess,) = attack.run(
        DataRelease(name="r", corpus=release), knowledge, np.random.default_rng(9)
    )
    truth = Truth(
        person_of={},
        released=cohort.select(cohort.ids[:half]),
        absent=cohort.select(cohort.ids[half:]),
    )
    found = measure_membership([(guess, truth)], frozenset(), np.random.default_rng(10))
    return next(m.estimate.value for m in found if m.metric == "auc")


def test_the_attack_on_tables_traces_a_copy_and_nobody_in_strangers(laboratory, cohort):
    behind = cohort.select(cohort.ids[: len(cohort.ids) // 2])
    assert traced(cohort, behind) > 0.8
    strangers, _ = mv.build_sample(seed=99, people=24)
    assert 0.2 < traced(cohort, strangers) < 0.8


def test_synthesiser_and_attack_run_in_a_study(laboratory, pages):
    page = pages["docs/extender.md"]
    block = next(b.text for b in page.blocks if "with-my-maker" in b.text and not b.file)
    (laboratory / "maker.toml").write_text(block, encoding="utf-8")
    dossier = mv.run(mv.load_study(Path("maker.toml")))
    seen = {(r.release, r.measure) for r in dossier.rows if r.status == "ok"}
    assert ("loose", "my_lab.tables:Averages") in seen
    assert ("loose", "psychometrics/phq9") in seen
    assert not [r.note for r in dossier.rows if r.status == "failed"]


def recorded(folder: Path, people: int) -> Corpus:
    """Return people of whom the i-th hums at two visits, louder than the one before her."""
    folder.mkdir()
    hum = np.sin(2 * np.pi * 150 * np.arange(RATE) / RATE).astype(np.float32)

    def visit(person: int, number: int) -> Session:
        path = folder / f"{person}-{number}_voice.flac"
        samples = hum * np.float32(0.02 * (person + 1) / number)
        write_audio(path, Audio(samples=samples, rate=RATE))
        media = {"voice": (MediaFile(path=path, task="hum"),)}
        return Session(session_id=f"{number:02d}", media=media)

    return Corpus(
        name="hummers",
        participants=tuple(
            Participant(participant_id=f"H{i}", sessions=(visit(i, 1), visit(i, 2)))
            for i in range(people)
        ),
    )


def heard(corpus: Corpus) -> dict[tuple[str, str], np.ndarray]:
    return {
        (p.participant_id, s.session_id): read_audio(file.path).samples
        for p in corpus.participants
        for s in p.sessions
        for file in s.files("voice", "audio")
    }


def noisy(corpus: Corpus, **settings: float) -> Corpus:
    room = importlib.import_module("my_lab.voices").NoisyRoom(**settings)
    return room.apply(corpus, np.random.default_rng(4))


def test_the_protection_of_voices_by_hand(laboratory):
    corpus = recorded(laboratory / "hums", 2)
    before, after = heard(corpus), heard(noisy(corpus, decibels=20.0))
    assert before.keys() == after.keys()
    for key, samples in before.items():
        noise = after[key] - samples
        # 20 dB below the voice is a tenth of it
        assert np.std(noise) == pytest.approx(np.std(samples) / 10, rel=0.05)
    (file,) = noisy(corpus).participants[0].sessions[0].files("voice")
    assert file.task == "hum"
    assert file.path.parent != laboratory / "hums"


def test_noise_is_drawn_for_each_session_and_hangs_on_nobody_else(laboratory):
    corpus = recorded(laboratory / "hums", 3)
    many, few = heard(noisy(corpus)), heard(noisy(corpus.select(["H1"])))
    for key, samples in few.items():
        np.testing.assert_array_equal(samples, many[key])
    before = heard(corpus)
    one, two = (many["H0", visit] - before["H0", visit] for visit in ("01", "02"))
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.05


def test_the_question_about_recordings_is_answered(laboratory):
    corpus = recorded(laboratory / "hums", 8)
    loudness = importlib.import_module("my_lab.signals").Loudness()
    trial = Trial(training=corpus, test=noisy(corpus), original=corpus)
    rng = np.random.default_rng(6)
    found = {
        m.metric: m.estimate.value for m in measure_signal([loudness.measure(trial, rng)], rng)
    }
    assert found["between@loudness"] > 0.99
    assert found["within@loudness"] > 0.99
    shuffled = corpus.with_people(
        replace(p, sessions=other.sessions)
        for p, other in zip(corpus.participants, reversed(corpus.participants), strict=True)
    )
    crossed = Trial(training=corpus, test=shuffled, original=corpus)
    found = {
        m.metric: m.estimate.value for m in measure_signal([loudness.measure(crossed, rng)], rng)
    }
    assert found["between@loudness"] < -0.8


def test_the_encoder_is_taken(laboratory):
    encoder = load_own("my_lab.encoders:spectrum")
    samples = np.random.default_rng(7).standard_normal((2, RATE)).astype(np.float32) / 10
    rows = encoder.embed(list(samples))
    assert rows.shape == (2, 32)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1)
    attack = catalog.attack("voice/speaker-linkage", {"encoder": "my_lab.encoders:spectrum"})
    assert attack.encoder == encoder.key


def test_the_importer_keeps_the_order_and_drops_the_days(laboratory):
    lines = [
        {"person": "A", "day": "2024-05-02", "text": "the second entry of this person"},
        {"person": "A", "day": "2024-05-01", "text": "the first entry of this person"},
        {"person": "B", "day": "2024-05-01", "text": "too short"},
    ]
    source = laboratory / "entries.jsonl"
    source.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    diary = importlib.import_module("my_lab.diary").Diary()
    imported = diary.read(source, {"least": 3})
    imported.save(laboratory / "diaries")
    (person,) = load_corpus(laboratory / "diaries").participants
    assert [s.said()[0].split()[1] for s in person.sessions] == ["first", "second"]
    assert imported.notes == ("left out 1 entries of fewer than 3 words",)
    stored = [p for p in (laboratory / "diaries").rglob("*") if p.is_file()]
    assert not any("2024" in p.name or "2024" in p.read_text(encoding="utf-8") for p in stored)


def test_the_test_file_of_the_page_passes(laboratory):
    module = importlib.import_module("my_lab.test_attacks")
    tests = [f for name, f in vars(module).items() if name.startswith("test_")]
    assert len(tests) == 3
    for test in tests:
        test()


def test_the_executor_runs_a_whole_study(laboratory):
    in_turn = importlib.import_module("my_lab.executors").InTurn
    study = mv.load_study(Path("study.toml"))
    elsewhere = study.model_copy(update={"out": laboratory / "in-turn"})
    dossier = mv.run(elsewhere, executor=in_turn())
    assert {r.status for r in dossier.rows} == {"ok"}
    assert (laboratory / "in-turn" / "report.html").is_file()


def lessons_of(rows, labels) -> Lessons:
    return Lessons(
        ids=tuple(f"L{i:03d}" for i in range(len(rows))),
        rows=np.asarray(rows, dtype=np.float64),
        totals=np.where(np.asarray(labels) > 0, 20.0, 2.0),
        labels=np.asarray(labels, dtype=np.float64),
        scale=Scale(lowest=0, highest=27, edge=9.5),
        parts=(Part(modality="scales", name="background", width=np.shape(rows)[1]),),
    )


def test_the_detector_by_hand(laboratory):
    recipe = importlib.import_module("my_lab.trainers").Averages()
    rng = np.random.default_rng(8)
    head = recipe.fit(lessons_of([[1.0, 0.0], [0.0, 0.0]], [1, 0]), seeded(rng), rng).head
    assert head.log_odds(np.array([[1.0, 5.0], [0.5, 0.0]])).tolist() == [0.5, 0.0]


def test_the_shadows_of_the_detector_are_heads_that_it_would_fit(laboratory):
    recipe = importlib.import_module("my_lab.trainers").Averages()
    rng = np.random.default_rng(9)
    lessons = lessons_of(rng.normal(size=(30, 4)), np.arange(30) % 2)
    inside = rng.random((30, 3)) < 0.6
    found = recipe.shadows(lessons, inside, lessons.rows, rng)
    fitted = [recipe.fit(lessons.of(chosen), seeded(rng), rng).head for chosen in inside.T]
    wanted = np.column_stack([head.log_odds(lessons.rows) for head in fitted])
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    with pytest.raises(InvalidMeasurement, match="one class alone"):
        recipe.shadows(lessons, np.zeros((30, 1), dtype=np.bool_), lessons.rows, rng)


def test_the_detector_and_its_attack_go_through_a_study(laboratory, pages):
    block = next(b for b in pages["docs/extender.md"].blocks if "with-my-detector" in b.text)
    save_corpus(build_sample(people=40)[0], laboratory / "forty")
    raw = tomllib.loads(block.text) | {"corpus": "forty"}
    context = context_of(parse_study(raw, "detector", laboratory))
    context.folder.prepare()
    make_release(context, "averages")
    assert [r.name for r in context.study.releases] == ["original", "averages"]
    cells = [c for c in context.plan.cells if c.release == "averages"]
    (attack,) = [c for c in cells if c.measure.endswith("Surest")]
    rows = {r.metric: r for r in measure_attack(context, attack).rows}
    assert rows["advantage"].status == "ok"
    assert rows["advantage"].high < 0.9
    (question,) = [c for c in cells if c.kind == "utility"]
    found = {r.metric: r for r in measure_task(context, question).rows}
    assert found["auroc"].value > 0.5


def test_the_attack_on_updates_goes_through_a_study(laboratory, pages):
    block = next(b for b in pages["docs/extender.md"].blocks if "with-my-update-attack" in b.text)
    save_corpus(build_sample(people=40)[0], laboratory / "forty")
    raw = tomllib.loads(block.text) | {"corpus": "forty"}
    context = context_of(parse_study(raw, "updates", laboratory))
    context.folder.prepare()
    (cell,) = [c for c in context.plan.cells if (c.release, c.kind) == ("sites", "attack")]
    rows = {r.metric: r for r in measure_attack(context, cell).rows}
    assert rows["advantage"].status == "ok"
    assert rows["advantage"].low < rows["advantage"].high


def test_the_attack_on_updates_finds_whom_a_sum_is_made_of(laboratory):
    """Columns outnumber people: the sum of a few leans towards each of them."""
    attack = importlib.import_module("my_lab.update_attacks").Leaning()
    rng = np.random.default_rng(10)
    lessons = lessons_of(rng.normal(size=(16, 400)), np.arange(16) % 2)
    inside = np.arange(16) < 8
    recipe = FederatedTraining(target="phq9>=10", clients=4).recipe()
    release = federation_of(recipe, lessons, inside, rng)
    (found,) = attack.run(release, SimpleNamespace(known=None), rng)
    assert found.scores[inside].min() > found.scores[~inside].max()
    with pytest.raises(InvalidMeasurement, match="there is none"):
        attack.run(
            federation_of(replace(recipe, hidden=2), lessons, inside, rng), SimpleNamespace(), rng
        )


def federation_of(recipe, lessons, inside, rng):
    """Return a federation of those who are inside, and a reader that knows everybody."""
    teaching = lessons.of(inside)
    terms = recipe.terms(lessons.rows.shape[1], 4)
    client = np.arange(len(teaching.ids)) % 4
    return UpdateRelease(
        name="sites",
        reader=SimpleNamespace(lessons=lambda _: lessons),
        recipe=recipe,
        terms=terms,
        start=recipe.start(terms, rng),
        codes=tuple(f"client-{i + 1}" for i in range(4)),
        begin=lambda *, masks=True: recipe.sites(teaching, client, seeded(rng), rng).ask,
    )


@pytest.mark.slow
def test_the_example_runs_from_the_command_line(laboratory, pages):
    page = pages["docs/extender.md"]
    block = next(b.text for b in page.blocks if "with-my-attack" in b.text)
    assert tomllib.loads(block)["attack"]["use"] == [ATTACK]
    (laboratory / "mine.toml").write_text(block, encoding="utf-8")
    command = [sys.executable, "-m", "mindveil.cli", "run", "mine.toml", "--workers", "1", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["failed"] == 0
    card = (laboratory / "runs" / "with-my-attack" / "scorecard.csv").read_text(encoding="utf-8")
    assert ATTACK in card
