from __future__ import annotations

import pytest
from tests.suite.miniature import COPY, HERE

from mindveil.errors import InputError
from mindveil.suite.entrants import entrant_of


class NoDataclass:
    """A class of somebody who did not read the page."""


def test_a_dotted_path_is_attacked_by_everybody():
    found = entrant_of(f"mine={COPY}")
    assert (found.name, found.origin, found.informed) == ("mine", "steps", True)
    assert found.steps[0].use == COPY


def test_steps_of_this_package_enter_by_name_or_as_in_a_study_file():
    assert entrant_of("tags=text/redact").steps[0].use == "text/redact"
    two = entrant_of('mine=[{ use = "text/anonymise", level = 2 }, { use = "voice/mcadams" }]')
    assert [s.use for s in two.steps] == ["text/anonymise", "voice/mcadams"]
    assert two.steps[0].settings == {"level": 2}


def test_one_folder_meets_the_ignorant_and_two_meet_everybody(tmp_path):
    one = entrant_of(f"mine={tmp_path}")
    assert (one.origin, one.informed, one.again) == ("folder", False, None)
    two = entrant_of(f"mine={tmp_path},{tmp_path}")
    assert (two.origin, two.informed, two.again) == ("two folders", True, tmp_path)


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("mine", "write NAME=SPEC"),
        ("my defence=text/redact", "write NAME=SPEC"),
        ("=text/redact", "write NAME=SPEC"),
        ("../up=text/redact", "write NAME=SPEC"),
        ("none=text/redact", "the undefended release"),
        ("original=text/redact", "the undefended release"),
        ("mine=text/redactt", "is no folder, no step of this package"),
        ("mine=no_such_package.defences:Mine", "cannot be imported"),
        ("mine=mindveil.suite.defences:Missing", "cannot be imported"),
        (f"mine={__name__}:NoDataclass", "is no dataclass"),
        (f"mine={HERE}:Guesser", "does not protect people's records"),
        ("mine=synthesise/copula", "does not protect people's records"),
        ('mine=[{ use = "train/central", target = "phq9>=10" }]', "does not protect"),
        ('mine=[{ use = "text/redactt" }]', "did you mean 'text/redact'?"),
        ('mine=[{ use = "text/anonymise", level = 9 }]', "level 9 does not exist"),
        ("mine=[{ use = ", "the steps are not TOML"),
        ("mine=[1, 2]", "the steps are not TOML"),
    ],
)
def test_what_can_be_no_defence_is_refused_in_one_sentence(spec, sentence):
    with pytest.raises(InputError) as found:
        entrant_of(spec)
    assert sentence in str(found.value)
    assert "\n" not in str(found.value)
