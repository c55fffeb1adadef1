# SPDX-License-Identifier: Apache-2.0
"""Prints EXPECTED of tests/python/test_onnx_corpus.py: first output, and sums of magnitudes of the others, by onnxruntime. Needs onnxruntime.

    python3 tests/data/silero.py CORPUS
"""

import pathlib
import sys

import numpy as np
import onnxruntime

SILERO = {
    "silero_vad_v5": {"input": (1, 576), "state": (2, 1, 128)},
    "silero_vad_legacy": {"input": (1, 1536), "h": (2, 1, 64), "c": (2, 1, 64)},
}
print(onnxruntime.__version__)
for name, shapes in SILERO.items():
    session = onnxruntime.InferenceSession(str(pathlib.Path(sys.argv[1]) / "real" / "silero" / f"{name}.onnx"), providers=["CPUExecutionProvider"])
    feeds = {k: np.cos(np.arange(int(np.prod(s))) * 0.37 + 0.1 * i).astype(np.float32).reshape(s) * np.float32(0.3) for i, (k, s) in enumerate(shapes.items())}
    out = session.run(None, {**feeds, "sr": np.array(16000, np.int64)})
    print(f'    "{name}": ({np.ravel(out[0]).tolist()}, {", ".join(repr(float(np.abs(o).sum(dtype=np.float64))) for o in out[1:])}),')
