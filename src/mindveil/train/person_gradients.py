"""Each person's own gradient of a network, shortened: measured by Opacus, tried on made-up people.

Opacus (Yousefpour et al. 2021) finds how long each sample's gradient is without writing it down
("ghost clipping", Li et al. 2022). It is asked for lengths and factors only; sampling, noise and
accounting are not its business here. Before anybody is looked at, a network is tried on made-up
people: where one person's gradient depends on another one's, or where the measured length is not
its length, no promise could be kept, and the network is refused.

Lengths come from products between windows, in which large numbers may cancel: in single precision a
long gradient can be measured as none at all, and nothing would shorten it. So all is computed in
double precision, and what is recorded is cut at a public bound.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError

if TYPE_CHECKING:
    from types import ModuleType

    from torch import Tensor
    from torch.nn import Module, Parameter

MADE_UP = 4
"""People on whom a network is tried."""

LARGEST = 1e6
"""Recorded numbers beyond this, either way, count as this: their squares keep ten digits and more."""

_CLOSE = 1e-4
"""The relative difference that single precision may make."""

_MISSING = "teaching a network of your own needs {name}: pip install 'mindveil[opacus]'"


class Ghost(Protocol):
    """What is used of Opacus's wrapper around a network."""

    def __call__(self, samples: Tensor) -> Tensor:
        """Return the network's answers, and remember what went in."""
        ...

    def get_norm_sample(self) -> Tensor:
        """Return the length of each sample's gradient."""
        ...

    def get_clipping_coef(self) -> Tensor:
        """Return by how much each sample's gradient is to be shortened."""
        ...

    def disable_hooks(self) -> None:
        """Stop measuring."""
        ...

    def enable_hooks(self) -> None:
        """Measure again."""
        ...


def ghost_of(network: Module, clip: float) -> Ghost:
    """Return a network, in training, whose gradients are measured; it is changed for good.

    Raises:
        InputError: torch or Opacus is missing; the network has parts that mix people, or whose
            gradients cannot be measured.
    """
    for part in network.modules():
        if "BatchNorm" in type(part).__name__:
            raise InputError(
                f"the network has a {type(part).__name__}, which mixes the people of a batch, so "
                "that no promise to one person could be kept; use GroupNorm or LayerNorm"
            )
    opacus = _package("opacus.grad_sample", "opacus")
    with _refused():
        wrapped = opacus.GradSampleModuleFastGradientClipping(
            network.train(), loss_reduction="sum", max_grad_norm=clip, use_ghost_clipping=True
        )
    return cast("Ghost", wrapped)


