"""A federation between real hospitals: what a site starts, and what its coordinator does.

A site looks at everything that could be in its way before its node starts, so that a fault is a
sentence at the site's own screen and not a refusal hours later. The coordinator holds a list of
sites and a study, and no corpus: it opens a link, waits for the nodes on its list, and writes a
detector folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from cryptography import x509

from mindveil.corpus.manifest import load_corpus
from mindveil.dp.card import Card, Circumstances
from mindveil.engine.flower_app import write_app
from mindveil.engine.flower_certificates import public_half, write_server_identity
from mindveil.engine.flower_link import Desk, open_link
from mindveil.engine.flower_nodes import Doorway, start_node
from mindveil.engine.flower_policy import NodePolicy
from mindveil.engine.flower_processes import (
    LOUDER,
    FlowerHome,
    FlowerProcess,
    Wish,
    end,
    flower_home,
    flower_python,
    start,
)
from mindveil.engine.flower_sites import Limits, Proposal, run_federation
from mindveil.errors import InputError, RefusedError
from mindveil.federation.agreement import Agreement
from mindveil.federation.coordinator import Coordinator, Outcome
from mindveil.federation.site_policy import SitePolicy, load_policy
from mindveil.store.files import Json, write_bytes, write_folder, write_json
from mindveil.study import Study
from mindveil.train.detector import Detector
from mindveil.train.model_file import save_detector

HANDLER = "mindveil.federation.site_session:open_site"
LIMITS = Limits(start_seconds=900.0, round_seconds=600.0)
"""Between hospitals somebody has to carry a certificate over, and people are read anew."""

_ADDRESS = re.compile(r"[A-Za-z0-9.-]+:[0-9]{1,5}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What a site is started with: its policy file, the list of sites, and how its node gets in."""

    policy: Path
    partners: Mapping[str, str]
    door: Doorway


def checked_post(post: Post) -> SitePolicy:
    """Return a site's policy after a look at all that could be in the way of its node.

    Raises:
        InputError: one sentence for the first fault: the address, the certificate, the policy,
            the list of sites, the key, Flower's environment or the corpus.
        RefusedError: the policy answers other coordinators only.
    """
    door = post.door
    if not _ADDRESS.fullmatch(door.address):
        raise InputError(f"{door.address!r} is no address; give HOST:PORT")
    certificate = _certificate(door.authority)
    policy = load_policy(post.policy)
    policy.check_coordinator(hashlib.sha256(certificate).hexdigest())
    _check_list(post, policy)
    flower_python()
    load_corpus(policy.corpus)
    return policy


@contextlib.contextmanager
def site_node(post: Post) -> Iterator[FlowerProcess]:
    """Run the node of a site under its policy; all of its processes end with the block.

    The only app that it allows is that of this installation. ``site.toml`` is read again for each
    message, so that a site may change its mind; a study that is added needs another start.

    Raises:
        InputError: as ``checked_post``, or Flower does not start.
    """
    policy = checked_post(post)
    with flower_home() as home:
        own = NodePolicy(
            name=policy.site,
            handler=HANDLER,
            settings={
                "policy": str(post.policy.resolve()),
                "certificate": str(post.door.authority.resolve()),
            },
            apps=(app_of(home, post.door),),
            studies=policy.studies,
            partners=post.partners,
        )
        door = Doorway(
            address=post.door.address,
            authority=post.door.authority.resolve(),
            key=post.door.key.resolve(),
        )
        node = start_node(home, own, door)
        try:
            yield node
        finally:
            end([node])


def ended(node: FlowerProcess) -> str:
    """Say why the node of a site may have ended by itself."""
    return (
        f"the node of {node.name} ended with code {node.process.poll()}: its key is not "
        f"registered there, or the certificate is of another coordinator; {LOUDER}"
    )


def app_of(home: FlowerHome, door: Doorway) -> str:
    """Return the fingerprint of this installation's own app; asks nobody for it.

    Raises:
        InputError: the environment of Flower cannot build it.
    """
    command = (home.python, "-m", "mindveil.engine.flower_control", door.address, door.authority)
    worker = start(home, Wish(name="desk", command=command, talks=True))
    try:
        folder = write_app(home.folder / "mindveil-federation")
        return Desk(worker=worker).ask({"do": "app", "folder": str(folder)})["app"]
    except InputError as fault:
        raise InputError(
            f"{home.python} cannot build the app of a federation: it lacks this Mindveil, or holds "
            f"a Flower of another version; {LOUDER}"
        ) from fault
    finally:
        end([worker])


