# SPDX-License-Identifier: Apache-2.0
"""inchip: from a trained network to an embedded chip.

>>> import inchip
>>> network = inchip.load("logistic.pt", inputs={"x": (1, 784)})
>>> model = network.compile(target="rv1109", dtype="float16")
>>> model.save("logistic.ic")
>>> inchip.Session(model, on="sim").run({"x": pixels})

Everything here calls the C library through its public API; NumPy is the only dependency.
"""

from inchip._api import Error, Model, Network, Session, TensorInfo, imread, load, targets, version

__all__ = ["Error", "Model", "Network", "Session", "TensorInfo", "imread", "load", "targets", "version"]
__version__ = version()
