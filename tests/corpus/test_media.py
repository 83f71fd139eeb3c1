from __future__ import annotations

import hashlib

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image
from tests.corpus.hostile_media import RATE, quiet_flac, tone, wav
from tests.corpus.planted_metadata import CLEAN, PLANTED

from mindveil.corpus.media import (
    Audio,
    Frame,
    Probe,
    clean_copy,
    probe,
    read_audio,
    read_columns,
    read_frames,
    read_still,
    write_audio,
    write_columns,
    write_still,
    write_video,
)
from mindveil.corpus.workshop import workshop
from mindveil.errors import InputError

PIXELS = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3) * 10


def sha(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def film(count=5, height=48, width=64):
    grey = np.linspace(40, 200, count).astype(np.uint8)
    return [
        Frame(pixels=np.full((height, width, 3), level, dtype=np.uint8), seconds=n / 25)
        for n, level in enumerate(grey)
    ]


def test_four_samples_by_hand(tmp_path):
    path = tmp_path / "a_voice.wav"
    path.write_bytes(wav(np.array([0, 16384, -32768, 32767], dtype="<i2").tobytes() * 100))
    sound = read_audio(path)
    assert sound.rate == 16_000
    assert sound.samples[:4].tolist() == [0.0, 0.5, -1.0, 32767 / 32768]
    assert sound.samples.dtype == np.float32
    assert sound.seconds == 400 / 16_000


def test_channels_are_averaged(tmp_path):
    path = tmp_path / "a_voice.wav"
    pairs = np.array([[16384, 0], [-16384, -16384], [32767, -32767]], dtype="<i2")
    path.write_bytes(wav(pairs.tobytes(), channels=2))
    assert read_audio(path).samples.tolist() == [0.25, -0.5, 0.0]
    assert probe(path) == Probe(kind="audio", seconds=3 / 16_000, rate=16_000, channels=2)


def test_floats_beyond_full_scale_are_cut_to_it(tmp_path):
    path = tmp_path / "a_voice.wav"
    path.write_bytes(wav(np.array([2.0, -3.0, 0.5], "<f4").tobytes(), form=3, bits=32))
    assert read_audio(path).samples.tolist() == [1.0, -1.0, 0.5]


@pytest.mark.parametrize(
    ("ending", "form", "subtype", "error"),
    [
        ("wav", "WAV", "PCM_24", 1e-6),
        ("wav", "WAV", "FLOAT", 0.0),
        ("wav", "WAVEX", "PCM_16", 4e-5),
        ("wav", "RF64", "PCM_16", 4e-5),
        ("flac", "FLAC", "PCM_24", 1e-6),
        ("ogg", "OGG", "VORBIS", 0.05),
        ("mp3", "MP3", "MPEG_LAYER_III", 0.1),
    ],
)
def test_each_format_is_read(tmp_path, ending, form, subtype, error):
    path = tmp_path / f"a_voice.{ending}"
    soundfile.write(path, tone(), RATE, format=form, subtype=subtype)
    sound = read_audio(path)
    assert len(sound.samples) == RATE
    assert np.abs(sound.samples - tone()).max() <= error


def test_a_silent_recording_is_returned_as_it_is(tmp_path):
    path = tmp_path / "a_voice.flac"
    path.write_bytes(quiet_flac(2, 16_000, 1))
    assert not read_audio(path).samples.any()


def test_the_own_rate_is_kept_where_none_is_asked_for(tmp_path):
    path = tmp_path / "a_voice.wav"
    soundfile.write(path, tone(), 22_050)
    assert read_audio(path, rate=None).rate == 22_050
    assert len(read_audio(path).samples) == -(-RATE * 16_000 // 22_050)


def test_what_cannot_be_held_at_its_own_rate_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a_voice.wav"
    path.write_bytes(CLEAN["wav"][1]())
    monkeypatch.setattr("mindveil.corpus.media.MOST_BYTES_HELD", 1000)
    with pytest.raises(InputError, match=r"a_voice\.wav: .* held at its own rate; lower"):
        read_audio(path, rate=None)


@settings(max_examples=25, deadline=None)
@given(samples=arrays(np.int16, st.integers(1, 500)))
def test_sixteen_bits_survive_writing_and_reading(tmp_path_factory, samples):
    path = tmp_path_factory.mktemp("round") / "a_voice.flac"
    sound = Audio(samples=samples.astype(np.float32) / 32768, rate=16_000)
    write_audio(path, sound)
    assert (read_audio(path).samples == sound.samples).all()


@settings(max_examples=25, deadline=None)
@given(pixels=arrays(np.uint8, st.tuples(st.integers(1, 40), st.integers(1, 40), st.just(3))))
def test_pixels_survive_writing_and_reading(tmp_path_factory, pixels):
    path = tmp_path_factory.mktemp("round") / "a_face.png"
    write_still(path, pixels)
    assert (read_still(path) == pixels).all()
    (frame,) = read_frames(path)
    assert (frame.pixels == pixels).all()
    assert frame.seconds == 0.0


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("ending", ["png", "jpg"])
def test_a_turned_picture_is_read_upright(tmp_path, turn, ending):
    how = [
        None,
        Image.Transpose.FLIP_LEFT_RIGHT,
        Image.Transpose.ROTATE_180,
        Image.Transpose.FLIP_TOP_BOTTOM,
        Image.Transpose.TRANSPOSE,
        Image.Transpose.ROTATE_90,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_270,
    ]
    upright = Image.new("RGB", (32, 16), (250, 10, 10))
    upright.paste((10, 10, 250), (0, 0, 16, 8))
    stored = upright if how[turn - 1] is None else upright.transpose(how[turn - 1])
    exif = Image.Exif()
    exif[0x0112] = turn
    path = tmp_path / f"a_face.{ending}"
    stored.save(path, exif=exif, **({"quality": 100, "subsampling": 0} if ending == "jpg" else {}))
    seen = read_still(path).astype(int)
    assert np.abs(seen - np.asarray(upright)).max() < 60
    assert (probe(path).width, probe(path).height) == (32, 16)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_colour_becomes_red_green_blue(tmp_path, mode):
    path = tmp_path / "a_face.png"
    if mode == "I;16":
        Image.fromarray(np.full((8, 6), 0xFF00, dtype=np.uint16)).save(path)
    else:
        Image.new("L", (6, 8), 255).convert(mode).save(path)
    assert read_still(path).shape == (8, 6, 3)
    assert read_still(path).min() == 255


def test_a_film_is_seen_in_order_and_on_time(tmp_path):
    path = tmp_path / "a_face.mp4"
    write_video(path, film(), 25)
    frames = list(read_frames(path))
    assert [round(f.seconds, 3) for f in frames] == [0.0, 0.04, 0.08, 0.12, 0.16]
    means = [float(f.pixels.mean()) for f in frames]
    assert np.allclose(means, np.linspace(40, 200, 5), atol=4)
    assert probe(path) == Probe(kind="video", seconds=0.2, rate=25.0, width=64, height=48)


def test_colours_of_a_film_keep_their_order(tmp_path):
    path = tmp_path / "a_face.mp4"
    red = np.zeros((48, 64, 3), dtype=np.uint8)
    red[:, :, 0] = 220
    write_video(path, [Frame(pixels=red, seconds=0.0)], 25)
    (frame,) = read_frames(path)
    assert frame.pixels[:, :, 0].mean() > 180
    assert frame.pixels[:, :, 2].mean() < 60


def test_an_odd_side_is_lengthened(tmp_path):
    path = tmp_path / "a_face.mp4"
    write_video(path, film(2, height=47, width=63), 25)
    assert next(read_frames(path)).pixels.shape == (48, 64, 3)


@pytest.mark.parametrize(
    ("frames", "says"),
    [([], "without a frame"), ([*film(1), *film(1, height=32)], "differ in size; scale them")],
)
def test_no_film_is_made_of_nothing_or_of_odd_frames(tmp_path, frames, says):
    with pytest.raises(InputError, match=says):
        write_video(tmp_path / "a_face.mp4", frames, 25)
    assert list(tmp_path.iterdir()) == []


def test_the_same_content_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_audio(tmp_path / f"{name}.flac", Audio(samples=tone(), rate=RATE))
        write_still(tmp_path / f"{name}.png", PIXELS)
        write_video(tmp_path / f"{name}.mp4", film(), 29.97)
        write_columns(tmp_path / f"{name}.parquet", {"seconds": np.arange(9.0)})
    for ending in ("flac", "png", "mp4", "parquet"):
        assert sha(tmp_path / f"one.{ending}") == sha(tmp_path / f"two.{ending}")


def test_columns_of_numbers_survive_and_words_do_not(tmp_path):
    path = tmp_path / "a_expression.parquet"
    path.write_bytes(PLANTED["parquet-keys"][1]())
    assert list(read_columns(path)) == ["seconds"]
    write_columns(path, {"seconds": np.array([0.0, np.nan]), "yaw": np.array([1.0, 2.0])})
    again = read_columns(path)
    assert list(again) == ["seconds", "yaw"]
    assert np.isnan(again["seconds"][1])
    assert again["yaw"].tolist() == [1.0, 2.0]


def test_a_clean_copy_lies_in_the_workshop_and_sounds_the_same(tmp_path):
    path = tmp_path / "sub-01_ses-01_voice.wav"
    soundfile.write(path, tone(), 22_050)
    with workshop(tmp_path / "bench") as bench:
        copy = clean_copy(path)
    assert copy.parent == bench
    assert "sub-01" not in copy.name
    assert read_audio(copy, rate=None).rate == 22_050
    assert (read_audio(copy).samples == read_audio(path).samples).all()


def test_a_clean_copy_of_a_film_shows_the_same(tmp_path):
    path = tmp_path / "a_face.mp4"
    write_video(path, film(), 25)
    copy = list(read_frames(clean_copy(path)))
    assert len(copy) == 5
    assert abs(float(copy[0].pixels.mean()) - 40) < 8


@pytest.mark.parametrize("read", [read_audio, read_still, read_columns, probe, clean_copy])
def test_what_is_not_there_or_not_read_is_said(tmp_path, read):
    with pytest.raises(InputError, match=r"^gone\.flac: .*; put it back"):
        read(tmp_path / "gone.flac")
    (tmp_path / "a_words.tsv").write_text("word\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^a_words\.tsv: .* not read; convert"):
        read(tmp_path / "a_words.tsv")


def test_a_picture_is_no_sound(tmp_path):
    write_still(tmp_path / "a_face.png", PIXELS)
    with pytest.raises(InputError, match=r"a picture where a sound file is due; put it where"):
        read_audio(tmp_path / "a_face.png")
