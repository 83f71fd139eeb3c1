"""CTGAN as SDV ships it, on a table of codes, in an environment of its own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from sdv.metadata import Metadata
from sdv.single_table import CTGANSynthesizer
from table_run import asked, run

TABLE = "people"


def main() -> None:
    """Train and draw."""
    options = asked()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    np.random.seed(options.seed)  # noqa: NPY002, TID251 - the peer draws from it

    def fit(table: pd.DataFrame) -> CTGANSynthesizer:
        known = table.where(table >= 0)
        metadata = Metadata.detect_from_dataframes({TABLE: known})
        model = CTGANSynthesizer(metadata, epochs=options.epochs, enable_gpu=False)
        model.fit({TABLE: known})
        return model

    run(options, fit, lambda model, people: drawn(model.sample(people)))


def drawn(made: pd.DataFrame | dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the one table that was drawn."""
    return made[TABLE] if isinstance(made, dict) else made


main()
