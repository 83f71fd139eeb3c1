"""SmartNoise's private synthesisers on a table of codes, in an environment of its own.

The method is the name that SmartNoise gives it: mst, aim, dpctgan, patectgan. All columns are
categorical, and their cells count as public: nothing of epsilon goes to preprocessing.
"""

from __future__ import annotations

import contextlib
import io

import numpy as np
import pandas as pd
import torch
from snsynth import Synthesizer
from table_run import asked, run


def main() -> None:
    """Fit and draw."""
    options = asked()
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    np.random.seed(options.seed)  # noqa: NPY002, TID251 - the peer draws from it
    trained = {"epochs": options.epochs} if options.method.endswith("ctgan") else {}

    def fit(table: pd.DataFrame) -> Synthesizer:
        model = Synthesizer.create(
            options.method, epsilon=options.epsilon, delta=options.delta, **trained
        )
        with contextlib.redirect_stdout(io.StringIO()):
            model.fit(table, categorical_columns=list(table.columns), preprocessor_eps=0.0)
        return model

    def sample(model: Synthesizer, people: int) -> pd.DataFrame:
        with contextlib.redirect_stdout(io.StringIO()):
            return model.sample(people)

    run(options, fit, sample)


main()
