"""The gallery's networks as torch modules by task; where they normalize, they keep it."""

from __future__ import annotations

from collections.abc import Callable

import gallery_row_networks
import torch
from gallery_keyboard import KeyboardNetwork
from gallery_small_pictures import DenoiseNetwork, SmallPictures
from torch import Tensor, nn


class WatchNetwork(nn.Module):
    """Four convolutions over time, (n, 6, 200) -> (n, 7); about 180,000 parameters.

    Time shrinks early, so that the later layers see a whole repetition of an exercise.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(6, 64, 9, padding=4, bias=False)
        self.norm1 = nn.BatchNorm1d(64)
        self.shrink1 = nn.MaxPool1d(4)
        self.conv2 = nn.Conv1d(64, 96, 5, padding=2, bias=False)
        self.norm2 = nn.BatchNorm1d(96)
        self.shrink2 = nn.MaxPool1d(4)
        self.conv3 = nn.Conv1d(96, 128, 5, padding=2, bias=False)
        self.norm3 = nn.BatchNorm1d(128)
        self.shrink3 = nn.MaxPool1d(2)
        self.conv4 = nn.Conv1d(128, 128, 5, padding=2, bias=False)
        self.norm4 = nn.BatchNorm1d(128)
        self.relu = nn.ReLU()
        self.average = nn.AdaptiveAvgPool1d(1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.4)
        self.classify = nn.Linear(128, 7)

    def forward(self, x: Tensor) -> Tensor:
        x = self.shrink1(self.relu(self.norm1(self.conv1(x))))
        x = self.shrink2(self.relu(self.norm2(self.conv2(x))))
        x = self.shrink3(self.relu(self.norm3(self.conv3(x))))
        x = self.relu(self.norm4(self.conv4(x)))
        made: Tensor = self.classify(self.dropout(self.flatten(self.average(x))))
        return made


class SatelliteNetwork(nn.Module):
    """Three convolutions and two linear layers, (n, 4, 3, 3) -> (n, 6); about 78,000 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(4, 48, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(48)
        self.conv2 = nn.Conv2d(48, 48, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(48)
        self.conv3 = nn.Conv2d(48, 96, 3, bias=False)
        self.norm3 = nn.BatchNorm2d(96)
        self.relu = nn.ReLU()
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.3)
        self.combine = nn.Linear(96, 128)
        self.classify = nn.Linear(128, 6)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm1(self.conv1(x)))
        x = self.relu(self.norm2(self.conv2(x)))
        x = self.dropout(self.flatten(self.relu(self.norm3(self.conv3(x)))))
        made: Tensor = self.classify(self.dropout(self.relu(self.combine(x))))
        return made


class Residual(nn.Module):
    """Two convolutions whose result is added to what went in."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        inside = self.relu(self.norm1(self.conv1(x)))
        made: Tensor = self.relu(self.norm2(self.conv2(inside)) + x)
        return made


class Depthwise(nn.Module):
    """A depthwise convolution and a 1x1 one after it."""

    def __init__(self, given: int, made: int, stride: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(given, given, 3, stride, padding=1, groups=given, bias=False)
        self.norm1 = nn.BatchNorm2d(given)
        self.pointwise = nn.Conv2d(given, made, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(made)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm1(self.depthwise(x)))
        made: Tensor = self.relu(self.norm2(self.pointwise(x)))
        return made


class FashionNetwork(nn.Module):
    """A residual and two depthwise blocks, (n, 1, 28, 28) -> (n, 10); about 97,000 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 32, 3, padding=1, bias=False)
        self.stem_norm = nn.BatchNorm2d(32)
        self.conv = nn.Conv2d(32, 48, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(48)
        self.residual = Residual(48)
        self.block1 = Depthwise(48, 112, stride=2)
        self.block2 = Depthwise(112, 112, stride=1)
        self.widen = nn.Conv2d(112, 160, 1, bias=False)
        self.widen_norm = nn.BatchNorm2d(160)
        self.relu = nn.ReLU()
        self.average = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.2)
        self.classify = nn.Linear(160, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.stem_norm(self.stem(x)))
        x = self.residual(self.relu(self.norm(self.conv(x))))
        x = self.block1(x)
        x = self.block2(x) + x
        x = self.relu(self.widen_norm(self.widen(x)))
        made: Tensor = self.classify(self.dropout(self.flatten(self.average(x))))
        return made


class VowelsNetwork(nn.Module):
    """Three convolutions over time, (n, 12, 29) -> (n, 9); about 26,000 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(12, 40, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm1d(40)
        self.conv2 = nn.Conv1d(40, 64, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm1d(64)
        self.conv3 = nn.Conv1d(64, 80, 3, padding=1, bias=False)
        self.norm3 = nn.BatchNorm1d(80)
        self.relu = nn.ReLU()
        self.average = nn.AdaptiveAvgPool1d(1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.3)
        self.classify = nn.Linear(80, 9)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm1(self.conv1(x)))
        x = self.relu(self.norm2(self.conv2(x)))
        x = self.relu(self.norm3(self.conv3(x)))
        made: Tensor = self.classify(self.dropout(self.flatten(self.average(x))))
        return made


NETWORKS: dict[str, Callable[[], nn.Module]] = {
    "watch": WatchNetwork,
    "satellite": SatelliteNetwork,
    "fashion": FashionNetwork,
    "vowels": VowelsNetwork,
    "breast": gallery_row_networks.breast,
    "scenes": gallery_row_networks.scenes,
    "shuttle": gallery_row_networks.shuttle,
    "letters": gallery_row_networks.letters,
    "digits": lambda: SmallPictures(10),
    "scratches": lambda: SmallPictures(2),
    "denoise": DenoiseNetwork,
    "keyboard": KeyboardNetwork,
}


def parameters(network: nn.Module) -> int:
    """Return how many figures a training may change."""
    return sum(weight.numel() for weight in network.parameters())


def outputs(network: nn.Module, inputs: Tensor, batch: int = 256) -> Tensor:
    """Return the network's outputs in evaluation mode."""
    network.eval()
    with torch.no_grad():
        return torch.cat([network(part) for part in torch.split(inputs, batch)])
