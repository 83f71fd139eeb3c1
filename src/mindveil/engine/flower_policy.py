"""What a site agrees to: whose programs, which studies, with whom. The site owns this file.

The coordinator proposes; nothing that it sends can widen what the site's own file says. Three
lists are kept there: fingerprints of the app bundles whose code may run, study fingerprints,
and the partners, each with the public key of its node. A federation in which one partner is
swapped for another has another fingerprint, and the site refuses it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from mindveil.errors import InputError, RefusedError
from mindveil.store.files import Json, write_json

POLICY_VARIABLE = "MINDVEIL_SITE_POLICY"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodePolicy:
    """One site's own word: its name, what it takes part in, and which code answers for it.

    ``handler`` is ``module:function``; the function gets ``settings`` and returns the Site.
    ``partners`` are all sites of the federation with their public keys, this one among them.
    """

    name: str
    handler: str
    settings: Mapping[str, Json] = field(default_factory=dict)
    apps: tuple[str, ...] = ()
    studies: tuple[str, ...] = ()
    partners: Mapping[str, str] = field(default_factory=dict)


def fingerprint(partners: Mapping[str, str]) -> str:
    """Name a list of partners by what it holds: names and public keys, in any order.

    >>> fingerprint({"a": "1", "b": "2"}) == fingerprint({"b": "2", "a": "1"})
    True
    """
    listed = [[name, "".join(key.split())] for name, key in sorted(partners.items())]
    return hashlib.sha256(json.dumps(listed).encode()).hexdigest()


def check_agreement(policy: NodePolicy, study: str, partners: str) -> None:
    """Refuse a study that the site does not know, or one with other partners than it agreed to.

    Raises:
        RefusedError: one sentence, which goes back to the coordinator.
    """
    if study not in policy.studies:
        raise RefusedError(
            f"site {policy.name} has not agreed to study {study[:16]!r}; "
            "its policy lists the studies that it takes part in"
        )
    if policy.name not in policy.partners:
        raise RefusedError(
            f"site {policy.name} is not on its own list of partners; mend its policy"
        )
    if partners != fingerprint(policy.partners):
        raise RefusedError(
            f"site {policy.name} agreed to other partners than this federation has; "
            "compare the node lists of the coordinator and the site"
        )


def check_app(policy: NodePolicy, content: bytes) -> None:
    """Refuse an app bundle whose code the site has not allowed, before any of it is run.

    Raises:
        RefusedError: the fingerprint of the bundle is not on the site's list.
    """
    found = hashlib.sha256(content).hexdigest()
    if found not in policy.apps:
        raise RefusedError(
            f"site {policy.name} does not allow the app {found[:16]}; "
            "its policy lists the apps whose code it runs"
        )


def write_policy(path: Path, policy: NodePolicy) -> None:
    """Write the site's file, private to its owner."""
    write_json(
        path,
        {
            "name": policy.name,
            "handler": policy.handler,
            "settings": policy.settings,
            "apps": policy.apps,
            "studies": policy.studies,
            "partners": policy.partners,
        },
    )


def read_policy(path: Path) -> NodePolicy:
    """Read the site's file.

    Raises:
        InputError: the file is missing, open to writing by others, or not a policy.
    """
    if not path.is_file():
        raise InputError(
            f"{path}: the site has no policy here; without one it takes part in nothing"
        )
    if path.stat().st_mode & 0o022:
        raise InputError(f"{path}: others may change this policy; chmod 600 it")
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as fault:
        raise InputError(f"{path}: the policy of the site is no JSON") from fault
    if not isinstance(told, dict) or set(told) != set(NodePolicy.__dataclass_fields__):
        raise InputError(
            f"{path}: a policy has the fields {', '.join(NodePolicy.__dataclass_fields__)}, "
            "no others and no fewer"
        )
    return NodePolicy(
        name=_text(told["name"], path),
        handler=_text(told["handler"], path),
        settings=_table(told["settings"], path),
        apps=_texts(told["apps"], path),
        studies=_texts(told["studies"], path),
        partners={k: _text(v, path) for k, v in _table(told["partners"], path).items()},
    )


def _text(value: object, path: Path) -> str:
    if not isinstance(value, str) or not value:
        raise InputError(f"{path}: a name, a handler, a fingerprint and a key are texts")
    return value


def _texts(value: object, path: Path) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise InputError(f"{path}: apps and studies are lists of fingerprints")
    return tuple(_text(item, path) for item in value)


def _table(value: object, path: Path) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise InputError(f"{path}: settings and partners are tables")
    return value
