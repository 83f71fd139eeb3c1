"""The Flower app of every federation: a dozen lines that call the installed Mindveil.

The folder is the same bytes every time, so its bundle has one fingerprint a Flower version,
which a site can compute from its own installation and put on its list. What differs from study
to study travels as settings and messages, never as code.
"""

from __future__ import annotations

from pathlib import Path

from mindveil.store.files import write_text

PACKAGE = "mindveil_federation"
_FILES = {
    "pyproject.toml": """\
[project]
name = "mindveil-federation"
version = "1.0.0"
description = "Carries Mindveil's messages between a coordinator and its sites"
license = "Apache-2.0"
dependencies = []

[tool.flwr.app]
publisher = "mindveil"

[tool.flwr.app.components]
serverapp = "mindveil_federation.server:app"
clientapp = "mindveil_federation.client:app"

[tool.flwr.app.config]
meeting = ""
""",
    f"{PACKAGE}/__init__.py": '"""Both halves of the app."""\n',
    f"{PACKAGE}/server.py": (
        '"""The coordinator\'s half."""\n\n'
        "from mindveil.engine.flower_server_app import server_app\n\n"
        "app = server_app()\n"
    ),
    f"{PACKAGE}/client.py": (
        '"""The site\'s half."""\n\n'
        "from mindveil.engine.flower_client_app import client_app\n\n"
        "app = client_app()\n"
    ),
}


def write_app(folder: Path) -> Path:
    """Write the app folder, from which Flower builds its bundle; return it."""
    for name, text in _FILES.items():
        write_text(folder / name, text)
    return folder
