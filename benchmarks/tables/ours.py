"""Our synthesisers on a table of codes, run as a peer is: csv in, csv out, a process of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from mindveil.dp.accounting import Budget
from mindveil.dp.noise import os_noise
from mindveil.synthesise.base import TableModel
from mindveil.synthesise.codebook import Codebook, Codes, from_json
from mindveil.synthesise.copula import fit_copula
from mindveil.synthesise.dp_copula import fit_dp_copula
from mindveil.synthesise.dp_moments import measure
from mindveil.synthesise.gan import fit_dp_gan, fit_gan
from mindveil.synthesise.marginals import fit_marginals

sys.path.insert(0, str(Path(__file__).parents[1] / "peers"))
from table_run import asked, run

Fit = Callable[[Codes, Codebook, np.random.Generator, Budget], TableModel]


def _dp_gan(codes: Codes, book: Codebook, rng: np.random.Generator, budget: Budget) -> TableModel:
    return fit_dp_gan(measure(codes, book, budget, os_noise()), rng)


FITS: dict[str, Fit] = {
    "copula": lambda codes, book, rng, _: fit_copula(codes, book, rng),
    "dp-copula": lambda codes, book, _, budget: fit_dp_copula(codes, book, budget, os_noise()),
    "gan": lambda codes, book, rng, _: fit_gan(codes, book, rng),
    "dp-gan": _dp_gan,
    "dp-marginals": lambda codes, book, _, budget: fit_marginals(codes, book, budget, os_noise()),
}


def main() -> None:
    """Fit and draw; the codebook lies beside the table."""
    options = asked()
    book = from_json(json.loads(options.table.with_name("codebook.json").read_text("utf-8")))
    if options.method.endswith("gan"):
        import torch  # noqa: F401, PLC0415 - loaded before the clock starts, as a peer's is
    accountant = "zcdp" if options.method == "dp-marginals" else "gaussian"
    budget = Budget(epsilon=options.epsilon, delta=options.delta, accountant=accountant)
    rng = np.random.default_rng(options.seed)

    def fit(table: pd.DataFrame) -> TableModel:
        return FITS[options.method](table.to_numpy(dtype=np.int16), book, rng, budget)

    def sample(model: object, people: int) -> pd.DataFrame:
        return pd.DataFrame(model.draw(people, rng), columns=list(book.names))

    run(options, fit, sample)


main()
