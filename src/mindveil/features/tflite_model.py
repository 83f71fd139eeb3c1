"""A small network in a TensorFlow Lite file: an array in, arrays out, on one thread."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter

Floats = NDArray[np.float32]
Pixels = NDArray[np.uint8]

FACE_EXTRA = "faces are read with the face extra; run: pip install 'mindveil[face]'"


@dataclass(frozen=True, slots=True, kw_only=True)
class TfliteModel:
    """A network in memory; made by ``load_tflite``. It keeps its arrays: one thread at a time."""

    interpreter: Interpreter
    entry: int
    exits: tuple[int, ...]
    side: int

    def __call__(self, picture: Floats) -> tuple[Floats, ...]:
        """Return the outputs for one picture (side, side, 3), without the batch dimension."""
        self.interpreter.set_tensor(self.entry, picture[None])
        self.interpreter.invoke()
        return tuple(self.interpreter.get_tensor(place)[0] for place in self.exits)


@cache
def load_opencv() -> ModuleType:
    """Return OpenCV, told to use one thread.

    Raises:
        InputError: the face extra is not installed.
    """
    try:
        import cv2  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise InputError(FACE_EXTRA) from error
    cv2.setNumThreads(1)
    return cv2


@cache
def load_tflite(path: Path) -> TfliteModel:
    """Read a network whose input is one square RGB picture; once a process.

    Raises:
        InputError: the face extra is not installed, or the file is missing or of another kind.
    """
    try:
        from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise InputError(FACE_EXTRA) from error
    try:
        interpreter = Interpreter(model_path=str(path), num_threads=1)
        interpreter.allocate_tensors()
        (entry,) = interpreter.get_input_details()
        _, side, _, _ = (int(size) for size in entry["shape"])
    except (ValueError, RuntimeError, OSError) as error:
        raise InputError(
            f"{path}: the network cannot be read ({type(error).__name__}); "
            "run: mindveil models install"
        ) from error
    return TfliteModel(
        interpreter=interpreter,
        entry=int(entry["index"]),
        exits=tuple(int(place["index"]) for place in interpreter.get_output_details()),
        side=side,
    )
