"""A fitted set of private margins, and how people are drawn from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError
from mindveil.release import Guarantee
from mindveil.store.cache import Json
from mindveil.synthesise.base import Tensors
from mindveil.synthesise.codebook import MISSING, Codebook, Codes
from mindveil.synthesise.copula import latent_facts, latent_tensors, restored_latent
from mindveil.synthesise.latent import Latent
from mindveil.synthesise.marginal_tables import layout_of, score_cells
from mindveil.synthesise.marginal_tree import Node, Tree
from mindveil.synthesise.score_latent import scores_codebook
from mindveil.synthesise.score_parts import Parts, added


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginalsModel:
    """Noisy tables that fit together, and how to draw from them: a ``TableModel``.

    ``scores`` is the joint distribution of the scores of all scales, none without scales. The
    first nodes of the tree are these scores, the others the stand-alone variables; ``items`` are
    the parts of each score.
    """

    kind: ClassVar[str] = "dp-marginals"

    codebook: Codebook
    people: int
    guarantee: Guarantee | None
    scores: Latent | None
    tree: Tree
    items: tuple[Parts, ...]

    def draw(self, people: int, rng: np.random.Generator) -> Codes:
        """Return a table of new people, shape (people, variables)."""
        layout = layout_of(self.codebook, scores=self.scores is not None)
        drawn = np.empty((people, len(self.codebook.variables)), dtype=np.int64)
        most = np.array([v.cells for v in self.codebook.variables])
        given = np.empty((people, 0), dtype=np.int64)
        if self.scores is not None:
            given = self.scores.draw(people, rng).astype(np.int64)
        last = [len(node.group) - 1 for node in self.tree.nodes[: given.shape[1]]]
        cells = self.tree.draw(np.where(given == MISSING, last, given), rng)
        drawn[:, list(layout.alone)] = cells[:, given.shape[1] :]
        for index, (members, parts) in enumerate(zip(layout.blocks, self.items, strict=True)):
            there = given[:, index] != MISSING
            total = given[there, index]
            answers = np.tile(most[list(members)], (people, 1))
            answers[there] = parts.draw(self.tree.nodes[index].group[total], total, rng)
            drawn[:, list(members)] = answers
        return np.where(drawn >= most, MISSING, drawn).astype(np.int16)

    def tensors(self) -> Tensors:
        """Return every table by name."""
        held: dict[str, NDArray[np.float64] | NDArray[np.float32] | NDArray[np.int64]] = {
            "tree.root": self.tree.root,
            "tree.edges": np.array(self.tree.edges, dtype=np.int64).reshape(-1, 2),
        }
        held |= {f"tree.table.{k}": table for k, table in enumerate(self.tree.tables)}
        for index, node in enumerate(self.tree.nodes):
            held |= {f"node.{index}.group": node.group, f"node.{index}.shares": node.shares}
        for index, parts in enumerate(self.items):
            held |= {f"items.{index}.{p}": w for p, w in enumerate(parts.weights)}
        if self.scores is not None:
            held |= {f"scores.{name}": t for name, t in latent_tensors(self.scores).items()}
        return held

    def facts(self) -> Mapping[str, Json]:
        """Return whether items hang on scores, and which scores can be missing."""
        return {} if self.scores is None else latent_facts(self.scores)

    @classmethod
    def restored(
        cls,
        codebook: Codebook,
        people: int,
        guarantee: Guarantee | None,
        tensors: Tensors,
        facts: Mapping[str, Json],
    ) -> MarginalsModel:
        """Return the model that was saved.

        Raises:
            InputError: a table does not fit the variables of the codebook.
        """
        layout = layout_of(codebook, scores="gaps" in facts)
        sizes = score_cells(codebook, layout)
        tree = _restored_tree(
            tensors, [*sizes, *(codebook.variables[i].cells for i in layout.alone)], len(sizes)
        )
        items = tuple(
            _restored_parts(tensors, f"items.{index}", [codebook.variables[i].cells for i in block])
            for index, block in enumerate(layout.blocks)
        )
        fits = [len(p.weights[0]) == n.groups - 1 for p, n in zip(items, tree.nodes, strict=False)]
        if not all(fits):
            raise InputError("the items of a scale have not the groups of its score")
        saved = {name[7:]: t for name, t in tensors.items() if name.startswith("scores.")}
        scores = restored_latent(scores_codebook(sizes), saved, facts) if sizes else None
        return cls(
            codebook=codebook,
            people=people,
            guarantee=guarantee,
            scores=scores,
            tree=tree,
            items=items,
        )


def _restored_tree(tensors: Tensors, cells: Sequence[int], given: int) -> Tree:
    nodes = []
    for index, count in enumerate(cells):
        group = np.asarray(tensors[f"node.{index}.group"], dtype=np.int64)
        shares = np.asarray(tensors[f"node.{index}.shares"], dtype=np.float64)
        if group.shape != (count + 1,) or shares.shape != (count + 1,) or group.min() < 0:
            raise InputError(f"variable {index} of the tree has not the cells of its codebook")
        nodes.append(Node(group=group, shares=shares))
    edges = [(int(a), int(b)) for a, b in tensors["tree.edges"]]
    tables = [np.asarray(tensors[f"tree.table.{k}"], dtype=np.float64) for k in range(len(edges))]
    reached = set(range(max(given, 1)))
    for (parent, child), table in zip(edges, tables, strict=True):
        known = parent in reached and child not in reached and child < len(nodes)
        if not known or table.shape != (nodes[parent].groups, nodes[child].groups):
            raise InputError("the edges and tables of the tree do not fit its variables")
        reached.add(child)
    if len(reached) != max(len(nodes), 1):
        raise InputError("the tree does not reach every variable")
    root = np.asarray(tensors["tree.root"], dtype=np.float64)
    return Tree(
        nodes=tuple(nodes), given=given, root=root, edges=tuple(edges), tables=tuple(tables)
    )


def _restored_parts(tensors: Tensors, name: str, cells: Sequence[int]) -> Parts:
    weights = [np.asarray(tensors[f"{name}.{p}"], dtype=np.float64) for p in range(len(cells))]
    for table, count in zip(weights, cells, strict=True):
        if table.ndim != 2 or table.shape[1] not in (count, count + 1) or (table < 0).any():
            raise InputError(f"{name}: an item has not the cells of its codebook")
        if len(table) != len(weights[0]):
            raise InputError(f"{name}: items have not the same groups")
    return Parts(
        values=tuple(added(c, t.shape[1]) for c, t in zip(cells, weights, strict=True)),
        weights=tuple(weights),
    )
