from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from tests.federation.hospitals import agreed, federation, hospitals
from tests.train.clinic import clinic

from mindveil.corpus.manifest import load_corpus, save_corpus
from mindveil.engine.site_messages import SiteMessage
from mindveil.errors import InputError
from mindveil.federation.agreement import Agreement
from mindveil.federation.refusals import SiteRefusal
from mindveil.federation.site_estimates import (
    Figures,
    Questions,
    SiteEstimate,
    estimates_from,
    figures_of,
)
from mindveil.federation.site_people import SitePeople, people_of
from mindveil.federation.site_policy import SitePolicy
from mindveil.federation.site_session import open_site
from mindveil.randomness import stream
from mindveil.train.linear_head import LinearHead

LOSS = "model/membership-loss"


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a site of 160 people."""
    folder = tmp_path_factory.mktemp("ward")
    save_corpus(clinic(160, np.random.default_rng(2)), folder / "corpus")
    return folder


def policy_of(ward: Path, **lines: object) -> SitePolicy:
    said = {"site": "north", "corpus": ward / "corpus", "state": ward / "state", "held_out": 0.5}
    return SitePolicy.model_validate({**said, "attacks": [LOSS], **lines})


def people_at(policy: SitePolicy, held_out: frozenset[str] | None = None) -> SitePeople:
    class Folder:
        def held_out(self, ids: tuple[str, ...], share: float) -> frozenset[str]:
            return frozenset(ids[: int(share * len(ids))]) if held_out is None else held_out

    return people_of(policy, Folder(), agreed(("north",)))  # type: ignore[arg-type]


def told(policy: SitePolicy, people: SitePeople, head: object, *attacks: str) -> Figures:
    asked = Questions(head=head, attacks=attacks)  # type: ignore[arg-type]
    return figures_of(policy, agreed(("north",)), people, asked, stream(1, "estimates"))


def head_of(people: SitePeople, weights: np.ndarray, bias: float = 0.0) -> LinearHead:
    scale = people.everybody.scale
    return LinearHead(weights=weights, intercept=bias, slope=0.2, scale=scale)


def test_a_number_leaves_to_three_digits_and_comes_in_as_it_left() -> None:
    one = SiteEstimate(
        measure="detect/phq9>=10", metric="auroc", value=0.8, low=0.7, high=0.9, n=30
    )
    assert estimates_from([one.to_json()]) == (one,)
    assert estimates_from([]) == ()
    for wrong in ([None], [{}], [{**one.to_json(), "n": "many"}]):
        with pytest.raises(InputError, match="is none"):
            estimates_from(wrong)


def test_a_detector_is_judged_by_those_who_are_held_out(ward: Path) -> None:
    policy = policy_of(ward)
    people = people_at(policy)
    head = head_of(people, np.full(people.columns, 1.0), -3.0)
    found = told(policy, people, head)
    by_metric = {e.metric: e for e in found.estimates}
    assert set(by_metric) == {"auroc", "accuracy", "balanced-accuracy"}
    tested = people.tested
    odds = head.log_odds(tested.rows)
    assert by_metric["auroc"].value == pytest.approx(roc_auc_score(tested.labels, odds), abs=1e-3)
    right = np.mean((odds >= 0) == (tested.labels > 0))
    assert by_metric["accuracy"].value == pytest.approx(right, abs=1e-3)
    for each in found.estimates:
        assert each.low <= each.value <= each.high
        assert (each.n, each.measure) == (80, "detect/phq9>=10")
        assert each.value == round(each.value, 3)
    assert by_metric["auroc"].low > 0.7


def test_a_head_that_knows_nothing_is_worth_nothing(ward: Path) -> None:
    policy = policy_of(ward)
    people = people_at(policy)
    covered = 0
    for seed in range(20):
        drawn = np.random.default_rng(seed)
        # Rows of answers rise together: only a head of noise upon no row knows nothing.
        blind = replace(people.everybody, rows=drawn.standard_normal(people.everybody.rows.shape))
        found = told(
            policy, replace(people, everybody=blind), head_of(people, np.ones(people.columns))
        )
        auroc = next(e for e in found.estimates if e.metric == "auroc")
        covered += auroc.low <= 0.5 <= auroc.high
    assert covered >= 16  # 95 % intervals: fewer than 16 of 20 is one in four hundred


def test_what_was_learnt_by_heart_is_found(ward: Path) -> None:
    policy = policy_of(ward)
    people = people_at(policy)
    # Of either class, taught are those whom a head is surest of, and held out the others.
    head = head_of(people, np.ones(people.columns), -2.0)
    labels = people.everybody.labels
    sure = head.log_odds(people.everybody.rows) * np.where(labels > 0, 1, -1)
    middle = np.where(labels > 0, np.median(sure[labels > 0]), np.median(sure[labels == 0]))
    out = np.array(people.everybody.ids)[sure < middle].tolist()
    known = replace(people, held_out=frozenset(out))
    found = told(policy, known, head, LOSS)
    auc = next(e for e in found.estimates if e.measure == LOSS and e.metric == "auc")
    assert auc.low > 0.8
    assert auc.n == 160


def test_an_attack_does_not_beat_chance_where_nobody_was_taught(ward: Path) -> None:
    policy = policy_of(ward)
    covered = 0
    everybody = people_at(policy)
    for seed in range(6):
        drawn = np.random.default_rng(seed)
        people = everybody
        out = drawn.permutation(people.everybody.ids)[:80].tolist()
        people = replace(people, held_out=frozenset(out))
        found = told(policy, people, head_of(people, drawn.standard_normal(people.columns)), LOSS)
        auc = next(e for e in found.estimates if e.measure == LOSS and e.metric == "auc")
        covered += auc.low <= 0.5 <= auc.high
    assert covered >= 4  # 95 % intervals: fewer than 4 of 6 is one in five hundred


@pytest.mark.parametrize(
    ("lines", "held_out", "sentence"),
    [
        ({"min_count": 40}, 80, "fewer than 40 people of a group"),  # cases are fewer
        ({"attacks": []}, 80, "does not measure 'model/membership-loss'"),
        ({}, 9, "fewer than 10 people of a group"),
        ({}, 0, "fewer than 10 people of a group"),
        ({}, 151, "fewer than 10 people of a group"),
    ],
)
def test_no_number_is_about_few_people(
    ward: Path, lines: dict[str, object], held_out: int, sentence: str
) -> None:
    policy = policy_of(ward, **lines)
    people = people_at(policy)
    out = frozenset(people.everybody.ids[:held_out])
    people = replace(people, held_out=out)
    found = told(policy, people, head_of(people, np.ones(people.columns)), LOSS)
    assert any(sentence in why for why in found.refused)
    k = policy.min_count
    tested, taught = people.tested, people.taught
    cases = int(tested.labels.sum())
    if min(cases, len(tested.ids) - cases) < k:
        assert not any(e.measure.startswith("detect/") for e in found.estimates)
    if not policy.attacks or min(len(tested.ids), len(taught.ids)) < k:
        assert not any(e.measure == LOSS for e in found.estimates)
    assert all(str(n) not in " ".join(found.refused) for n in (151, 160, cases) if n > 10)


def test_an_attack_that_finds_all_alike_says_so_without_numbers(ward: Path) -> None:
    policy = policy_of(ward)
    people = people_at(policy)
    found = told(policy, people, head_of(people, np.zeros(people.columns)), LOSS)
    assert f"{LOSS}: cannot be measured on the people of north" in found.refused
    assert not any(e.measure == LOSS for e in found.estimates)


LINES: dict[str, object] = {
    "outputs": ["updates", "estimates"],
    "attacks": [LOSS],
    "held_out": 0.4,
    "min_count": 5,
    "min_people": 10,
}


def test_sites_say_once_what_a_detector_is_worth(tmp_path: Path) -> None:
    wards = hospitals(tmp_path, 3)
    agreement = agreed(wards.names)
    sites = wards.sites(agreement, **LINES)
    outcome = federation(agreement, sites, estimates=True, attacks=(LOSS, "model/inversion"))
    assert set(outcome.estimates) == set(wards.names)
    for name in wards.names:
        assert {e.measure for e in outcome.estimates[name]} <= {"detect/phq9>=10", LOSS}
        assert all(e.n >= 10 for e in outcome.estimates[name])
        assert any("'model/inversion'" in why for why in outcome.refused[name])
        assert wards.state(name).answered(agreement.hash) == ("estimates",)
    again = federation(agreement, sites, estimates=True)
    assert again.estimates == {}
    assert all("estimates for this study already" in why for why in again.record["lost"].values())


def test_who_is_held_out_teaches_nothing(tmp_path: Path) -> None:
    wards = hospitals(tmp_path, 3)
    agreement = agreed(wards.names)
    first = federation(agreement, wards.sites(agreement, **LINES)).detector.head.tensors()
    people = {
        name: people_of(site.policy, wards.state(name), agreement)
        for name, site in wards.sites(agreement, **LINES).items()
    }
    assert all(5 < len(p.held_out) < 0.6 * len(p.everybody.ids) for p in people.values())
    # The same hospitals without those people, who are all taught: the very same head.
    for name, each in people.items():
        save_corpus(
            load_corpus(tmp_path / f"{name}-corpus").select(each.taught.ids),
            tmp_path / f"{name}-taught",
        )
    sites = {}
    for name in wards.names:
        policy = wards.policy(name, agreement, **{**LINES, "held_out": 0.0})
        text = policy.read_text("utf-8").replace(f"{name}-corpus", f"{name}-taught")
        policy.write_text(text, "utf-8")
        sites[name] = opened(policy)
    second = federation(agreement, sites).detector.head.tensors()
    np.testing.assert_array_equal(first["weights"], second["weights"])


def opened(policy: Path) -> object:
    return open_site({"policy": str(policy)})


def test_estimates_are_of_heads_that_are_known(tmp_path: Path) -> None:
    wards = hospitals(tmp_path, 3)
    agreement: Agreement = agreed(wards.names)
    site = wards.sites(agreement, **LINES)["north"]
    hello = SiteMessage(kind="hello", facts={"agreement": agreement.to_json()})
    memory = site.handle(hello, None).memory
    facts = {"study": agreement.hash, "head": "forest", "head_facts": {}, "attacks": []}
    with pytest.raises(SiteRefusal, match="no head of the kind 'forest'"):
        site.handle(SiteMessage(kind="estimates", facts=facts), memory)
    with pytest.raises(SiteRefusal, match="its log says where"):
        site.handle(SiteMessage(kind="estimates", facts={**facts, "head": "linear"}), memory)
    assert wards.state("north").answered(agreement.hash) == ()
