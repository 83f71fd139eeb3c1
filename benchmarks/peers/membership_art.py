"""ART's shadow models and black-box membership attack, in its own environment."""

from __future__ import annotations

import argparse
import time
import warnings

import numpy as np
import torch
from art.attacks.inference.membership_inference import MembershipInferenceBlackBox, ShadowModels
from art.estimators.classification import PyTorchClassifier
from membership_run import asked, run
from sklearn.metrics import roc_auc_score
from small_net import SmallNet
from torch import nn


class Fitted(PyTorchClassifier):
    """ART's classifier, which trains with the batch and the epochs that are asked for."""

    def fit(self, x: np.ndarray, y: np.ndarray, **_: object) -> None:
        """Train as the target was trained."""
        super().fit(x, y, batch_size=self.batch, nb_epochs=self.epochs)

    def clone_for_refitting(self) -> Fitted:
        """Return an untrained copy that keeps batch and epochs."""
        return classifier(SmallNet(self.columns, self.hidden), self.options)


def classifier(net: SmallNet, options: argparse.Namespace) -> Fitted:
    """Wrap a network."""
    made = Fitted(
        model=net,
        loss=nn.CrossEntropyLoss(),
        optimizer=torch.optim.SGD(net.parameters(), lr=options.learning_rate),
        input_shape=(options.rows.shape[1],),
        nb_classes=2,
        device_type="cpu",
    )
    made.options, made.batch, made.epochs = options, options.batch, options.epochs
    made.columns, made.hidden = options.rows.shape[1], options.hidden
    return made


def main() -> None:
    """Attack with as many shadows as are asked for."""
    warnings.simplefilter("ignore")
    options = asked()
    run(options, lambda net: attacked(net, options))


def attacked(net: SmallNet, options: argparse.Namespace) -> tuple[dict[str, float], float]:
    """Return the AUC of its attack model, a gradient boosting on what all shadows said."""
    begin = time.process_time()
    target = classifier(net, options)
    names = np.eye(2, dtype=np.float32)[options.labels]
    shadows = ShadowModels(target, num_shadow_models=options.shadows, random_state=0)
    inside, outside = shadows.generate_shadow_dataset(options.rows, names, member_ratio=0.5)
    attack = MembershipInferenceBlackBox(target, attack_model_type="gb")
    attack.fit(inside[0], inside[1], outside[0], outside[1], inside[2], outside[2])
    scores = attack.infer(options.rows, names, probabilities=True)
    auc = float(roc_auc_score(options.member, np.asarray(scores).reshape(-1)))
    return {"black box": auc}, time.process_time() - begin


main()