def clipped_sum(
    ghost: Ghost, weights: list[Parameter], values: Tensor, labels: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the sum of shortened gradients, all weights in one row, and the measured lengths.

    ``values`` (people, ...), ``labels`` (people,); nobody is a sum of zeros. Whose gradient is no
    finite number adds nothing: an error would tell that such a person is there. Lengths are those
    of the people who are added up.

    Raises:
        InputError: a layer sees something else than people.
    """
    import torch  # noqa: PLC0415 - an optional extra

    if not len(values):
        return _row(weights, [None] * len(weights)), torch.zeros(0)
    # Inputs that want gradients too: the first layer is measured only where something does.
    losses = _losses(ghost(values.requires_grad_()), labels)
    torch.autograd.backward(losses.sum(), retain_graph=True)
    lengths = ghost.get_norm_sample().detach()
    if lengths.shape != losses.shape:
        raise InputError(
            f"a layer of the network sees {len(lengths)} samples where there are {len(losses)} "
            "people; windows of a person must keep a dimension of their own"
        )
    finite = torch.isfinite(lengths)
    if not bool(finite.all()):
        return clipped_sum(ghost, weights, values.detach()[finite], labels[finite])
    shares = ghost.get_clipping_coef().detach()
    for weight in weights:
        weight.grad = None
    ghost.disable_hooks()
    torch.autograd.backward((shares * losses).sum())
    ghost.enable_hooks()
    return _row(weights, [weight.grad for weight in weights]), lengths


def check_one_by_one(
    network: Module, shape: tuple[int, ...], clip: float, rng: np.random.Generator
) -> None:
    """Refuse a network whose gradients are not each person's own, or are measured wrongly.

    It is tried on made-up people with recordings of this shape: nobody's data is touched. What is
    skipped at random in training (dropout) is kept here, so that gradients can be compared.
    """
    torch = _package("torch", "torch")
    pupil = copy.deepcopy(network).double()
    ghost = ghost_of(pupil, clip)
    kept = [buffer.clone() for buffer in pupil.buffers()]
    for part in pupil.modules():
        if "Dropout" in type(part).__name__:
            part.eval()
    values = fine_tensor_of(rng.standard_normal((MADE_UP, *shape)))
    labels = fine_tensor_of(np.arange(MADE_UP) % 2)
    weights = weights_of(pupil)
    with _refused():
        together, measured = clipped_sum(ghost, weights, values, labels)
        ghost.disable_hooks()
        alone = []
        for one in range(MADE_UP):
            loss = _losses(pupil(values[one : one + 1]), labels[one : one + 1]).sum()
            alone.append(_row(weights, torch.autograd.grad(loss, weights, allow_unused=True)))
    if not all(map(torch.equal, kept, pupil.buffers())):
        raise InputError(
            "the network keeps numbers of whoever it is shown (a running mean or the like), which "
            "no noise would hide; leave them out, as with track_running_stats=False"
        )
    rows = torch.stack(alone)
    lengths = rows.norm(dim=1)
    shortened = (rows * (clip / lengths.clamp(min=clip))[:, None]).sum(dim=0)
    if not (_alike(measured, lengths) and _alike(together, shortened)):
        raise InputError(
            "the network does not treat each person alone: beside others, a made-up person's "
            "gradient is another one, or its length is measured wrongly; leave out whatever looks "
            "across the first dimension, and keep a person's windows in a dimension of their own"
        )


def weights_of(network: Module) -> list[Parameter]:
    """Return what is learnt; raises InputError where that is nothing."""
    found = [weight for weight in network.parameters() if weight.requires_grad]
    if not found:
        raise InputError("the network has no weights to learn; set requires_grad on some")
    return found


def tensor_of(values: NDArray[np.generic]) -> Tensor:
    """Return numbers as a float32 tensor; raises InputError where torch is missing."""
    torch = _package("torch", "torch")
    return cast("Tensor", torch.from_numpy(np.array(values, dtype=np.float32)))


def fine_tensor_of(values: NDArray[np.generic]) -> Tensor:
    """Return numbers as a tensor in double precision; raises InputError where torch is missing."""
    torch = _package("torch", "torch")
    return cast("Tensor", torch.from_numpy(np.array(values, dtype=np.float64)))


def cut(values: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return what was recorded, cut at the bound, same shape."""
    return np.asarray(np.clip(values, -LARGEST, LARGEST))


def _losses(answers: Tensor, labels: Tensor) -> Tensor:
    """Return how wrong each person's log-odds are, shape (people,)."""
    from torch.nn.functional import binary_cross_entropy_with_logits  # noqa: PLC0415

    people = len(labels)
    if tuple(answers.shape) not in {(people,), (people, 1)}:
        raise InputError(
            f"the network answers {people} people with an array of shape {tuple(answers.shape)}; "
            "it must give one number a person: average over a person's windows inside it"
        )
    return binary_cross_entropy_with_logits(answers.reshape(people), labels, reduction="none")


def _row(weights: list[Parameter], gradients: list[Tensor | None] | tuple[Tensor | None]) -> Tensor:
    import torch  # noqa: PLC0415 - an optional extra

    parts = [
        torch.zeros(w.numel(), dtype=w.dtype) if g is None else g.detach().reshape(-1)
        for w, g in zip(weights, gradients, strict=True)
    ]
    return torch.cat(parts)


def _alike(found: Tensor, expected: Tensor) -> bool:
    if found.shape != expected.shape:
        return False
    return float((found - expected).norm()) <= _CLOSE * float(expected.norm()) + 1e-7


@contextmanager
def _refused() -> Iterator[None]:
    """Turn what Opacus and torch say of a network, on made-up people, into one sentence."""
    try:
        yield
    except (AttributeError, IndexError, NotImplementedError, RuntimeError, ValueError) as error:
        raise InputError(
            "the network has a part whose gradient cannot be measured for each person "
            f"({type(error).__name__}); use layers that Opacus supports, each of them once, and "
            "arrays of the shape that the network expects"
        ) from error


def _package(module: str, name: str) -> ModuleType:
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise InputError(_MISSING.format(name=name)) from error
