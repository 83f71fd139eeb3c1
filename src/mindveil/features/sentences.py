"""Sentence embeddings: what a sentence means as 384 numbers, computed here in plain NumPy.

The network is MiniLM (Wang et al. 2020, arXiv 2002.10957), six BERT layers (Devlin et al. 2019)
trained so that near vectors mean near sentences (Reimers & Gurevych 2019, arXiv 1908.10084):
mean over the tokens, then length one. Only the weights are foreign, and they are data.

Every product of matrices is taken for one text alone, on one thread. The bytes of a vector
therefore depend on nothing but the text, the weights and the machine's arithmetic, and a cached
vector equals a fresh one. It takes the time that torch takes on one thread (128 tokens: 41 ms).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from threadpoolctl import threadpool_limits

from mindveil.errors import InputError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Floats = NDArray[np.float32]

ERFC = tuple(
    np.float32(c) for c in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)
)
GROUP = 32
MARKS = 2
"""Tokens that every text has: the marks of its start and its end."""

MOST_TOKENS = 256
"""Longer texts are cut here, as in training; cut a document into sentences first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Affine:
    """A matrix (inputs, outputs) and an offset (outputs,)."""

    matrix: Floats
    offset: Floats

    def __call__(self, rows: Floats) -> Floats:
        """Return ``rows @ matrix + offset``, shape (rows, outputs)."""
        product: Floats = rows @ self.matrix
        product += self.offset
        return product


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """Layer normalisation: each row to mean 0 and variance 1, then scaled and moved."""

    scale: Floats
    offset: Floats
    epsilon: float

    def __call__(self, rows: Floats) -> Floats:
        """Return the normalised rows, same shape."""
        centred: Floats = rows - rows.mean(axis=1, keepdims=True)
        variance = np.einsum("ij,ij->i", centred, centred) / np.float32(rows.shape[1])
        centred /= np.sqrt(variance + np.float32(self.epsilon))[:, None]
        centred *= self.scale
        centred += self.offset
        return centred


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One transformer block: tokens look at each other, then each is thought over alone."""

    attend: Affine  # queries, keys and values side by side: one product instead of three
    gather: Affine
    gathered: Norm
    widen: Affine
    narrow: Affine
    narrowed: Norm

    def __call__(self, texts: list[Floats], heads: int) -> list[Floats]:
        """Return every text's tokens one layer on; a text is (tokens, dimensions).

        Each matrix meets all texts of a group before the next one is fetched: it stays in the
        processor's cache, which takes 40 % off the time of a short text.
        """
        mixed = [_attention(self.attend(rows), heads) for rows in texts]
        seen = [
            self.gathered(self.gather(values) + rows)
            for values, rows in zip(mixed, texts, strict=True)
        ]
        thought = [_gelu(self.widen(rows)) for rows in seen]
        return [
            self.narrowed(self.narrow(wide) + rows)
            for wide, rows in zip(thought, seen, strict=True)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceEncoder:
    """A sentence encoder in memory; made by ``load_encoder``."""

    tokenizer: Tokenizer
    words: Floats
    places: Floats
    embedded: Norm
    layers: tuple[Layer, ...]
    heads: int

    @property
    def dimensions(self) -> int:
        """Numbers in one vector."""
        return int(self.words.shape[1])

    def encode(self, texts: Sequence[str]) -> Floats:
        """Return one vector of length one a text, shape (texts, dimensions).

        Of a text with more than 256 word pieces the rest is ignored. A text without any word has
        no meaning to place: its vector is zero, so its cosine with everything is 0.
        """
        pieces = [self.tokenizer.encode(text).ids for text in dict.fromkeys(texts)]
        found: list[Floats] = []
        with threadpool_limits(limits=1):
            for first in range(0, len(pieces), GROUP):
                found += self._vectors(pieces[first : first + GROUP])
        place = {text: row for row, text in enumerate(dict.fromkeys(texts))}
        empty = np.zeros((0, self.dimensions), dtype=np.float32)
        return np.vstack([empty, *(found[place[text]] for text in texts)])

    def _vectors(self, pieces: list[list[int]]) -> list[Floats]:
        rows = [self.embedded(self.words[ids] + self.places[: len(ids)]) for ids in pieces]
        for layer in self.layers:
            rows = layer(rows, self.heads)
        return [
            _unit(tokens.mean(axis=0)) if len(tokens) > MARKS else np.zeros_like(tokens[0])
            for tokens in rows
        ]


def load_encoder(folder: Path) -> SentenceEncoder:
    """Read an encoder from ``model.safetensors``, ``tokenizer.json`` and ``config.json``.

    ``folder`` is what ``weights.locate("minilm")`` returns; any BERT encoder with mean pooling
    in the same layout will do.

    Raises:
        InputError: the text extra is not installed, or a file is missing or of another kind.
    """
    try:
        from tokenizers import Tokenizer  # noqa: PLC0415 - an extra; the rest works without it
    except ModuleNotFoundError as error:
        raise InputError(
            "sentence embeddings need the text extra; run: pip install 'mindveil[text]'"
        ) from error
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text(encoding="utf-8"))
        return _assemble(config, load_file(folder / "model.safetensors"), tokenizer)
    except Exception as error:  # the tokenizer's and safetensors' readers raise bare Exceptions
        raise InputError(
            f"{folder}: the sentence encoder cannot be read ({type(error).__name__}); "
            "run: mindveil models install minilm"
        ) from error


def _assemble(
    config: Mapping[str, float], tensors: Mapping[str, Floats], tokenizer: Tokenizer
) -> SentenceEncoder:
    tokenizer.no_padding()
    tokenizer.enable_truncation(min(MOST_TOKENS, int(config["max_position_embeddings"])))
    epsilon = config["layer_norm_eps"]
    # token type 0 is added to every token of a single text, so it may as well be added here
    places = (
        tensors["embeddings.position_embeddings.weight"]
        + tensors["embeddings.token_type_embeddings.weight"][0]
    )
    return SentenceEncoder(
        tokenizer=tokenizer,
        words=tensors["embeddings.word_embeddings.weight"],
        places=places,
        embedded=_norm(tensors, "embeddings.LayerNorm", epsilon),
        layers=tuple(
            _layer(tensors, f"encoder.layer.{number}", epsilon)
            for number in range(int(config["num_hidden_layers"]))
        ),
        heads=int(config["num_attention_heads"]),
    )


def _layer(tensors: Mapping[str, Floats], name: str, epsilon: float) -> Layer:
    parts = [
        _affine(tensors, f"{name}.attention.self.{part}") for part in ("query", "key", "value")
    ]
    return Layer(
        attend=Affine(
            matrix=np.concatenate([part.matrix for part in parts], axis=1),
            offset=np.concatenate([part.offset for part in parts]),
        ),
        gather=_affine(tensors, f"{name}.attention.output.dense"),
        gathered=_norm(tensors, f"{name}.attention.output.LayerNorm", epsilon),
        widen=_affine(tensors, f"{name}.intermediate.dense"),
        narrow=_affine(tensors, f"{name}.output.dense"),
        narrowed=_norm(tensors, f"{name}.output.LayerNorm", epsilon),
    )


def _affine(tensors: Mapping[str, Floats], name: str) -> Affine:
    return Affine(
        matrix=np.ascontiguousarray(tensors[f"{name}.weight"].T), offset=tensors[f"{name}.bias"]
    )


def _norm(tensors: Mapping[str, Floats], name: str, epsilon: float) -> Norm:
    return Norm(scale=tensors[f"{name}.weight"], offset=tensors[f"{name}.bias"], epsilon=epsilon)


def _attention(joined: Floats, heads: int) -> Floats:
    """Return the values mixed by scaled dot-product attention, shape (tokens, dimensions)."""
    tokens = joined.shape[0]
    query, key, value = joined.reshape(tokens, 3, heads, -1).transpose(1, 2, 0, 3)
    scores: Floats = query @ key.transpose(0, 2, 1)
    scores *= np.float32(1 / np.sqrt(query.shape[2]))
    scores -= scores.max(axis=2, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=2, keepdims=True)
    return (scores @ value).transpose(1, 0, 2).reshape(tokens, -1)


def _gelu(rows: Floats) -> Floats:
    """Return x times the share of a standard normal below x (Hendrycks & Gimpel 2016).

    With z = |x| / sqrt 2 this is max(x, 0) - |x| / 2 * erfc(z), and erfc(z) is a polynomial in
    1 / (1 + .3275911 z) times exp(-z^2), off by 1.5e-7 at most (Abramowitz & Stegun 7.1.26):
    single precision holds no more, at a fifth of the time of an exact error function.
    """
    size = np.abs(rows)
    z = size * np.float32(np.sqrt(0.5))
    tail: Floats = z * np.float32(0.3275911)
    tail += 1
    np.reciprocal(tail, out=tail)
    power = tail * ERFC[0]
    for coefficient in ERFC[1:]:
        power += coefficient
        power *= tail
    z *= -z
    power *= np.exp(z, out=z)
    power *= size
    power *= np.float32(0.5)
    np.maximum(rows, 0, out=size)
    size -= power
    return size


def _unit(vector: Floats) -> Floats:
    length: np.float32 = np.sqrt(vector @ vector)
    return vector / length
