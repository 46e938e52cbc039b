"""The gallery's networks for small pictures: digits, scratches, noise."""

from __future__ import annotations

from torch import Tensor, nn


class SmallPictures(nn.Module):
    """Three convolutions, (n, 1, h, w) -> (n, classes); about 15,000 parameters.

    What is looked for may be anywhere and small, hence the maximum over all places at the end.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(32)
        self.conv3 = nn.Conv2d(32, 32, 3, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(32)
        self.relu = nn.ReLU()
        self.shrink = nn.MaxPool2d(2)
        self.greatest = nn.AdaptiveMaxPool2d(1)
        self.flatten = nn.Flatten()
        self.dropout = nn.Dropout(0.2)
        self.classify = nn.Linear(32, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm1(self.conv1(x)))
        x = self.shrink(self.relu(self.norm2(self.conv2(x))))
        x = self.relu(self.norm3(self.conv3(x)))
        made: Tensor = self.classify(self.dropout(self.flatten(self.greatest(x))))
        return made


class DenoiseNetwork(nn.Module):
    """Five convolutions that find the noise, which is taken off, (n, 3, h, w) -> the same.

    After Zhang et al. 2017, "Beyond a Gaussian denoiser", arXiv:1608.03981; about 8,000
    parameters.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1)
        self.conv2 = nn.Conv2d(16, 16, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(16)
        self.conv3 = nn.Conv2d(16, 16, 3, padding=1, bias=False)
        self.norm3 = nn.BatchNorm2d(16)
        self.conv4 = nn.Conv2d(16, 16, 3, padding=1, bias=False)
        self.norm4 = nn.BatchNorm2d(16)
        self.noise = nn.Conv2d(16, 3, 3, padding=1)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        inside = self.relu(self.conv1(x))
        inside = self.relu(self.norm2(self.conv2(inside)))
        inside = self.relu(self.norm3(self.conv3(inside)))
        inside = self.relu(self.norm4(self.conv4(inside)))
        made: Tensor = x - self.noise(inside)
        return made
