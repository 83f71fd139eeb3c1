"""SDV's Gaussian copula on a table of codes, in an environment of its own.

``copula`` leaves it to SDV what kind each column is; ``copula-told`` says that answers are numbers.
"""

from __future__ import annotations

import pandas as pd
import torch
from sdv.metadata import Metadata
from sdv.single_table import GaussianCopulaSynthesizer
from table_run import asked, run

TABLE = "people"


def main() -> None:
    """Fit and draw."""
    options = asked()
    torch.manual_seed(options.seed)
    nominal = set(options.nominal.split(","))

    def fit(table: pd.DataFrame) -> GaussianCopulaSynthesizer:
        known = table.where(table >= 0)
        metadata = Metadata.detect_from_dataframes({TABLE: known})
        if options.method == "copula-told":
            for name in known.columns:
                kind = "categorical" if name in nominal else "numerical"
                metadata.update_column(table_name=TABLE, column_name=name, sdtype=kind)
        model = GaussianCopulaSynthesizer(metadata)
        model.fit({TABLE: known})
        return model

    run(options, fit, lambda model, people: drawn(model.sample(people)))


def drawn(made: pd.DataFrame | dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the one table that was drawn."""
    return made[TABLE] if isinstance(made, dict) else made


main()
