# SPDX-License-Identifier: Apache-2.0
"""Train the digit classifier of the story and save it the right way, or (--save-wrong) in the three ways that do not work.

    python3 train.py --data FOLDER             trains on MNIST's IDX files in FOLDER, writes logistic.pt
    python3 train.py --data FOLDER --cuda-trace  the same with a move to the GPU left in forward()
    python3 train.py --data FOLDER --save-wrong  also writes the three files that have no graph: state_dict.pth (weights only),
                                               model.pth (a pickled object), checkpoint.pth (weights and optimizer)

Needs PyTorch. The folder holds train-images.idx3-ubyte, train-labels.idx1-ubyte (a name ending in .gz is unpacked).
"""

import argparse
import gzip
import pathlib
import struct

import torch
from torch import nn

INPUT_SIZE, NUM_CLASSES = 784, 10


class LogisticModel(nn.Module):
    """One linear layer on raw pixels 0..255."""

    def __init__(self, input_size: int, num_classes: int):
        super().__init__()
        self.linear = nn.Linear(input_size, num_classes)

    def forward(self, x):
        return self.linear(x)


class LogisticModelOnGpu(LogisticModel):
    """The same with a leftover of training on a GPU: it imports, with one warning."""

    def forward(self, x):
        return self.linear(x.to(torch.device("cuda:0")))


def read_idx(folder: pathlib.Path, name: str) -> torch.Tensor:
    """An IDX file of unsigned bytes as a tensor."""
    for path, opener in ((folder / name, open), (folder / (name + ".gz"), gzip.open)):
        if path.is_file():
            with opener(path, "rb") as file:
                data = file.read()
            rank = data[3]
            dims = struct.unpack(f">{rank}I", data[4 : 4 + 4 * rank])
            return torch.frombuffer(bytearray(data[4 + 4 * rank :]), dtype=torch.uint8).reshape(dims)
    raise SystemExit(f"{folder / name}: not found (nor with .gz); --data names the folder of MNIST's IDX files")


def train(model: nn.Module, images: torch.Tensor, labels: torch.Tensor, epochs: int, lr: float) -> None:
    """Plain SGD, batches of 100; prints the loss per epoch."""
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    for epoch in range(epochs):
        order = torch.randperm(len(images))
        for batch in order.split(100):
            loss = criterion(model.linear(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"epoch = {epoch} current loss = {loss.item():.4f}")


def save_wrong(model: nn.Module) -> None:
    """The three ways that save no graph: the importer says so and names the fix."""
    torch.save(model.state_dict(), "state_dict.pth")
    torch.save(model, "model.pth")
    torch.save({"epoch": 1, "state_dict": model.state_dict(), "optimizer": {}}, "checkpoint.pth")
    print("saved state_dict.pth, model.pth, checkpoint.pth: none of them holds a graph")


def save(model: nn.Module, cuda_trace: bool) -> None:
    """torch.jit.trace with a 1-D example; without a GPU the leftover can only be scripted."""
    if cuda_trace and not torch.cuda.is_available():
        leftover = LogisticModelOnGpu(INPUT_SIZE, NUM_CLASSES)
        leftover.load_state_dict(model.state_dict())
        torch.jit.save(torch.jit.script(leftover.eval()), "logistic_cuda.pt")
        print("saved logistic_cuda.pt (scripted: this machine has no GPU to trace on)")
        return
    if cuda_trace:
        leftover = LogisticModelOnGpu(INPUT_SIZE, NUM_CLASSES).cuda()
        leftover.load_state_dict(model.state_dict())
        torch.jit.save(torch.jit.trace(leftover.eval(), torch.rand(INPUT_SIZE)), "logistic_cuda.pt")
        print("saved logistic_cuda.pt")
        return
    torch.jit.save(torch.jit.trace(model.eval(), torch.rand(INPUT_SIZE)), "logistic.pt")
    print("saved logistic.pt")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--lr", type=float, default=1e-4)
    parser.add_argument("--cuda-trace", action="store_true")
    parser.add_argument("--save-wrong", action="store_true")
    args = parser.parse_args()
    images = read_idx(args.data, "train-images.idx3-ubyte").reshape(-1, INPUT_SIZE).float()
    labels = read_idx(args.data, "train-labels.idx1-ubyte").long()
    torch.manual_seed(0)
    model = LogisticModel(INPUT_SIZE, NUM_CLASSES)
    train(model, images, labels, args.epochs, args.lr)
    save(model, args.cuda_trace)
    if args.save_wrong:
        save_wrong(model)


if __name__ == "__main__":
    main()