def own_app() -> str:
    """Return the fingerprint of the app as a coordinator here would send it; empty without Flower.

    Sites compute their own: where it differs, Mindveil or Flower is of another version there.
    """
    with contextlib.suppress(InputError), flower_home() as home:
        identity = write_server_identity(home.folder / "link")
        nobody = Doorway(address="127.0.0.1:9", authority=identity.authority, key=identity.key)
        return app_of(home, nobody)
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Venture:
    """A federation as its coordinator sees it.

    With ``estimates`` each site is asked in the end what the detector is worth on people who
    never taught it; no promise of the study covers that, and a site's policy decides.
    """

    agreement: Agreement
    partners: Mapping[str, str]
    limits: Limits = LIMITS
    estimates: bool = False

    @classmethod
    def of(
        cls,
        study: Study,
        release: str,
        partners: Mapping[str, str],
        limits: Limits = LIMITS,
    ) -> Venture:
        """Return what a release of a study asks of the sites on a list.

        Raises:
            InputError: the release is no federation of so many sites.
            RefusedError: it would spend more than the policy of the study ever allows.
        """
        agreement = Agreement.of(study, release, tuple(partners))
        cost, limit = agreement.cost, study.policy.max_epsilon
        if cost is not None and limit is not None and cost.epsilon > limit:
            raise RefusedError(
                f"release {release!r} spends epsilon {cost.epsilon:g} and [policy] max_epsilon is "
                f"{limit:g}; lower the one or raise the other"
            )
        return cls(agreement=agreement, partners=partners, limits=limits)

    def lead(self, authority: Path, tell: Callable[[str], None]) -> tuple[Outcome, tuple[str, ...]]:
        """Return what the sites come to, and those whose node never came.

        ``authority`` is where the certificate is put by which sites know this coordinator; then
        ``tell`` is given the address.

        Raises:
            InputError: there is no Flower here, no node came, or Flower broke down.
            RefusedError: fewer sites are left than the masks need, or none.
        """
        coordinator = Coordinator(
            agreement=self.agreement,
            rng=np.random.default_rng(secrets.randbits(256)),
            estimates=self.estimates,
        )
        with open_link() as link:
            for name, key in self.partners.items():
                link.register(name, key)
            write_bytes(authority, link.identity.authority.read_bytes())
            tell(link.address)
            proposal = Proposal(study=self.agreement.hash, partners=self.partners)
            away = run_federation(link, coordinator, proposal, self.limits)
        return coordinator.outcome, away


def write_outcome(venture: Venture, outcome: Outcome, away: tuple[str, ...], out: Path) -> None:
    """Write the detector folder; before it, beside it, its record and the card of its promise.

    The ledgers are at the sites: the card says of earlier releases that each site counts its own.

    Raises:
        InputError: the place is taken.
    """
    refuse_taken(out)
    detector = outcome.detector
    told: dict[str, Json] = {
        "estimates": {
            name: [e.to_json() for e in found] for name, found in outcome.estimates.items()
        },
        "never_came": list(away),
        "not_said": {name: list(why) for name, why in outcome.refused.items() if why},
        "record": dict(outcome.record),
    }
    write_json(record_of(out), told)
    if detector.guarantee is not None:
        about = Circumstances(
            release=out.name,
            os_entropy=not venture.agreement.reproducible,
            public=_public(venture.agreement, detector),
            caveats=(
                (
                    "Each site keeps a ledger of its own; what was promised of its people before "
                    "is counted there, and not on this card."
                ),
            ),
        )
        write_json(
            out.with_name(f"{out.name}.dp-card.json"),
            Card(guarantee=detector.guarantee, circumstances=about).to_json(),
        )
    write_folder(out, lambda folder: save_detector(detector, folder))


def record_of(out: Path) -> Path:
    """Return where the record of a federation lies: beside its detector."""
    return out.with_name(f"{out.name}.federation.json")


def refuse_taken(out: Path) -> None:
    """Refuse a place where something is, before any site is asked.

    Raises:
        InputError: there is.
    """
    if out.exists():
        raise InputError(f"{out} exists already; give another folder, or remove it")


def _certificate(path: Path) -> bytes:
    if not path.is_file():
        raise InputError(
            f"{path} does not exist: it is the certificate by which a site knows its coordinator, "
            "who sends it"
        )
    told = path.read_bytes()
    try:
        x509.load_pem_x509_certificate(told)
    except ValueError:
        raise InputError(f"{path} is no certificate; ask the coordinator for it again") from None
    return told


def _check_list(post: Post, policy: SitePolicy) -> None:
    """Refuse where the site, its key or its partners are not those of the list."""
    if policy.site not in post.partners:
        raise InputError(
            f"site {policy.site} is not on the list of the federation, which has "
            f"{', '.join(post.partners)}"
        )
    if set(policy.sites) != set(post.partners):
        raise InputError(
            f"{post.policy.name} agrees to the sites {', '.join(policy.sites) or '(none)'}, and the "
            f"federation has {', '.join(post.partners)}; make them the same"
        )
    if public_half(post.door.key).split() != post.partners[policy.site].split():
        raise InputError(
            f"{post.door.key} is not the key that the list of the federation has for site "
            f"{policy.site}"
        )


def _public(agreement: Agreement, detector: Detector) -> list[str]:
    parts = ", ".join(f"{p.modality} {p.name} ({p.width} columns)" for p in detector.reader.parts)
    return [
        f"the study and its settings; the sites {', '.join(agreement.sites)}; who answered in which round",
        f"how people are read: {parts}; every constant of it was fixed beforehand",
        f"about how many people there are: {agreement.training.people}",
        (
            "the columns that sites declare, with levels and bounds, and the number of their people "
            "to the ten below"
        ),
    ]
