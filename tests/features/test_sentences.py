from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from mindveil.errors import InputError, MissingWeights
from mindveil.features import sentences, weights
from mindveil.features.sentences import load_encoder

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "sea", "is", "calm", "today", "and", "green"]


def tokenizer() -> Tokenizer:
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    made = Tokenizer(models.WordLevel(vocabulary, unk_token=WORDS[1]))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.enable_padding(length=9)  # as shipped: the loader has to turn it off
    return made


def tensors(rng: np.random.Generator, *, dim: int = 8, wide: int = 12, layers: int = 2):
    shapes = {
        "embeddings.word_embeddings.weight": (len(WORDS), dim),
        "embeddings.position_embeddings.weight": (300, dim),
        "embeddings.token_type_embeddings.weight": (2, dim),
    }
    norms = ["embeddings.LayerNorm"]
    for number in range(layers):
        name = f"encoder.layer.{number}"
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
        for part, size in {
            "attention.self.query": (dim, dim),
            "attention.self.key": (dim, dim),
            "attention.self.value": (dim, dim),
            "attention.output.dense": (dim, dim),
            "intermediate.dense": (wide, dim),
            "output.dense": (dim, wide),
        }.items():
            shapes[f"{name}.{part}.weight"] = size
            shapes[f"{name}.{part}.bias"] = size[:1]
    for norm in norms:
        shapes[f"{norm}.weight"] = shapes[f"{norm}.bias"] = (dim,)
    return {name: rng.normal(size=size).astype(np.float32) for name, size in shapes.items()}


def write(folder: Path, numbers: dict[str, np.ndarray], *, layers: int = 2) -> Path:
    folder.mkdir(exist_ok=True)
    config = {
        "num_hidden_layers": layers,
        "num_attention_heads": 2,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": 300,
    }
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "tokenizer.json").write_text(tokenizer().to_str(), encoding="utf-8")
    save_file(numbers, folder / "model.safetensors")
    return folder


@pytest.fixture(scope="module")
def toy(tmp_path_factory):
    numbers = tensors(np.random.default_rng(1))
    return load_encoder(write(tmp_path_factory.mktemp("toy"), numbers))


def test_one_word_through_a_network_of_zeros_worked_by_hand(tmp_path):
    # All layer matrices are 0, so each norm only normalises again: the vector is the mean of the
    # normalised token embeddings. Two numbers (a, b) normalise to (1, -1) if a > b, else (-1, 1).
    # [CLS] = (3, 1) -> (1, -1); sea = (0, 5) -> (-1, 1); [SEP] = (2, 0) -> (1, -1).
    # Mean (1/3, -1/3), of length one: (.7071, -.7071).
    numbers = {
        name: np.zeros_like(value)
        for name, value in tensors(np.random.default_rng(0), dim=2).items()
    }
    for name in numbers:
        if name.endswith("LayerNorm.weight"):
            numbers[name] += 1
    table = numbers["embeddings.word_embeddings.weight"]
    table[2], table[WORDS.index("sea")], table[3] = (3, 1), (0, 5), (2, 0)
    vector = load_encoder(write(tmp_path, numbers)).encode(["Sea"])
    np.testing.assert_allclose(vector, [[0.70710678, -0.70710678]], atol=1e-6)


