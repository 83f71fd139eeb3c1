"""SACRO-ML's LiRA and quantile regression on a small network, in its own environment.

LiRA is asked three times (online, offline, with one variance), the shadows are trained once.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
import warnings

import numpy as np
from membership_run import asked, run
from sacroml.attacks.likelihood_attack import LIRAAttack
from sacroml.attacks.qmia_attack import QMIAAttack
from sacroml.attacks.target import Target
from small_net import SmallNet


def main() -> None:
    """Attack with as many shadows as are asked for."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    options = asked()
    with tempfile.TemporaryDirectory() as folder:
        run(options, lambda net: attacked(net, options, folder))


def attacked(
    net: SmallNet, options: argparse.Namespace, folder: str
) -> tuple[dict[str, float], float]:
    """Return the AUCs that it reports, and the CPU-seconds that its online LiRA took alone."""
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
    auc = {}
    begin, alone = time.process_time(), 0.0
    for name, mode, shared in (
        ("LiRA online", "online-carlini", False),
        ("LiRA offline", "offline-carlini", False),
        ("LiRA fixed variance", "online-carlini", True),
    ):
        attack = LIRAAttack(
            output_dir=folder,
            write_report=False,
            n_shadow_models=options.shadows,
            mode=mode,
            fix_variance=shared,
        )
        attack.attack(target)
        auc[name] = float(attack.attack_metrics[0]["AUC"])
        alone = alone or time.process_time() - begin
    quantile = QMIAAttack(output_dir=folder, write_report=False)
    quantile.attack(target)
    auc["quantile"] = float(quantile.attack_metrics[0]["AUC"])
    return auc, alone


main()
