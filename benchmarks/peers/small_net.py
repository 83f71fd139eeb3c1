"""The head that is audited, as the peers want it: a class, and a function that trains it."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.data import DataLoader


class SmallNet(nn.Module):
    """Columns, hidden units, two classes."""

    def __init__(self, columns: int, hidden: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(columns, hidden), nn.ReLU(), nn.Linear(hidden, 2))

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Return logits."""
        return self.layers(rows)


def train(model: nn.Module, dataloader: DataLoader, epochs: int, learning_rate: float) -> None:
    """Go through the data so many times."""
    optimiser = torch.optim.SGD(model.parameters(), lr=learning_rate)
    criterion = nn.CrossEntropyLoss()
    model.train()
    for _ in range(epochs):
        for rows, labels in dataloader:
            optimiser.zero_grad()
            criterion(model(rows), labels).backward()
            optimiser.step()
    model.eval()
