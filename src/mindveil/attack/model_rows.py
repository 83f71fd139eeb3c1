"""From what a person changed in a head back to the row of numbers that she is.

A person changes what a head says by her residual times her row, seen through one matrix that is
the same for everybody (the stationarity of a penalised sum of losses; Balle, Cherubin & Hayes
2022 solve it for generalised linear models). Reference people show the matrix.
"""

from __future__ import annotations

import numpy as np

from mindveil.train.base import Floats

_SMALL = 1e-4
"""Ridge penalty of the way back, as a share of the mean square of changes."""

_ROUNDS = 20


def steadied(changes: Floats, said: Floats) -> Floats:
    """Return changes without what stretches or lifts all answers: calibration does that.

    ``changes`` (people, answers) are those of a head that says ``said`` (answers,).

    >>> steadied(np.array([[1.0, 2.0, 3.0]]), np.array([0.0, 1.0, 2.0])).round(9) + 0.0
    array([[0., 0., 0.]])
    """
    basis = np.linalg.qr(np.column_stack([np.ones_like(said), said - said.mean()]))[0]
    return np.asarray(changes - (changes @ basis) @ basis.T, dtype=np.float64)


def rows_behind(missing: Floats, changes: Floats, rows: Floats, own: slice) -> Floats:
    """Return the direction of the row behind each difference, (games, columns).

    ``missing`` (games, answers) is what heads say more than without somebody; ``changes``
    (people, answers) and ``rows`` (people, columns) belong to reference people, and ``own`` says
    where their own answers are. The change is linear in residual times row. The change of her
    own answer is a first guess at a person's residual; a ridge regression from changes to such
    products says better what it was, and is fitted again.
    """
    inner = changes @ changes.T
    size = float(np.trace(inner)) / len(inner)
    if not size > 0:
        return np.zeros((len(missing), rows.shape[1]))
    back = np.linalg.inv(inner + _SMALL * size * np.eye(len(inner)))
    square = np.maximum(np.einsum("ij,ij->i", rows, rows), _SMALL)
    residual = np.diagonal(changes[:, own])
    for _ in range(_ROUNDS):
        length = float(np.linalg.norm(residual))
        wanted = rows * (residual / (length if length > 0 else 1.0))[:, None]
        residual = np.einsum("ij,ij->i", inner @ (back @ wanted), rows) / square
    return unit(np.asarray(missing @ changes.T @ back @ wanted))


def standard(rows: Floats, first: int) -> Floats:
    """Return rows in the units of those from ``first`` on, with the constant as a last column."""
    if first == len(rows):
        return np.column_stack([rows, np.ones(len(rows))])
    centre, spread = rows[first:].mean(axis=0), rows[first:].std(axis=0)
    scaled = (rows - centre) / np.where(spread > 0, spread, 1.0)
    return np.column_stack([scaled, np.ones(len(rows))])


def unit(rows: Floats) -> Floats:
    """Return rows at length one; those of length zero stay.

    >>> unit(np.array([[3.0, 4.0], [0.0, 0.0]])).tolist()
    [[0.6, 0.8], [0.0, 0.0]]
    """
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1.0), dtype=np.float64)
