"""The gallery's networks for rows of features: multilayer perceptrons."""

from __future__ import annotations

from torch import Tensor, nn


class Perceptron(nn.Module):
    """Two hidden layers, (n, features) -> (n, classes)."""

    def __init__(self, features: int, hidden: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.hidden1 = nn.Linear(features, hidden)
        self.norm1 = nn.BatchNorm1d(hidden)
        self.hidden2 = nn.Linear(hidden, hidden)
        self.norm2 = nn.BatchNorm1d(hidden)
        self.relu = nn.ReLU()
        self.dropout = nn.Dropout(dropout)
        self.classify = nn.Linear(hidden, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm1(self.hidden1(x)))
        x = self.relu(self.norm2(self.hidden2(self.dropout(x))))
        made: Tensor = self.classify(self.dropout(x))
        return made


def breast() -> nn.Module:
    """About 6,800 parameters."""
    return Perceptron(30, 64, 2, dropout=0.3)


def scenes() -> nn.Module:
    """About 6,300 parameters."""
    return Perceptron(18, 64, 7, dropout=0.1)


def shuttle() -> nn.Module:
    """About 19,700 parameters."""
    return Perceptron(9, 128, 7, dropout=0.0)


def letters() -> nn.Module:
    """About 79,000 parameters."""
    return Perceptron(16, 256, 26, dropout=0.1)
