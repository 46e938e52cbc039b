"""Networks that benchmarks use beside the gallery's: two of MLPerf Tiny's shape, a transformer, a
recurrent network.

Shapes after Banbury et al., "MLPerf Tiny Benchmark", NeurIPS 2021: image classification (ResNet-8)
and keyword spotting (DS-CNN), here on 28x28 grey pictures of ten kinds.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class Stack(nn.Module):
    """Two 3x3 convolutions beside a shortcut: a 1x1 convolution where the shape changes."""

    def __init__(self, given: int, made: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(given, made, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(made)
        self.conv2 = nn.Conv2d(made, made, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(made)
        self.shortcut = nn.Conv2d(given, made, 1, stride) if stride > 1 else nn.Identity()
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        inside = self.relu(self.norm1(self.conv1(x)))
        made: Tensor = self.relu(self.norm2(self.conv2(inside)) + self.shortcut(x))
        return made


class ResNet8(nn.Module):
    """A stem and three stacks of 16, 32 and 64 channels, (n, 1, 28, 28) -> (n, 10); 78,000."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 16, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(16)
        self.relu = nn.ReLU()
        self.stack1 = Stack(16, 16, 1)
        self.stack2 = Stack(16, 32, 2)
        self.stack3 = Stack(32, 64, 2)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.classify = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm(self.stem(x)))
        x = self.stack3(self.stack2(self.stack1(x)))
        made: Tensor = self.classify(self.flatten(self.average(x)))
        return made


class DsCnn(nn.Module):
    """A 10x4 stem and four depthwise-separable blocks of 64 channels; 24,000 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 64, (10, 4), 2, padding=(5, 1), bias=False)
        self.norm = nn.BatchNorm2d(64)
        self.relu = nn.ReLU()
        blocks = gallery_block()
        self.block1, self.block2 = blocks(64, 64, 1), blocks(64, 64, 1)
        self.block3, self.block4 = blocks(64, 64, 1), blocks(64, 64, 1)
        self.average = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.classify = nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.norm(self.stem(x)))
        x = self.block4(self.block3(self.block2(self.block1(x))))
        made: Tensor = self.classify(self.flatten(self.average(x)))
        return made


def gallery_block() -> type[nn.Module]:
    """Return the gallery's depthwise-separable block."""
    from benchmarks.gallery_tools import gallery_tool

    found: type[nn.Module] = gallery_tool("gallery_networks").Depthwise
    return found


WIDTH, HEADS, INSIDE = 64, 4, 128
TOKENS, STEPS, CHANNELS = 20, 10, 6  # a window of 200 steps as 20 tokens of 10


class Attention(nn.Module):
    """Every token looks at every other, (n, tokens, width) -> the same."""

    def __init__(self) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.value, self.join = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        query, key, value = (self._heads(made(x)) for made in (self.query, self.key, self.value))
        scores = query @ key.transpose(2, 3) / math.sqrt(WIDTH // HEADS)
        mixed = torch.softmax(scores, dim=3) @ value
        made: Tensor = self.join(mixed.transpose(1, 2).reshape(-1, TOKENS, WIDTH))
        return made

    def _heads(self, x: Tensor) -> Tensor:
        return x.reshape(-1, TOKENS, HEADS, WIDTH // HEADS).transpose(1, 2)


class Encoder(nn.Module):
    """Attention, then a feed-forward block with GELU; each normalized before and added after."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.attention = nn.LayerNorm(WIDTH), Attention()
        self.norm2, self.gelu = nn.LayerNorm(WIDTH), nn.GELU()
        self.widen, self.narrow = nn.Linear(WIDTH, INSIDE), nn.Linear(INSIDE, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attention(self.norm1(x))
        made: Tensor = x + self.narrow(self.gelu(self.widen(self.norm2(x))))
        return made


class Transformer(nn.Module):
    """Two encoders over pieces of a watch's window, (n, 6, 200) -> (n, 7); 73,000 parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Linear(CHANNELS * STEPS, WIDTH)
        self.place = nn.Parameter(0.02 * torch.randn(TOKENS, WIDTH))
        self.dropout = nn.Dropout(0.1)
        self.encoder1, self.encoder2 = Encoder(), Encoder()
        self.norm = nn.LayerNorm(WIDTH)
        self.classify = nn.Linear(WIDTH, 7)

    def forward(self, x: Tensor) -> Tensor:
        pieces = x.reshape(-1, CHANNELS, TOKENS, STEPS).transpose(1, 2)
        x = self.embed(pieces.reshape(-1, TOKENS, CHANNELS * STEPS)) + self.place
        x = self.encoder2(self.encoder1(self.dropout(x)))
        made: Tensor = self.classify(self.norm(x).mean(dim=1))
        return made


UNITS, BOTH_WAYS = 64, 32


class Recurrent(nn.Module):
    """A GRU, then an LSTM both ways, over pieces of a watch's window; 50,000 parameters.

    (n, 6, 200) -> (n, 7).
    """

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.GRU(CHANNELS * STEPS, UNITS, batch_first=True)
        self.second = nn.LSTM(UNITS, BOTH_WAYS, batch_first=True, bidirectional=True)
        self.dropout = nn.Dropout(0.2)
        self.classify = nn.Linear(2 * BOTH_WAYS, 7)

    def forward(self, x: Tensor) -> Tensor:
        pieces = x.reshape(-1, CHANNELS, TOKENS, STEPS).permute(0, 2, 1, 3)
        inside = self.second(self.first(pieces.reshape(-1, TOKENS, CHANNELS * STEPS))[0])[0]
        made: Tensor = self.classify(self.dropout(inside).mean(dim=1))
        return made
