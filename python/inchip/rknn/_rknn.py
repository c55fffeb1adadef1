# SPDX-License-Identifier: Apache-2.0
"""class RKNN with the calls, defaults, return values and printed lines of RKNN-Toolkit 1.x.

Methods return 0 or -1 and never raise. A method whose feature this version lacks returns -1 and says so. Lines start with a level
letter as the vendor's do. What differs from the vendor, on purpose:

* a pre-compiled model runs on the simulator too, and no compiler is called for it;
* ``build(do_quantization=False)`` never opens the dataset list;
* all unsupported operators are named at once, and a GPU left in a trace is only a warning.
"""

from __future__ import annotations

import os
import sys
from typing import Optional, Sequence

import numpy as np

import inchip

_CHANNEL_LIMIT = 128
_DATA_TYPES = ("uint8", "int8", "int16", "float16", "float32")
_STARS = "*" * 20
_DEFAULT_TARGET = "rk1808"
_RUNTIME_VERSION = f"librknn_runtime version 1.7.5 compatible (inchip {inchip.__version__} simulator)"


def _say(level: str, text: str) -> None:
    print(f"{level} {text}")
    sys.stdout.flush()


class RKNN:
    """One model and its life: config, load, build, export, init_runtime, inference, release.

    Parameters
    ----------
    verbose : print debugging lines too
    verbose_file : also write all lines there; honoured with ``verbose=True`` only, ignored with a warning when its folder is missing
    """

    def __init__(self, verbose: bool = False, verbose_file: Optional[str] = None):
        self._verbose = verbose
        self._file = None
        self._config: dict = {}
        self._network: Optional[inchip.Network] = None
        self._model: Optional[inchip.Model] = None
        self._session: Optional[inchip.Session] = None
        self._rank1: list[bool] = []
        if verbose and verbose_file is not None:
            folder = os.path.dirname(os.path.abspath(verbose_file))
            if os.path.isdir(folder):
                self._file = open(verbose_file, "w", encoding="utf-8")
            else:
                _say("W", f"verbose_file {verbose_file}: its folder does not exist, it is ignored")

    # ---- lines ----
    def _line(self, level: str, text: str) -> None:
        if level != "D" or self._verbose:
            _say(level, text)
        if self._file:
            self._file.write(f"{level} {text}\n")

    def _refuse(self, text: str) -> int:
        self._line("E", text)
        return -1

    def _later(self, method: str) -> int:
        return self._refuse(f"{method} is not in inchip {inchip.__version__} yet")

    # ---- config ----
    def config(
        self,
        batch_size=100,
        mean_values=None,
        std_values=None,
        epochs=-1,
        reorder_channel=None,
        need_horizontal_merge=False,
        quantized_dtype="asymmetric_affine-u8",
        quantized_algorithm="normal",
        mmse_epoch=3,
        optimization_level=3,
        target_platform=None,
        quantize_input_node=False,
        merge_dequant_layer_and_output_node=False,
        **others,
    ):
        """Set what the build needs; returns None. ``target_platform`` may be a string or a list; None means rk1808, as the vendor's.

        mean_values, std_values: list of lists, one inner list per input, one value per channel. reorder_channel: ``'2 1 0'`` swaps the
        first and third of three channels; the caller still passes RGB.
        """
        platforms = [target_platform] if isinstance(target_platform, str) else list(target_platform or [_DEFAULT_TARGET])
        self._config = {
            "mean": mean_values,
            "std": std_values,
            "reorder": reorder_channel,
            "dtype": quantized_dtype,
            "algorithm": quantized_algorithm,
            "level": optimization_level,
            "platforms": [str(p).lower() for p in platforms],
        }
        for name in others:
            self._line("W", f"config: parameter {name} has no effect in inchip {inchip.__version__}")

    # ---- load ----
    def load_pytorch(self, model, input_size_list=None, inputs=None, outputs=None, convert_engine="torch"):
        """Load a TorchScript file. ``input_size_list``: per input its size without batch, ``[[1, 28, 28]]``; a rank-1 input ``[[784]]``
        gets batch 1, so the result has shape (1, n)."""
        self._line_path(model)
        if inputs is not None or outputs is not None:
            return self._refuse("load_pytorch: choosing inputs or outputs by name is not in this version yet: load the whole network")
        try:
            shapes = [(1, *map(int, size)) for size in input_size_list] if input_size_list is not None else None
            self._network = inchip.load(model, inputs=shapes, log=self._line)
        except (inchip.Error, OSError, TypeError, ValueError) as error:
            return self._refuse(str(error))
        self._model = None
        self._shapes = shapes or []
        self._warn_about_channels()
        return 0

    def _line_path(self, path) -> None:
        print(f"{path} {_STARS}")
        sys.stdout.flush()

    def _warn_about_channels(self) -> None:
        """The vendor's two lines for inputs with more than 128 channels (the last axis unless 4-D NCHW)."""
        for i, shape in enumerate(self._shapes):
            channels = shape[1] if len(shape) == 4 else shape[-1]
            if channels > _CHANNEL_LIMIT:
                name = self._network.input_face_name(i).rpartition("_")[0]
                _say("W", f"Channels({channels}) of input node: {name} > {_CHANNEL_LIMIT}, mean/std values will be set to default 0/1.")
                _say("W", "Please do pre-processing manually before inference.")
                self._config["mean"] = self._config["std"] = None

    def load_rknn(self, path, load_model_in_npu=False):
        """Load a model file that export_rknn wrote, pre-compiled or not: both run on the simulator."""
        self._line_path(path)
        try:
            with open(path, "rb") as file:
                data = file.read()
            inchip.Session(data, on="sim").close()
            self._model = inchip.Model(data)
        except (inchip.Error, OSError) as error:
            return self._refuse(str(error))
        return 0

    # ---- build and save ----
    def build(self, do_quantization=True, dataset="dataset.txt", pre_compile=False, rknn_batch_size=-1):
        """Build the loaded network: float16, or with ``do_quantization`` 8-bit integers with ranges measured on ``dataset``.

        ``pre_compile=True`` compiles for the first target platform; the result runs on the simulator too.
        """
        if self._network is None:
            return self._refuse("build: load a network first (load_pytorch)")
        if rknn_batch_size not in (-1, None, 1):
            return self._later(f"build(rknn_batch_size={rknn_batch_size})")
        target = self._config.get("platforms", [_DEFAULT_TARGET])[0]
        if pre_compile and target not in inchip.targets():
            return self._refuse(f"build: target_platform {target} cannot be compiled for; known: {', '.join(inchip.targets())}")
        try:
            self._network.build(
                dtype="uint8" if do_quantization else "float16",
                dataset=dataset if do_quantization else None,
                mean=self._per_channel("mean"),
                std=self._per_channel("std"),
                reorder=str(self._config.get("reorder") or "").split() == ["2", "1", "0"],
                optimization_level=int(self._config.get("level", 3)),
                progress=self._progress if do_quantization else None,
            )
            self._model = self._network.model(target=target if pre_compile else None)
        except (inchip.Error, OSError, ValueError) as error:
            return self._refuse(str(error))
        if pre_compile:
            known = inchip.targets()[target]
            self._line("I", f"compiled for {target} ({known.cpu} CPU program); runs on the simulator too")
        return 0

    def _per_channel(self, which: str):
        values = self._config.get(which)
        return [float(v) for v in values[0]] if values else None

    def _progress(self, done: int, total: int) -> None:
        if sys.stdout.isatty():
            print(f"\rI calibrating {done} of {total}", end="\n" if done == total else "", flush=True)
        elif done == total:
            self._line("I", f"calibrated on {total} sample(s)")

    def export_rknn(self, export_path):
        """Write the model file; 0 or -1."""
        if self._model is None:
            return self._refuse("export_rknn: build a model first")
        try:
            self._model.save(export_path)
        except OSError as error:
            return self._refuse(f"{export_path}: {error.strerror}")
        return 0

    # ---- run ----
    def init_runtime(
        self,
        target=None,
        target_sub_class=None,
        device_id=None,
        perf_debug=False,
        eval_mem=False,
        async_mode=False,
        rknn2precompile=False,
    ):
        """Open the model on the simulator (``target=None``). Running on a connected board is not in this version."""
        if target is not None:
            return self._later(f"init_runtime(target={target!r})")
        if self._model is None:
            return self._refuse("init_runtime: build a model or load one first")
        try:
            self._session = inchip.Session(self._model, on="sim", log=self._line)
        except inchip.Error as error:
            return self._refuse(str(error))
        print(_RUNTIME_VERSION)
        sys.stdout.flush()
        return 0

    def inference(self, inputs, data_type=None, data_format=None, inputs_pass_through=None, get_frame_id=False):
        """Run once; a list of float32 arrays, or None on error.

        inputs: list of ndarrays of uint8, int8, int16, float16 or float32. Only the number of elements is compared with the model's
        input: a (28, 28) picture is accepted for (1, 784). 4-D inputs are taken as NHWC unless ``data_format='nchw'``.
        """
        if self._session is None:
            self._refuse("inference: call init_runtime first")
            return None
        try:
            self._set_inputs(inputs, data_type, data_format)
            self._session.execute()
            return [self._session.get_output(i) for i in range(len(self._session.outputs))]
        except (inchip.Error, TypeError, ValueError) as error:
            self._refuse(str(error))
            return None

    def _set_inputs(self, inputs, data_type, data_format) -> None:
        infos = self._session.inputs
        if not isinstance(inputs, (list, tuple)):
            raise TypeError(f"inference: inputs is a {type(inputs).__name__}; a list of ndarrays is wanted")
        if len(inputs) != len(infos):
            raise ValueError(f"inference: {len(inputs)} inputs were given, the model has {len(infos)}")
        formats = [data_format] * len(infos) if data_format is None or isinstance(data_format, str) else list(data_format)
        types = [data_type] * len(infos) if data_type is None or isinstance(data_type, str) else list(data_type)
        if len(formats) != len(infos) or len(types) != len(infos):
            raise ValueError(f"inference: data_type and data_format need {len(infos)} entries, one per input")
        for i, array in enumerate(inputs):
            self._session.set_input(i, self._arranged(i, array, types[i], formats[i]))

    def _arranged(self, i: int, array, data_type, data_format) -> np.ndarray:
        info = self._session.inputs[i]
        if not isinstance(array, np.ndarray):
            raise TypeError(f"inference: inputs[{i}] is a {type(array).__name__}; an ndarray is wanted")
        if array.dtype.name not in _DATA_TYPES:
            raise TypeError(f"inference: inputs[{i}] has dtype {array.dtype}; one of {', '.join(_DATA_TYPES)} is wanted")
        if data_type is not None and data_type != array.dtype.name:
            raise TypeError(f"inference: inputs[{i}] has dtype {array.dtype}, data_type says {data_type}")
        wanted = int(np.prod(info.shape))
        if array.size != wanted:
            raise ValueError(
                f"inference: inputs[{i}] has {array.size} elements (shape {array.shape}); input {info.name} wants {wanted} {info.shape}"
            )
        if len(info.shape) == 4 and info.format == 1 and (data_format or "nhwc") == "nhwc":
            n, c, h, w = info.shape
            return array.reshape(n, h, w, c).transpose(0, 3, 1, 2)
        return array

    def release(self):
        """Free everything."""
        if self._session is not None:
            self._session.close()
        self._session = self._network = self._model = None
        if self._file:
            self._file.close()
            self._file = None

    def list_support_target_platform(self, rknn_model=None):
        """The platforms that models can be compiled for."""
        if rknn_model is not None:
            return self._later("list_support_target_platform(rknn_model=...)")
        platforms = list(inchip.targets())
        print(f"support_target_platform: {platforms}")
        return {"support_target_platform": platforms}


def _add_refusals() -> None:
    """The rest of the vendor's methods: each answers -1 and names itself."""
    names = (
        "load_caffe load_darknet load_keras load_mxnet load_onnx load_tensorflow load_tflite direct_build export_rknn_precompile_model "
        "export_rknn_sync_model export_encrypted_rknn_model export_rknn_quant_params fetch_rknn_model_config register_op load_firmware "
        "hybrid_quantization_step1 hybrid_quantization_step2 eval_perf eval_memory get_sdk_version list_devices accuracy_analysis"
    )
    for name in names.split():

        def refuse(self, *_args, _name=name, **_kwargs):
            return self._later(_name)

        refuse.__name__ = name
        refuse.__doc__ = f"Not in this version: returns -1 and says so ({name})."
        setattr(RKNN, name, refuse)


_add_refusals()
