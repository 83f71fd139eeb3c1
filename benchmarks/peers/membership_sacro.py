"""SACRO-ML's LiRA (online, as Carlini et al. do) on a small network, in its own environment."""

from __future__ import annotations

import argparse
import logging
import tempfile
import warnings

import numpy as np
from membership_run import asked, run
from sacroml.attacks.likelihood_attack import LIRAAttack
from sacroml.attacks.target import Target
from small_net import SmallNet


def main() -> None:
    """Attack with as many shadows as are asked for."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    options = asked()
    with tempfile.TemporaryDirectory() as folder:
        run(options, lambda net: attacked(net, options, folder))


def attacked(net: SmallNet, options: argparse.Namespace, folder: str) -> dict[str, float]:
    """Return the AUC that it reports."""
    member = options.member
    target = Target(
        model=net,
        model_module_path="small_net",
        model_name="SmallNet",
        model_params={"columns": options.rows.shape[1], "hidden": options.hidden},
        train_module_path="small_net",
        train_params={"epochs": options.epochs, "learning_rate": options.learning_rate},
        batch_size=options.batch,
        dataset_name="people",
        X_train=options.rows[member].astype(np.float64),
        y_train=options.labels[member],
        X_test=options.rows[~member].astype(np.float64),
        y_test=options.labels[~member],
    )
    attack = LIRAAttack(
        output_dir=folder,
        write_report=False,
        n_shadow_models=options.shadows,
        mode="online-carlini",
    )
    attack.attack(target)
    return {"LiRA online": float(attack.attack_metrics[0]["AUC"])}


main()
