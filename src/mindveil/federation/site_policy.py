"""What a site allows, in a file of its own: ``site.toml``. Nothing that a coordinator says widens it.

The file is read by pydantic at this one edge. Each ``check_...`` refuses what one line of it does
not allow, in one sentence that may be said to the coordinator: it holds no data of anybody, and no
count of people.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from mindveil.dp.composition import Cost, together
from mindveil.errors import InputError
from mindveil.federation.refusals import SiteRefusal
from mindveil.study_file import read_toml, sentence_of

Output = Literal["updates", "estimates"]
Measurable = Literal["model/membership-label-only", "model/membership-loss"]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]

_ROUNDING = 1e-9
_SHOWN = 16


class SitePolicy(BaseModel):
    """One site's own word about what it takes part in and what may leave it.

    ``studies`` holds hashes of what the site agreed to (see ``agreement``), ``sites`` everybody
    with whom, this site among them, and ``coordinator`` digests of the certificates by which
    those who may ask are known (empty: whoever the transport lets through). ``partners`` are the
    signing keys of all sites by name: with them, a coordinator cannot make up other sites.
    ``min_people`` must teach here, and no estimate is about fewer than ``min_count`` of a group.
    ``max_epsilon`` and ``max_delta`` bound what all studies together promise away, by the site's
    own ledger; where ``max_epsilon`` stands, a study that promises nothing is refused. The
    ``held_out`` share of people is never taught: estimates need them. ``state`` is the folder of
    the ledger, the log and the key that draws who is held out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    site: Name
    corpus: Path
    studies: tuple[Digest, ...] = ()
    coordinator: tuple[Digest, ...] = ()
    sites: tuple[Name, ...] = ()
    partners: dict[Name, Digest] = Field(default_factory=dict)
    min_people: int = Field(20, ge=1)
    min_count: int = Field(10, ge=5)
    max_epsilon: float | None = Field(None, gt=0, allow_inf_nan=False)
    max_delta: float = Field(1e-4, gt=0, lt=1)
    secure_only: bool = True
    seeded_noise: bool = False
    outputs: tuple[Output, ...] = ("updates",)
    attacks: tuple[Measurable, ...] = ()
    held_out: float = Field(0.2, ge=0, le=0.5)
    state: Path = Path("site-state")

    @model_validator(mode="after")
    def _all_partners(self) -> SitePolicy:
        if self.partners and set(self.partners) != set(self.sites):
            raise ValueError("partners lists a signing key of each of the sites, and no others")
        return self

    def check_study(self, study: str) -> None:
        """Refuse a study that the site has not agreed to."""
        if study not in self.studies:
            raise SiteRefusal(
                f"site {self.site} has not agreed to study {study[:_SHOWN]}; "
                "its policy lists the studies that it takes part in"
            )

    def check_sites(self, sites: Sequence[str]) -> None:
        """Refuse other partners than those that the site agreed to."""
        if self.site not in self.sites or sorted(sites) != sorted(self.sites):
            raise SiteRefusal(
                f"site {self.site} agreed to other partners than this study has; "
                "compare the list of sites of the study and of the site's policy"
            )

    def check_coordinator(self, fingerprint: str) -> None:
        """Refuse a coordinator whose certificate is not listed, where any is."""
        if self.coordinator and fingerprint not in self.coordinator:
            raise SiteRefusal(
                f"site {self.site} does not answer the coordinator {fingerprint[:_SHOWN]}; "
                "its policy lists those whom it answers"
            )

    def check_people(self, people: int) -> None:
        """Refuse where fewer people would teach than the site wants; says not how many."""
        if people < self.min_people:
            raise SiteRefusal(
                f"site {self.site} has fewer than {self.min_people} people for this study, "
                "and takes no part"
            )

    def check_masks(self, *, secure: bool) -> None:
        """Refuse to send an update that no mask hides."""
        if self.secure_only and not secure:
            raise SiteRefusal(
                f"site {self.site} sends updates under masks only; set secure = true in the study"
            )

    def check_noise(self, *, seeded: bool) -> None:
        """Refuse noise that whoever knows the study can draw again."""
        if seeded and not self.seeded_noise:
            raise SiteRefusal(
                f"site {self.site} draws its noise itself, and this study is reproducible: whoever "
                "knows its seed takes the noise off; set reproducible = false"
            )

    def check_output(self, output: Output) -> None:
        """Refuse a kind of answer that may not leave."""
        if output not in self.outputs:
            raise SiteRefusal(f"site {self.site} gives no {output}; its policy says what may leave")

    def check_promise(self, cost: Cost | None, spent: Collection[Cost]) -> None:
        """Refuse a study that promises too little, alone or after all that was spent here."""
        if cost is None:
            if self.max_epsilon is not None:
                raise SiteRefusal(
                    f"site {self.site} allows epsilon {self.max_epsilon:g} in all, and this study "
                    "promises nothing; give it an epsilon"
                )
            return
        if cost.delta > self.max_delta:
            raise SiteRefusal(
                f"site {self.site} allows delta {self.max_delta:g} in all, and this study asks "
                f"for {cost.delta:g}"
            )
        if self.max_epsilon is not None and cost.epsilon > self.max_epsilon * (1.0 + _ROUNDING):
            raise SiteRefusal(
                f"site {self.site} allows epsilon {self.max_epsilon:g} in all, and this study asks "
                f"for {cost.epsilon:g}"
            )
        after = together([*spent, cost])
        limit = float("inf") if self.max_epsilon is None else self.max_epsilon
        if after.epsilon > limit * (1.0 + _ROUNDING) or after.delta > self.max_delta * (
            1.0 + _ROUNDING
        ):
            raise SiteRefusal(
                f"site {self.site} cannot spend epsilon {cost.epsilon:g} at delta {cost.delta:g} "
                "more: its ledger of earlier studies leaves less"
            )

    def attack_refused(self, attack: str) -> str:
        """Return why an attack may not be measured here, or nothing where it may."""
        if attack in self.attacks:
            return ""
        return f"site {self.site} does not measure {attack[:64]!r}; its policy names what it does"

    def count_refused(self, *groups: int) -> str:
        """Return why no number about these groups may leave, or nothing where it may."""
        if min(groups, default=0) >= self.min_count:
            return ""
        return (
            f"site {self.site} says nothing about fewer than {self.min_count} people of a group, "
            "taught or held out, cases or others"
        )


def load_policy(path: Path) -> SitePolicy:
    """Read a site's policy; its paths are resolved against the folder it lies in.

    Raises:
        InputError: it is missing, others may change it, or a line of it cannot be; one sentence.
    """
    if not path.is_file():
        raise InputError(
            f"{path.name} does not exist: a site without a policy takes part in nothing"
        )
    if path.stat().st_mode & 0o022:
        raise InputError(f"others may change {path.name}; run: chmod 600 {path.name}")
    raw = read_toml(path)
    try:
        policy = SitePolicy.model_validate(raw)
    except ValidationError as fault:
        raise InputError(
            f"{path.name}: {sentence_of(fault, lambda _: SitePolicy.model_fields)}"
        ) from None
    folder = path.resolve().parent
    return policy.model_copy(
        update={"corpus": folder / policy.corpus, "state": folder / policy.state}
    )
