"""A site's gate: Flower's process for one message, which first looks at the code it was sent.

Flower itself accepts any app from its SuperLink unless the app was signed at Flower's hub. The
site therefore puts this program in the place of ``flwr-clientapp``. It compares the app bundle
with the fingerprints in the site's policy before the bundle is unpacked; another bundle is
refused, the refusal travels back as the reply, and none of its code is run. Should a version of
Flower have no such place to look, the gate fails and nothing is run either.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from mindveil.engine.flower_policy import POLICY_VARIABLE, check_app, read_policy


def main() -> None:
    """Handle one message behind the gate."""
    from flwr.supernode.cli.flwr_clientapp import flwr_clientapp  # noqa: PLC0415 - Flower's environment only
    from flwr.supernode.runtime import run_clientapp  # noqa: PLC0415 - Flower's environment only

    run_clientapp.install_from_fab = guarded(run_clientapp.install_from_fab)
    flwr_clientapp()


def guarded(install: Callable[..., object]) -> Callable[..., object]:
    """Return the installer of bundles that refuses what the site's policy does not list."""

    def install_allowed(content: bytes, *, skip_prompt: bool) -> object:
        check_app(read_policy(Path(os.environ[POLICY_VARIABLE])), content)
        return install(content, skip_prompt=skip_prompt)

    return install_allowed


if __name__ == "__main__":
    main()
