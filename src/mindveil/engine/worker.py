"""The other end of the pipe: one job a line, one answer a line, one thread.

What third parties print goes to the error stream, so that it cannot be taken for an answer;
what they raise is named by its type only, since its text may hold a participant's words.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import traceback
from pathlib import Path

from mindveil.errors import MindveilError


def main() -> None:
    """Answer jobs until the parent closes the pipe, or dies."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(lines,), daemon=True).start()
    while (line := lines.get()) is not None:
        answers.write(json.dumps(_answer(line)) + "\n")
        answers.flush()


def _listen(lines: queue.SimpleQueue[str | None]) -> None:
    for line in sys.stdin:
        lines.put(line)
    os._exit(0)  # the parent is gone: nobody waits for the job in hand


def _answer(line: str) -> dict[str, object]:
    from mindveil.harness.work import work  # noqa: PLC0415 - a worker that fails to import says so

    try:
        return {"result": work(json.loads(line))}
    except MindveilError as fault:
        return {"fault": str(fault)}
    except Exception as fault:  # noqa: BLE001 - a failing job must not end the others
        if os.environ.get("MINDVEIL_DEBUG"):
            traceback.print_exc()
        where = traceback.extract_tb(fault.__traceback__)[-1]
        return {"fault": f"{type(fault).__name__} in {Path(where.filename).name}:{where.lineno}"}


if __name__ == "__main__":
    main()
