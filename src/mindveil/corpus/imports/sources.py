"""Every kind of source that `mindveil import` can read, by name."""

from __future__ import annotations

from mindveil.corpus.imports.annomi import AnnoMI
from mindveil.corpus.imports.audio_folders import AudioFolders
from mindveil.corpus.imports.base import Importer
from mindveil.corpus.imports.csv_table import CsvTable
from mindveil.corpus.imports.daic_woz import DaicWoz
from mindveil.corpus.imports.e_daic import EDaic
from mindveil.corpus.imports.image_folders import ImageFolders
from mindveil.corpus.imports.ravdess import Ravdess

IMPORTERS: dict[str, Importer] = {
    "annomi": AnnoMI(),
    "audio-folders": AudioFolders(),
    "csv": CsvTable(),
    "daic-woz": DaicWoz(),
    "e-daic": EDaic(),
    "image-folders": ImageFolders(),
    "ravdess": Ravdess(),
}