def slow_reference(numbers: dict[str, np.ndarray], ids: list[int]) -> np.ndarray:
    """The same network written out head by head in double precision with an exact erf."""
    from math import erf, sqrt  # noqa: PLC0415

    t = {name: value.astype(np.float64) for name, value in numbers.items()}

    def norm(x, name):
        x = (x - x.mean(1, keepdims=True)) / x.std(1, keepdims=True)
        return x * t[f"{name}.weight"] + t[f"{name}.bias"]

    def dense(x, name):
        return x @ t[f"{name}.weight"].T + t[f"{name}.bias"]

    x = t["embeddings.word_embeddings.weight"][ids]
    x = x + t["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm(x + t["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for layer in ("encoder.layer.0", "encoder.layer.1"):
        q, k, v = (dense(x, f"{layer}.attention.self.{p}") for p in ("query", "key", "value"))
        heads = []
        for part in (slice(0, 4), slice(4, 8)):
            score = np.exp(q[:, part] @ k[:, part].T / 2)  # sqrt of 4 numbers a head
            heads.append(score / score.sum(1, keepdims=True) @ v[:, part])
        x = norm(
            x + dense(np.hstack(heads), f"{layer}.attention.output.dense"),
            f"{layer}.attention.output.LayerNorm",
        )
        wide = dense(x, f"{layer}.intermediate.dense")
        wide = wide * np.vectorize(lambda z: (1 + erf(z / sqrt(2))) / 2)(wide)
        x = norm(x + dense(wide, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    return x.mean(0) / np.linalg.norm(x.mean(0))


def test_the_network_agrees_with_one_written_out_step_by_step(tmp_path):
    numbers = tensors(np.random.default_rng(2))
    vector = load_encoder(write(tmp_path, numbers)).encode(["the sea is calm today"])[0]
    ids = [2, *(WORDS.index(w) for w in ("the", "sea", "is", "calm", "today")), 3]
    np.testing.assert_allclose(vector, slow_reference(numbers, ids), atol=2e-6)


texts = st.lists(st.lists(st.sampled_from(WORDS[4:]), max_size=40).map(" ".join), max_size=70)


@settings(max_examples=40, deadline=None)
@given(texts)
def test_a_vector_has_the_same_bytes_whatever_else_is_encoded(toy, drawn):
    together = toy.encode(drawn)
    assert together.shape == (len(drawn), 8)
    assert together.dtype == np.float32
    for text, vector in zip(drawn, together, strict=True):
        assert toy.encode([text])[0].tobytes() == vector.tobytes()
    lengths = np.linalg.norm(together, axis=1)
    expected = [1.0 if text else 0.0 for text in drawn]
    np.testing.assert_allclose(lengths, expected, atol=1e-6)


def test_a_text_without_words_is_a_zero_vector(toy):
    assert not toy.encode(["", "  \n\t "]).any()
    assert toy.encode([]).shape == (0, 8)


def test_only_the_first_256_pieces_count(toy):
    kept = "sea calm " * 127  # 254 words and two marks
    assert toy.encode([kept + "green"]).tobytes() == toy.encode([kept]).tobytes()
    assert toy.encode([kept[9:] + "the green"]).tobytes() != toy.encode([kept]).tobytes()


def test_the_share_below_is_exact_to_single_precision():
    from scipy.special import erf  # noqa: PLC0415

    x = np.linspace(-12, 12, 20_001)
    exact = x * (1 + erf(x / np.sqrt(2))) / 2
    assert np.abs(sentences._gelu(x.astype(np.float32)[None])[0] - exact).max() < 5e-7


@pytest.mark.parametrize("broken", ["model.safetensors", "tokenizer.json", "config.json"])
def test_a_broken_file_is_a_plain_error(broken, tmp_path):
    folder = write(tmp_path, tensors(np.random.default_rng(3)))
    (folder / broken).write_bytes(b"{}")
    with pytest.raises(InputError, match=r"cannot be read .*run: mindveil models install minilm"):
        load_encoder(folder)
    (folder / broken).unlink()
    with pytest.raises(InputError, match="cannot be read"):
        load_encoder(folder)


# ---- the real weights, where they are installed -----------------------------------------------

KNOWN = [
    "The ferry leaves the harbour at seven and comes back in the evening.",
    "My neighbour grows tomatoes and beans behind the house.",
    "I feel hopeless and have no energy to get out of bed.",
    "Everything seems pointless and I am too tired to do anything.",
    "The football team won the match with two late goals.",
    "Ärzte, naïve café — 3.5 kg!",
]
# First eight of 384 numbers from sentence-transformers 6.2.0 on torch 2.13.0, float32.
KNOWN_NUMBERS = [
    [0.054181, 0.022243, 0.052892, 0.067989, 0.051162, 0.007052, 0.002941, -0.042235],
    [0.010048, 0.075410, -0.019833, 0.030898, 0.009067, -0.055126, -0.020868, -0.067725],
    [0.039184, -0.049225, 0.003017, 0.055198, 0.118818, 0.051664, 0.045217, 0.042210],
    [0.027993, -0.032268, 0.018782, 0.055690, 0.130543, 0.020243, 0.001489, -0.001372],
    [-0.026734, 0.073206, -0.051829, 0.026326, 0.125035, 0.069156, 0.071000, 0.051019],
    [-0.006182, 0.029933, -0.055186, 0.095149, -0.037887, -0.033943, 0.160186, -0.019529],
]


@pytest.fixture(scope="module")
def minilm():
    try:
        return load_encoder(weights.locate("minilm"))
    except MissingWeights:
        pytest.skip("model weights minilm are not installed: mindveil models install minilm")


def test_vectors_agree_with_the_reference_implementation(minilm):
    vectors = minilm.encode(KNOWN)
    np.testing.assert_allclose(vectors[:, :8], KNOWN_NUMBERS, atol=1e-5)
    assert minilm.dimensions == 384


def test_near_meanings_are_near(minilm):
    vectors = minilm.encode(KNOWN)
    cosines = vectors @ vectors.T
    assert cosines[2, 3] > 0.5
    assert cosines[2, 4] < 0.2


def test_real_vectors_have_the_same_bytes_whatever_else_is_encoded(minilm):
    long = " ".join(KNOWN * 8)
    together = minilm.encode([*KNOWN, long, *KNOWN[::-1], "a"])
    for row, text in enumerate([*KNOWN, long]):
        assert minilm.encode([text])[0].tobytes() == together[row].tobytes()
