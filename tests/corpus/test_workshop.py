"""Changed recordings lie in a folder of their own, under names that say nothing."""

from __future__ import annotations

from mindveil.corpus.workshop import is_new, new_file, workshop


def test_files_of_a_block_lie_in_its_folder(tmp_path):
    with workshop(tmp_path / "bench") as folder:
        one, two = new_file("_voice.flac"), new_file("_voice.flac")
        assert one.parent == two.parent == folder == tmp_path / "bench"
        assert one != two
        assert one.name.endswith("_voice.flac")
        assert not one.exists()
        assert is_new(one)
        assert not is_new(tmp_path / "original.flac")
    assert not is_new(one)
    assert folder.is_dir()


def test_outside_of_a_block_a_private_folder_serves(tmp_path):
    file = new_file("_face.png")
    assert file.parent.is_dir()
    assert file.parent.stat().st_mode & 0o077 == 0
    with workshop(tmp_path):
        assert new_file("_face.png").parent == tmp_path
    assert not is_new(file)
