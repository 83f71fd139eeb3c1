"""ONNX networks, opened in one way: one thread, the same bytes each time, plain errors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mindveil.errors import InputError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def open_network(path: Path) -> InferenceSession:
    """Return an ONNX network on one thread, with the same bytes each time.

    Raises:
        InputError: the voice extra is not installed, or the file is no ONNX network.
    """
    try:
        import onnxruntime  # noqa: PLC0415 - an extra; the rest works without it
    except ModuleNotFoundError as fault:
        raise InputError(
            "this encoder needs the voice extra; run: pip install 'mindveil[voice]'"
        ) from fault
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as fault:  # the runtime's own errors derive from Exception
        raise InputError(
            f"{path}: not a network that ONNX Runtime can read ({type(fault).__name__})"
        ) from fault
