from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.federation.hospitals import agreed, hospitals

from mindveil.corpus.model import Session, Turn
from mindveil.federation.site_people import people_of
from mindveil.federation.site_session import open_site
from mindveil.study import StepPart


def test_people_pass_the_steps_before_they_teach(tmp_path: Path) -> None:
    def talk(_: object, session: Session) -> Session:
        words = Turn(speaker="participant", text="write to jane.doe@example.org, please")
        return replace(session, transcript=(words,))

    wards = hospitals(tmp_path, 2, change=talk)
    agreement = replace(
        agreed(wards.names, modality="scales"), before=(StepPart(use="text/redact"),)
    )
    site = open_site({"policy": str(wards.policy("north", agreement))})
    people = people_of(site.policy, wards.state("north"), agreement)
    said = [t.text for p in people.corpus.participants for s in p.sessions for t in s.transcript]
    assert len(said) == len(wards.corpora["north"].ids)
    assert not any("jane.doe@example.org" in words for words in said)
