"""The gate: Flower's process for one task, which first looks at the code it was sent.

Flower itself runs any app that its SuperLink hands out, unless apps must be signed at Flower's
hub, and the SuperLink takes apps from whoever reaches its port. A site therefore puts this
program in the place of ``flwr-clientapp``, and the coordinator in the place of
``flwr-serverapp``. It compares the app bundle with the fingerprints in the policy of its place
before the bundle is unpacked; another bundle is refused, the refusal travels back, and none of
its code is run. Should a version of Flower have no such place to look, the gate fails and
nothing is run either.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

from mindveil.engine.flower_policy import POLICY_VARIABLE, check_app, read_policy
from mindveil.errors import RefusedError

_STAGES = {
    "clientapp": ("flwr.supernode.cli.flwr_clientapp", "flwr.supernode.runtime.run_clientapp"),
    "serverapp": ("flwr.superlink.cli.flwr_serverapp", "flwr.superlink.runtime.run_serverapp"),
}


def main(half: str) -> None:
    """Handle one task behind the gate.

    Raises:
        RefusedError: this version of Flower does not install bundles where the gate looks.
    """
    program, stage = (importlib.import_module(name) for name in _STAGES[half])
    install = getattr(stage, "install_from_fab", None)
    if install is None:
        raise RefusedError(f"this Flower installs the app of a {half} out of sight of the gate")
    stage.install_from_fab = guarded(install)  # type: ignore[attr-defined]
    getattr(program, f"flwr_{half}")()


def guarded(install: Callable[..., object]) -> Callable[..., object]:
    """Return the installer of bundles that refuses what the policy does not list."""

    def install_allowed(content: bytes, *, skip_prompt: bool) -> object:
        check_app(read_policy(Path(os.environ[POLICY_VARIABLE])), content)
        return install(content, skip_prompt=skip_prompt)

    return install_allowed


if __name__ == "__main__":
    main(sys.argv.pop(1))
