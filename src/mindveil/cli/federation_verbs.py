"""Verbs of a federation between hospitals: `site` runs the node of one, `federate` asks them all."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from mindveil.cli.printing import console, say, say_json
from mindveil.engine.flower_certificates import write_node_key
from mindveil.engine.flower_nodes import Doorway
from mindveil.engine.flower_policy import fingerprint
from mindveil.engine.flower_sites import Limits
from mindveil.errors import InputError, Interrupted
from mindveil.federation import deployment
from mindveil.federation.deployment import Post, Venture
from mindveil.federation.partners import load_partners, one_line
from mindveil.federation.signatures import signer_of
from mindveil.federation.site_folder import SiteFolder
from mindveil.federation.site_policy import load_policy
from mindveil.study_file import load_study

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
Listed = Annotated[
    Path | None,
    typer.Option("--federation", help="The list of sites with the public keys of their nodes."),
]
Seconds = Annotated[float, typer.Option(min=1)]


def add_to(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    for verb in (site, federate):
        app.command()(verb)


def site(
    policy: Annotated[Path, typer.Argument(help="What this site agrees to: site.toml.")],
    federation: Listed = None,
    key: Annotated[Path | None, typer.Option(help="The private key of this site's node.")] = None,
    authority: Annotated[
        Path | None, typer.Option(help="The certificate that the coordinator sent.")
    ] = None,
    address: Annotated[str, typer.Option(help="Where the coordinator is: HOST:PORT.")] = "",
    new_key: Annotated[
        Path | None, typer.Option(help="Only write a new key for the node, and say what is public.")
    ] = None,
    json: Json = False,
) -> None:
    """Run the node of this site until it is interrupted: it answers what its policy allows."""
    if new_key is not None:
        _tell_keys(policy, new_key, json=json)
        return
    if federation is None or key is None or authority is None or not address:
        raise InputError(
            "a site is run with --federation, --key, --authority and --address; "
            "--new-key makes a key"
        )
    door = Doorway(address=address, authority=authority, key=key)
    _attend(Post(policy=policy, partners=load_partners(federation), door=door))


def _tell_keys(policy: Path, place: Path, *, json: bool) -> None:
    """Write a node key; print what the others need to know of this site."""
    own = load_policy(policy)
    public = one_line(write_node_key(place))
    signer = signer_of(SiteFolder(path=own.state, site=own.site).signing_key())
    if json:
        say_json({"site": own.site, "key": str(place), "public_key": public, "signer": signer})
        return
    say(f"wrote {place}; it stays at this site. For the list of the federation, [sites]:")
    say(f'{own.site} = "{public}"')
    say("For `partners` in the policy of each site:")
    say(f'{own.site} = "{signer}"')


def _attend(post: Post) -> None:
    """Keep the node up until somebody, or the system, ends it."""
    # What a service manager sends ends everything as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with deployment.site_node(post) as node:
            own = load_policy(post.policy)
            _mention(
                f"site {own.site} answers {post.door.address} for {_counted(len(own.studies))}; "
                f"list of sites {fingerprint(post.partners)[:16]}; its log is in {own.state}; "
                "Ctrl-C ends it"
            )
            if own.secure_only and not own.partners:
                _mention(
                    f"{post.policy.name} lists no `partners`: masks hide this site from a curious "
                    "coordinator, and not from one that makes up the other sites"
                )
            node.process.wait()
            raise InputError(deployment.ended(node))
    except KeyboardInterrupt:
        raise Interrupted(
            "the node has ended and left nothing running; its ledger and log are kept, and the "
            "same command goes on with them. A study that goes on without it takes it back in its "
            "next run only"
        ) from None


def federate(
    study: Annotated[Path, typer.Argument(help="The study file (TOML).")],
    release: Annotated[str, typer.Argument(help="The release that ends in train/federated.")],
    out: Annotated[
        Path | None, typer.Argument(help="The detector folder to write; it must not exist.")
    ] = None,
    federation: Listed = None,
    only_hash: Annotated[
        bool, typer.Option("--hash", help="Only say what sites have to agree to.")
    ] = False,
    estimates: Annotated[
        bool, typer.Option(help="Ask sites what the detector is worth on people held out.")
    ] = False,
    start_seconds: Seconds = deployment.LIMITS.start_seconds,
    round_seconds: Seconds = deployment.LIMITS.round_seconds,
    json: Json = False,
) -> None:
    """Have the sites on a list teach a detector together; no corpus is read here."""
    if federation is None:
        raise InputError("a federation is a list of sites; give it with --federation")
    limits = Limits(start_seconds=start_seconds, round_seconds=round_seconds)
    venture = Venture.of(load_study(study), release, load_partners(federation), limits)
    venture = replace(venture, estimates=estimates)
    if only_hash:
        _tell_terms(venture, json=json)
    elif out is None:
        raise InputError("name the detector folder to write, or ask for --hash only")
    else:
        _lead(venture, out, json=json)


def _tell_terms(venture: Venture, *, json: bool) -> None:
    """Print what a site puts into its policy if it agrees."""
    agreement = venture.agreement
    told = {
        "study": agreement.hash,
        "sites": list(agreement.sites),
        "partners": fingerprint(venture.partners),
        "app": deployment.own_app(),
        "epsilon": agreement.cost.epsilon if agreement.cost else None,
        "delta": agreement.cost.delta if agreement.cost else None,
        "secure": agreement.training.secure,
    }
    if json:
        say_json(told)
        return
    listed = ", ".join(f'"{name}"' for name in agreement.sites)
    promise = f"epsilon {told['epsilon']:g}" if agreement.cost else "nothing is promised to people"
    masks = "under masks" if agreement.training.secure else "openly: set secure_only = false"
    say(f"list of sites {told['partners']}")
    say(f"app           {told['app'] or 'not known: no Flower here can build it'}")
    say(f"A site that agrees ({promise}; updates leave {masks}) puts into its site.toml:")
    say(f'studies = ["{agreement.hash}"]\nsites = [{listed}]')


def _lead(venture: Venture, out: Path, *, json: bool) -> None:
    """Lead a federation to its detector and say what became of it."""
    deployment.refuse_taken(out)
    authority = out.with_name(f"{out.name}.authority.pem")

    def tell(address: str) -> None:
        _mention(
            f"the coordinator is at {address}, on this machine only: sites come through a tunnel. "
            f"Its certificate is {authority}; send it to each site. Waiting "
            f"{venture.limits.start_seconds:g} s for {', '.join(venture.partners)}"
        )

    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        outcome, away = venture.lead(authority, tell)
    except KeyboardInterrupt:
        raise Interrupted(
            "the federation has ended and no detector was written. What sites promised, they have "
            "paid for: where they refuse the study a second time, give it another seed"
        ) from None
    deployment.write_outcome(venture, outcome, away, out)
    lost = outcome.record["lost"]
    assert isinstance(lost, dict)
    if json:
        say_json(
            {
                "detector": str(out),
                "record": str(deployment.record_of(out)),
                "study": venture.agreement.hash,
                "lost": lost,
            }
        )
        return
    for name, why in lost.items():
        say(f"{name}: {why}")
    say(
        f"wrote a detector to {out}, taught by {len(venture.partners) - len(lost)} of "
        f"{len(venture.partners)} sites to the end; to use it: mindveil predict {out} CORPUS"
    )


def _mention(sentence: str) -> None:
    """Say something while it goes on: standard output is for what comes of it."""
    console(error=True).print(sentence, markup=False, soft_wrap=True)


def _counted(studies: int) -> str:
    return f"{studies} {'study' if studies == 1 else 'studies'}"
