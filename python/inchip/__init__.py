# SPDX-License-Identifier: Apache-2.0
"""inchip: from a trained network to an embedded chip.

>>> import inchip
>>> network = inchip.load("logistic.pt", inputs={"x": (1, 784)})
>>> model = network.compile(target="rv1109", dtype="float16")
>>> model.save("logistic.ic")
>>> inchip.Session(model, on="sim").run({"x": pixels})

Everything here calls the C library through its public API; NumPy is the only dependency, and is imported by the first call that needs it.
"""

import sys
from importlib.util import find_spec

if "numpy" not in sys.modules and find_spec("numpy") is None:
    raise ImportError(f"inchip needs NumPy, which {sys.executable} does not have: {sys.executable} -m pip install numpy")

from inchip._core import Error, Target, describe, recognize, targets, version
from inchip._image import imread
from inchip._network import Model, Network, load
from inchip._session import Session, StepTime
from inchip._tensor import TensorInfo

__all__ = ["Error", "Model", "Network", "Session", "StepTime", "Target", "TensorInfo", "describe", "imread", "load", "recognize", "targets", "version"]
__version__ = version()
