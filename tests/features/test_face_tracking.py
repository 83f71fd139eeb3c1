"""Tracking with made-up detectors: whatever they miss, the face stays covered."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.corpus.media import Frame
from mindveil.features.face_boxes import Box
from mindveil.features.face_tracking import EVERY, SEARCH, Track, follow, is_cut, match

HEIGHT, WIDTH, SIZE = 90, 160, 20
MOST_HELD = 2 * EVERY + 1


def frames(count, level=0):
    # the number of the frame is in its first pixel, so that a fake detector knows the truth
    for number in range(count):
        pixels = np.full((HEIGHT, WIDTH, 3), level, dtype=np.uint8)
        pixels[0, 0, 0] = number
        yield Frame(pixels=pixels, seconds=number / 25)


def at(x, y=30.0, score=0.9):
    return Box(left=x, top=y, right=x + SIZE, bottom=y + SIZE, score=score)


def walker(number):
    return at(10.0 + number)


class Fake:
    """A detector and a mesh that see the walker in the frames named."""

    def __init__(self, *, detected, followed, truth=walker):
        self.detected, self.followed, self.truth = set(detected), set(followed), truth
        self.asked = []

    def detect(self, pixels, thorough):
        number = int(pixels[0, 0, 0])
        self.asked.append((number, thorough))
        return (self.truth(number),) if number in self.detected else ()

    def again(self, pixels, box):
        number = int(pixels[0, 0, 0])
        here = self.truth(number)
        near = abs(here.left - box.left) < SIZE / 2
        return here if number in self.followed and near else None

    def run(self, count):
        return list(follow(frames(count), self.detect, self.again))


def covers(boxes, face):
    return any(
        b.left <= face.left
        and b.top <= face.top
        and b.right >= face.right
        and b.bottom >= face.bottom
        for b in boxes
    )


def test_every_frame_comes_back_once_and_in_order():
    out = Fake(detected=range(60), followed=range(60)).run(47)
    assert [int(f.pixels[0, 0, 0]) for f, _ in out] == list(range(47))
    assert list(follow([], None, None)) == []


def test_a_face_that_is_followed_is_detected_every_ten_frames_only():
    fake = Fake(detected=range(60), followed=range(60))
    out = fake.run(35)
    assert [number for number, _ in fake.asked] == [0, 10, 20, 30]
    assert all(boxes == (walker(n),) for n, (_, boxes) in enumerate(out))


def test_a_lost_face_stays_covered_by_a_growing_box_that_says_so():
    out = Fake(detected=[0], followed=range(6)).run(16)
    lost = [boxes for _, boxes in out[6:]]
    assert all(len(boxes) == 1 and boxes[0].score == 0 for boxes in lost)
    widths = [boxes[0].width for boxes in lost]
    assert widths == sorted(widths)
    assert widths[0] > SIZE
    still = at(15.0)
    assert all(covers(boxes, still) for boxes in lost)


def test_a_face_that_is_lost_is_looked_for_in_each_frame_until_found():
    fake = Fake(detected=[0, 9], followed={*range(6), *range(10, 16)})
    out = fake.run(16)
    assert [number for number, _ in fake.asked] == [0, 6, 7, 8, 9, 10]
    assert [boxes[0].score > 0 for _, boxes in out] == [n < 6 or n >= 9 for n in range(16)]
    assert all(len(boxes) == 1 for _, boxes in out)


def test_a_face_that_came_in_between_two_detections_is_followed_back():
    class Second(Fake):
        def detect(self, pixels, thorough):
            number = int(pixels[0, 0, 0])
            late = (at(120.0, 60.0),) if number >= 10 else ()
            return (*super().detect(pixels, thorough), *late)

        def again(self, pixels, box):
            if box.top > 50:
                return at(120.0, 60.0) if int(pixels[0, 0, 0]) >= 4 else None
            return super().again(pixels, box)

    out = Second(detected=range(30), followed=range(30)).run(20)
    for number, (_, boxes) in enumerate(out):
        assert covers(boxes, walker(number))
        assert covers(boxes, at(120.0, 60.0))  # followed from 4 on, guessed before
    assert [sum(b.score == 0 for b in boxes) for _, boxes in out[:6]] == [1, 1, 1, 1, 0, 0]


def test_frames_before_the_first_detection_are_covered_by_looking_back():
    out = Fake(detected=range(7, 60), followed=range(5, 60)).run(30)
    assert all(covers(boxes, walker(n)) for n, (_, boxes) in enumerate(out) if n >= 3)
    assert [boxes[0].score > 0 for _, boxes in out[:8]] == [False] * 5 + [True] * 3


def test_a_video_without_a_face_is_covered_whole_and_says_so():
    fake = Fake(detected=[], followed=[])
    out = fake.run(SEARCH + 5)
    whole = Box(left=0, top=0, right=WIDTH, bottom=HEIGHT, score=0.0)
    assert all(boxes == (whole,) for _, boxes in out)
    assert [number for number, thorough in fake.asked if thorough] == [0, SEARCH]


def test_a_scene_that_ends_takes_its_lost_face_with_it():
    dark, light = list(frames(8)), list(frames(28, level=200))[8:]
    seen = set(range(5)) | set(range(12, 28))
    fake = Fake(detected=seen, followed=seen)
    out = list(follow([*dark, *light], fake.detect, fake.again))
    assert out[7][1][0].score == 0
    assert all(len(boxes) == 1 for _, boxes in out)
    # the new scene is covered by looking back from its own first detection, at frame 12
    assert all(covers(boxes, walker(12)) for _, boxes in out[8:13])
    assert out[12][1] == (walker(12),)


def test_a_cut_changes_most_of_the_picture():
    one = next(frames(1)).pixels
    assert not is_cut(one, one)
    assert is_cut(one, np.full_like(one, 200))
    assert is_cut(one, one[:40])
    patch = one.copy()
    patch[:20, :20] = 255
    assert not is_cut(one, patch)


def test_few_frames_are_held_back():
    drawn = []

    def counted():
        for frame in frames(100):
            drawn.append(1)
            yield frame

    fake = Fake(detected=range(200), followed=range(200))
    for given_back, _ in enumerate(follow(counted(), fake.detect, fake.again), start=1):
        assert len(drawn) - given_back <= MOST_HELD


@pytest.mark.parametrize(
    ("tracks", "found", "kept", "new"),
    [
        ([Track(box=at(10))], [at(12)], [10], []),  # followed: the mesh's place is the better
        ([Track(box=at(10), lost=2)], [at(14)], [14], []),  # lost and found again
        ([Track(box=at(10), lost=1)], [at(100)], [10], [100]),  # too far: another face
        ([Track(box=at(10))], [at(12), at(100)], [10], [100]),
        ([Track(box=at(10), lost=3), Track(box=at(20))], [at(22)], [20, 10], []),
        ([], [at(5)], [], [5]),
    ],
)
def test_matching_by_hand(tracks, found, kept, new):
    old, fresh = match(tracks, found)
    assert [t.box.left for t in old] == kept
    assert [t.box.left for t in fresh] == new


def test_what_no_mesh_confirmed_grows_to_a_limit():
    far = Track(box=at(50), lost=1000)
    assert far.cover().width == pytest.approx(3 * SIZE)
    sure = Track(box=at(50), lost=1000, confirmed=True)
    assert sure.cover().width > WIDTH


@settings(max_examples=60, deadline=None)
@given(st.sets(st.integers(0, 44)), st.sets(st.integers(0, 44)))
def test_no_frame_is_ever_without_a_cover(detected, followed):
    fake = Fake(detected=detected, followed=followed, truth=lambda number: at(60.0 + number / 10))
    out = fake.run(45)
    assert len(out) == 45
    assert all(boxes for _, boxes in out)
    for number, (_, boxes) in enumerate(out):
        for box in boxes:
            assert 0 <= box.left < box.right <= WIDTH
            assert 0 <= box.top < box.bottom <= HEIGHT
        # a slow face is covered in every frame, whatever was missed
        assert covers(boxes, fake.truth(number))


def test_the_slow_detector_looks_now_and_then_even_where_a_face_is_followed():
    fake = Fake(detected=range(100), followed=range(100))
    fake.run(2 * SEARCH + 1)
    assert [number for number, thorough in fake.asked if thorough] == [0, SEARCH, 2 * SEARCH]
