# SPDX-License-Identifier: Apache-2.0
"""Calibration samples: the caller's list, or arrays, which are written as one for as long as a build takes."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, Iterator, Mapping, Optional, Sequence

from inchip._core import E_DATASET_EMPTY, E_DATASET_LINE, E_WRITE, Error, os_cause, path_bytes, shown, wrong
from inchip._tensor import TensorInfo, dense

if TYPE_CHECKING:
    import numpy as np


def _arrays(sample: Any, inputs: Sequence[TensorInfo]) -> list[np.ndarray]:
    """One array per input of a sample: a dict by name, a tuple or list in the network's order; with one input the array itself."""
    names = [info.name for info in inputs]
    if isinstance(sample, Mapping):
        if sorted(map(str, sample)) != sorted(names):
            raise wrong(f"inputs {', '.join(map(str, sample)) or '(none)'} are given; the network has {', '.join(names)}", E_DATASET_LINE)
        sample = [sample[name] for name in names]
    elif len(inputs) == 1 and not (isinstance(sample, tuple) and len(sample) == 1):
        sample = [sample]
    elif not isinstance(sample, (tuple, list)) or len(sample) != len(inputs):
        raise wrong(f"{shown(sample)}: a tuple or dict with one array for each of {', '.join(names)} is wanted", E_DATASET_LINE)
    return [dense(info, array) for info, array in zip(inputs, sample)]


def _write(folder: str, samples: Any, inputs: Sequence[TensorInfo]) -> str:
    import numpy as np

    path, count = os.path.join(folder, "samples.txt"), 0
    with open(path, "w", encoding="ascii") as lines:
        for count, sample in enumerate(samples, 1):
            try:
                arrays = _arrays(sample, inputs)
            except Error as error:
                raise error.about(f"dataset: sample {count - 1}") from None
            names = [f"{count - 1}.{i}.npy" for i in range(len(arrays))]
            for name, array in zip(names, arrays):
                np.save(os.path.join(folder, name), array.reshape(-1))  # flat: it is in the input's order already
            lines.write(" ".join(names) + "\n")
    if count == 0:
        raise wrong("dataset holds no sample", E_DATASET_EMPTY)
    return path


@contextlib.contextmanager
def calibration_list(dataset: Any, inputs: Sequence[TensorInfo]) -> Iterator[Optional[bytes]]:
    """The path of the calibration list that ``dataset`` is or stands for, while the block runs."""
    if dataset is None or isinstance(dataset, (str, bytes, os.PathLike)):
        yield path_bytes(dataset) if dataset is not None else None
        return
    if not hasattr(dataset, "__iter__") or isinstance(dataset, Mapping):
        raise wrong(f"dataset={shown(dataset)}: the path of a calibration list, or samples (arrays) one after the other, are wanted")
    import tempfile

    with tempfile.TemporaryDirectory(prefix="inchip-") as folder:
        try:
            path = _write(folder, dataset, inputs)
        except OSError as error:
            raise Error(os_cause(error, E_WRITE), f"dataset: the samples cannot be written to {folder}: {error.strerror}") from None
        yield path_bytes(path)
