# SPDX-License-Identifier: Apache-2.0
"""Calibration samples: the caller's list, or arrays, which are written as one for as long as a build takes."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, Iterator, Mapping, Optional, Sequence

from inchip._core import E_DATASET_EMPTY, E_DATASET_LINE, E_SAMPLE, E_WRITE, Error, os_cause, path_bytes, shown, wrong
from inchip._tensor import TensorInfo, dense

if TYPE_CHECKING:
    import numpy as np


def _has_parts(sample: Any) -> bool:
    """A picture with its label, as loaders of training data give them: several arrays that are not the rows of one."""
    import numpy as np

    if not isinstance(sample, (tuple, list)) or len(sample) < 2 or not hasattr(sample[0], "__array__"):
        return False
    return isinstance(sample, tuple) or len({np.shape(part) for part in sample}) > 1


def _arrays(sample: Any, inputs: Sequence[TensorInfo]) -> list[np.ndarray]:
    """One array per input of a sample: a dict by name, a tuple or list in the network's order; with one input the array itself."""
    import numpy as np

    names = [info.name for info in inputs]
    if isinstance(sample, (str, bytes, os.PathLike)):
        raise wrong(f"{shown(sample)} is a name and arrays are wanted: give inchip.imread or numpy.load of it, or dataset=\"list.txt\", a file with one name per line", E_DATASET_LINE)
    if isinstance(sample, Mapping):
        if sorted(map(str, sample)) != sorted(names):
            raise wrong(f"inputs {', '.join(map(str, sample)) or '(none)'} are given; the network has {', '.join(names)}", E_DATASET_LINE)
        by_name = {str(name): array for name, array in sample.items()}
        sample = [by_name[name] for name in names]
    elif len(inputs) == 1 and _has_parts(sample):
        raise wrong(f"{len(sample)} arrays are given and the network has one input, {names[0]}: give the first of each, (x for x, *_ in samples)", E_DATASET_LINE)
    elif len(inputs) == 1 and not (isinstance(sample, tuple) and len(sample) == 1):
        sample = [sample]
    elif not isinstance(sample, (tuple, list)) or len(sample) != len(inputs):
        raise wrong(f"{shown(sample)}: a tuple or dict with one array for each of {', '.join(names)} is wanted", E_DATASET_LINE)
    arrays = [dense(info, array) for info, array in zip(inputs, sample)]
    for info, array in zip(inputs, arrays):
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise wrong(f"input {info.name} holds NaN or infinite values", E_SAMPLE)
    return arrays


def _write(folder: str, samples: Iterator[Any], inputs: Sequence[TensorInfo]) -> str:
    """Each sample as files; what the caller's own samples raise stays as it is."""
    import numpy as np

    lines = []
    for k, sample in enumerate(samples):
        try:
            arrays = _arrays(sample, inputs)
        except Error as error:
            raise error.about(f"dataset: sample {k}") from None
        names = [f"{k}.{i}.npy" for i in range(len(arrays))]
        try:
            for name, array in zip(names, arrays):
                np.save(os.path.join(folder, name), array.reshape(-1))  # flat: it is in the input's order already
        except OSError as error:
            raise _cannot_write(folder, error) from None
        lines.append(" ".join(names) + "\n")
    if not lines:
        raise wrong("dataset holds no sample", E_DATASET_EMPTY)
    path = os.path.join(folder, "samples.txt")
    try:
        with open(path, "w", encoding="ascii") as file:
            file.writelines(lines)
    except OSError as error:
        raise _cannot_write(folder, error) from None
    return path


def _cannot_write(folder: str, error: OSError) -> Error:
    return Error(os_cause(error, E_WRITE), f"dataset: the samples cannot be written to {folder}: {error.strerror}")


def is_path(dataset: Any) -> bool:
    """Whether it is the path of a list rather than samples."""
    return isinstance(dataset, (str, bytes, os.PathLike))


@contextlib.contextmanager
def calibration_list(dataset: Any, inputs: Sequence[TensorInfo]) -> Iterator[Optional[bytes]]:
    """The path of the calibration list that ``dataset`` is or stands for, while the block runs."""
    if dataset is None or is_path(dataset):
        yield path_bytes(dataset) if dataset is not None else None
        return
    try:
        samples = None if isinstance(dataset, Mapping) else iter(dataset)
    except TypeError:
        samples = None
    if samples is None:
        raise wrong(f"dataset={shown(dataset)}: the path of a calibration list, or samples (arrays) one after the other, are wanted")
    import tempfile

    try:
        temporary = tempfile.TemporaryDirectory(prefix="inchip-")
    except OSError as error:
        raise Error(os_cause(error, E_WRITE), f"dataset: no folder for the samples can be made: {error.strerror}: name one in TMPDIR") from None
    with temporary as folder:
        path = _write(folder, samples, inputs)
        yield path_bytes(path)
