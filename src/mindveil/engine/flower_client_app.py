"""The site's half of the Flower app: unwrap an envelope, answer it, wrap the answer.

Called in Flower's environment only, by a process that lives for one message. The site's policy
is found through its own environment, never through anything that was sent; what is kept between
messages stays in the memory of the site's SuperNode.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from mindveil.engine.flower_answers import Envelope, Kept, answer_envelope
from mindveil.engine.flower_policy import POLICY_VARIABLE

if TYPE_CHECKING:
    from flwr.app import Context, Message
    from flwr.clientapp import ClientApp

ENVELOPE = "envelope"
_KEPT = "kept"


def client_app() -> ClientApp:
    """Make the app that Flower runs at a node."""
    from flwr.clientapp import ClientApp  # noqa: PLC0415 - Flower's environment only

    app = ClientApp()
    app.query()(answer_message)
    return app


def answer_message(message: Message, context: Context) -> Message:
    """Answer one message of the coordinator."""
    from flwr.app import ConfigRecord, Message, RecordDict  # noqa: PLC0415 - Flower's environment only

    told = message.content[ENVELOPE]
    envelope = Envelope(
        study=str(told["study"]),
        partners=str(told["partners"]),
        sequence=int(told["sequence"]),
        body=bytes(told["body"]),
    )
    kept = Kept()
    if _KEPT in context.state:
        record = context.state[_KEPT]
        kept = Kept(sequence=int(record["sequence"]), memory=bytes(record["memory"]))
    returned, kept = answer_envelope(Path(os.environ[POLICY_VARIABLE]), envelope, kept)
    context.state[_KEPT] = ConfigRecord({"sequence": kept.sequence, "memory": kept.memory})
    answer = {"status": returned.status, "reason": returned.reason, "body": returned.body}
    return Message(RecordDict({ENVELOPE: ConfigRecord(answer)}), reply_to=message)
