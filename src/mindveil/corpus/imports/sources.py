"""Every kind of source that `mindveil import` can read, by name."""

from __future__ import annotations

from mindveil.corpus.imports.annomi import AnnoMI
from mindveil.corpus.imports.base import Importer
from mindveil.corpus.imports.csv_table import CsvTable

IMPORTERS: dict[str, Importer] = {
    "annomi": AnnoMI(),
    "csv": CsvTable(),
}
