from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.dp.accounting import Budget
from mindveil.dp.composition import Cost, together
from mindveil.errors import InputError
from mindveil.federation.refusals import SiteRefusal
from mindveil.federation.site_policy import SitePolicy, load_policy

WHOLE = """
site = "north"
corpus = "corpus"
studies = ["{study}"]
coordinator = ["{key}"]
sites = ["north", "south", "west"]
min_people = 20
min_count = 10
max_epsilon = 8.0
max_delta = 1e-4
secure_only = true
outputs = ["updates", "estimates"]
attacks = ["model/membership-loss"]
""".format(study="a" * 64, key="b" * 64)


def written(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return path


def policy(**lines: object) -> SitePolicy:
    return SitePolicy.model_validate({"site": "north", "corpus": "corpus", **lines})


def cost(epsilon: float, delta: float = 1e-5) -> Cost:
    return Cost.of(Budget(epsilon=epsilon, delta=delta, accountant="gaussian"))


def test_the_whole_file_is_read(tmp_path: Path) -> None:
    found = load_policy(written(tmp_path, WHOLE))
    assert found.corpus == tmp_path / "corpus"
    assert found.state == tmp_path / "site-state"
    assert found.sites == ("north", "south", "west")
    assert (found.min_people, found.min_count, found.held_out) == (20, 10, 0.2)
    assert found.attacks == ("model/membership-loss",)


def test_what_is_not_said_is_not_allowed(tmp_path: Path) -> None:
    found = load_policy(written(tmp_path, 'site = "north"\ncorpus = "corpus"\n'))
    assert found.studies == found.sites == found.attacks == ()
    assert found.outputs == ("updates",)
    assert found.secure_only
    assert not found.seeded_noise


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("min_peple = 3", "unknown key 'min_peple'; did you mean 'min_people'?"),
        ("min_count = 4", "min_count: input should be greater than or equal to 5"),
        ("held_out = 0.9", "held_out: input should be less than or equal to 0.5"),
        ("max_epsilon = inf", "max_epsilon: input should be a finite number"),
        ('outputs = ["rows"]', "outputs.1: input should be 'updates' or 'estimates'"),
        ('attacks = ["model/membership-lira"]', "attacks.1: input should be"),
        ('studies = ["abc"]', "studies.1: string should match pattern"),
        ("secure_only = ", "not valid TOML"),
        ('partners = { south = "%s" }' % ("c" * 64), "partners lists a signing key of each"),
        ('sites = ["../etc"]', "sites.1: string should match"),
    ],
)
def test_a_line_that_cannot_be_is_said_in_a_sentence(
    tmp_path: Path, line: str, sentence: str
) -> None:
    with pytest.raises(InputError) as told:
        load_policy(written(tmp_path, f'site = "north"\ncorpus = "corpus"\n{line}\n'))
    assert sentence in str(told.value)
    assert str(told.value).startswith("site.toml")
    assert "\n" not in str(told.value)


def test_a_policy_is_there_and_its_owners(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        load_policy(tmp_path / "site.toml")
    path = written(tmp_path, WHOLE)
    path.chmod(0o666)
    with pytest.raises(InputError, match="others may change"):
        load_policy(path)
    path.chmod(0o600)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="UTF-8"):
        load_policy(path)
    with pytest.raises(InputError, match="key 'corpus' is missing"):
        load_policy(written(tmp_path, 'site = "north"'))


def test_each_line_allows_what_it_says_and_nothing_else() -> None:
    here = policy(
        studies=["a" * 64],
        coordinator=["b" * 64],
        sites=["north", "south"],
        outputs=["updates"],
        attacks=["model/membership-loss"],
    )
    here.check_study("a" * 64)
    here.check_sites(("south", "north"))
    here.check_coordinator("b" * 64)
    here.check_people(20)
    here.check_masks(secure=True)
    here.check_noise(seeded=False)
    here.check_output("updates")
    assert here.attack_refused("model/membership-loss") == ""
    assert here.count_refused(10, 11) == ""
    for check in (
        lambda: here.check_study("c" * 64),
        lambda: here.check_sites(("north", "south", "west")),
        lambda: here.check_sites(("north",)),
        lambda: here.check_sites(("north", "north")),
        lambda: here.check_coordinator("a" * 64),
        lambda: here.check_people(19),
        lambda: here.check_masks(secure=False),
        lambda: here.check_noise(seeded=True),
        lambda: here.check_output("estimates"),
    ):
        with pytest.raises(SiteRefusal, match="site north"):
            check()
    assert "does not measure" in here.attack_refused("model/membership-lira")
    assert "fewer than 10 people" in here.count_refused(40, 9)
    assert here.count_refused() != ""


def test_a_site_is_on_its_own_list() -> None:
    with pytest.raises(SiteRefusal, match="other partners"):
        policy(sites=["south", "west"]).check_sites(("south", "west"))


def test_whoever_may_ask_is_the_transports_word_where_no_key_is_listed() -> None:
    policy().check_coordinator("anybody")


@pytest.mark.parametrize(
    ("asked", "spent", "sentence"),
    [
        (None, [], "promises nothing"),
        (cost(8.5), [], "allows epsilon 8 in all, and this study asks for 8.5"),
        (cost(1.0, 2e-4), [], "allows delta 0.0001 in all, and this study asks for 0.0002"),
        (cost(6.0), [cost(6.0)], "its ledger of earlier studies leaves less"),
        (cost(1.0, 6e-5), [cost(1.0, 5e-5)], "its ledger of earlier studies leaves less"),
    ],
)
def test_a_promise_that_is_too_weak_is_refused(
    asked: Cost | None, spent: list[Cost], sentence: str
) -> None:
    with pytest.raises(SiteRefusal, match=sentence):
        policy(max_epsilon=8.0).check_promise(asked, spent)


def test_a_site_that_bounds_nothing_takes_part_without_a_promise() -> None:
    policy().check_promise(None, [])
    policy().check_promise(cost(40.0), [])
    with pytest.raises(SiteRefusal, match="delta"):
        policy().check_promise(cost(1.0, 1e-3), [])


@given(st.lists(st.floats(0.1, 4.0), max_size=4), st.floats(0.1, 6.0), st.floats(1.0, 10.0))
def test_no_study_gets_past_what_is_left(before: list[float], asked: float, limit: float) -> None:
    spent = [cost(epsilon) for epsilon in before]
    after = together([*spent, cost(asked)])
    allowed = True
    try:
        policy(max_epsilon=limit, max_delta=1e-3).check_promise(cost(asked), spent)
    except SiteRefusal:
        allowed = False
    assert allowed == (after.epsilon <= limit * (1 + 1e-9) and asked <= limit * (1 + 1e-9))
