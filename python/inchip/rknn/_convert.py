# SPDX-License-Identifier: Apache-2.0
"""The first half of class RKNN: config, load, build, export."""

from __future__ import annotations

import os
import re
import sys
from typing import Any, Optional

import inchip
from inchip.rknn import _platforms
from inchip.rknn._config import CHANNEL_LIMIT, Config, channels_of, switch, whole
from inchip._core import ERR_STATE, E_DATASET_NEEDED, E_FORMAT, E_NOT_CONVERTED, E_SHAPE_WRONG, counted, shown
from inchip.rknn._guard import Lines, Refusal, guarded, later, say

_STARS = "*" * 20
_LOADERS = {"torchscript": "load_pytorch", "onnx": "load_onnx", "tflite": "load_tflite", "inchip": "load_rknn"}


class Converter:
    """From a trained network to a model."""

    def __init__(self, verbose: bool = False, verbose_file: Optional[str] = None):
        self._line = Lines(verbose, verbose_file)
        self._config: Optional[Config] = None
        self._config_refused = False
        self._source: Any = None
        self._outputs: Any = None  # names that load_onnx was given
        self._network: Optional[inchip.Network] = None
        self._model: Optional[inchip.Model] = None
        self._about: dict[str, Any] = {}

    # ---- config ----
    @guarded()
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
        channel_mean_value=None,
        quantized_divergence_nbins=1024,
        quantized_moving_alpha=0.01,
        model_pruning=False,
        force_builtin_perm=False,
        output_optimize=0,
        remove_tensorflow_output_permute=False,
        do_sparse_network=True,
        deconv_merge=True,
        conv_mul_merge=True,
        quantized_hybrid=False,
        inputs_scale_range=None,
        caffe_mean_file=None,
        mean_file=None,
        dtype="float32",
        force_gray=None,
        input_fitting="scale",
        input_normalization=None,
        model_data_format="zone",
        model_quantize=None,
        optimize="Default",
        random_brightness=None,
        random_contrast=None,
        random_crop=None,
        random_flip=None,
        random_mirror=None,
        restart=False,
        samples=-1,
    ):
        """Set what the build needs; everything is checked here.

        Parameters
        ----------
        mean_values, std_values : list of lists
            One inner list per input, one number per channel: (x - mean) / std becomes part of the model. std is never 0.
        channel_mean_value : str
            The old form, ``"M0 M1 M2 S"``, inputs separated by ``#``.
        reorder_channel : str
            ``"2 1 0"`` swaps the first and third of three channels; the caller still passes RGB.
        target_platform : str or list of str
            None means rk1808, as the vendor's.
        quantized_dtype, quantized_algorithm, optimization_level, ... :
            As RKNN-Toolkit 1.7.5 documents them. Those without effect here get one ``W`` line when they differ from their default.

        Returns
        -------
        None, or -1 after an ``E`` line; ``build`` refuses until a later ``config`` is accepted.
        """
        given = {name: value for name, value in locals().items() if name != "self"}
        self._config_refused = True
        self._config = Config(given, self._line)
        self._config_refused = False
        if self._network is not None:
            self._preprocessing(self._config, self._network)

    def _settings(self) -> Config:
        if self._config_refused:
            raise Refusal("the last config was refused: correct it first", ERR_STATE)
        if self._config is None:
            self.config()
        assert self._config is not None  # the defaults are accepted
        return self._config

    # ---- load ----
    def _load(self, loader: str, model: Any, shapes: Any, outputs: Any = None) -> int:
        self._forget()
        if not isinstance(model, (str, os.PathLike, bytes)):
            raise Refusal(f"model is {shown(model)}: the path of a file, or its content as bytes, is wanted")
        called = f"{len(model)} bytes" if isinstance(model, bytes) else os.fsdecode(model)
        say(f"{called} {_STARS}")
        kind = loader if isinstance(model, bytes) else inchip.recognize(model)
        if _LOADERS.get(kind, loader) != loader:
            raise Refusal(f"{called} is a file of the kind {kind}: use {_LOADERS[kind]}", E_FORMAT)
        try:
            network = inchip.load(model, inputs=shapes, log=self._line, outputs=outputs)
        except inchip.Error as error:
            raise self._with_batch_in_mind(error, shapes) from None
        self._warn_about_channels(network)
        if self._config is not None and not self._config_refused:
            self._preprocessing(self._config, network)
        self._network, self._source, self._outputs = network, model, outputs
        return 0

    @staticmethod
    def _with_batch_in_mind(error: inchip.Error, shapes: Any) -> inchip.Error:
        """A size that begins with a batch of its own is the usual reason why shapes do not fit."""
        sizes = shapes.values() if isinstance(shapes, dict) else shapes or ()
        if error.code == "IC-E0205":
            size = re.search(r"inputs=\{\"[^\"]*\": \(1, ([\d, ]+)\)\}", error.message)
            if size:
                return error.with_message(f"{error.message[: size.start()]}input_size_list=[[{size[1]}]], the size without the batch")
        for size in sizes:
            if error.code in ("IC-E0206", "IC-E0506", "IC-E0507") and len(size) > 3 and size[:2] == (1, 1):
                hint = f"sizes are given without the batch, which is put before them: {list(size[1:])} became {list(size)}; is {list(size[2:])} meant?"
                return inchip.Error(int(error.code[4:]), f"{error.message}. {hint}")
        return error

    def _release_runtime(self) -> None:
        """Overridden where there is a runtime."""

    def _forget(self) -> None:
        """What was loaded before goes, so that nothing runs on with an old model after a failure."""
        self._release_runtime()
        if self._network is not None:
            self._network.close()
        self._network = self._model = self._source = self._outputs = None
        self._about = {}

    @staticmethod
    def _sizes(sizes: Any, what: str = "input_size_list") -> list[tuple[int, ...]]:
        """[[3, 224, 224]] to [(1, 3, 224, 224)]."""
        if not isinstance(sizes, (list, tuple)) or not sizes or not all(isinstance(size, (list, tuple)) for size in sizes):
            raise Refusal(f"{what}={shown(sizes)}: a list of lists is wanted, per input its size without batch, such as [[3, 224, 224]]")
        return [(1, *(whole(f"{what}[{i}]", extent, 1) for extent in size)) for i, size in enumerate(sizes)]

    @guarded()
    def load_pytorch(self, model, input_size_list=None, inputs=None, outputs=None, convert_engine="torch"):
        """Load a TorchScript file.

        Parameters
        ----------
        model : path of the file that ``torch.jit.save`` wrote
        input_size_list : list of lists
            Per input its size without batch, ``[[1, 28, 28]]``. A rank-1 input ``[[784]]`` gets batch 1: the result has shape (1, n).
        inputs, outputs : not in this version
        convert_engine : ``"torch"``

        Returns
        -------
        int
            0, or -1.
        """
        if inputs is not None or outputs is not None:
            raise later("choosing inputs or outputs by name")
        if convert_engine not in ("torch", "torch1.2"):
            raise Refusal(f"convert_engine={shown(convert_engine)}: 'torch' is wanted")
        return self._load("load_pytorch", model, self._sizes(input_size_list) if input_size_list is not None else None)

    @guarded()
    def load_onnx(self, model, inputs=None, input_size_list=None, outputs=None):
        """Load an ONNX file.

        Parameters
        ----------
        model : path of the file, or its content as ``bytes``
        inputs : list of names
            Inputs of the network, or tensors or nodes inside where it shall begin. ``input_size_list`` is mandatory then.
        input_size_list : list of lists
            Per input its size without batch.
        outputs : list of names
            Tensors or nodes where the network shall end; without it the network's own outputs.
        """
        if outputs is not None and (not isinstance(outputs, (list, tuple)) or not outputs or not all(isinstance(o, str) for o in outputs)):
            raise Refusal(f"outputs={shown(outputs)}: a list of names is wanted")
        shapes: Any = self._sizes(input_size_list) if input_size_list is not None else None
        if inputs is not None:
            if not isinstance(inputs, (list, tuple)) or shapes is None or len(inputs) != len(shapes):
                raise Refusal("inputs is given: input_size_list with one size per input is wanted too")
            shapes = dict(zip(map(str, inputs), shapes))
        return self._load("load_onnx", model, shapes, outputs)

    def _warn_about_channels(self, network: inchip.Network) -> None:
        """The vendor's two lines for inputs with more than 128 channels (the last axis unless 4-D NCHW)."""
        for info in network.inputs:
            channels = channels_of(info.shape) or 0
            if channels > CHANNEL_LIMIT:
                name = info.face_name.rpartition("_")[0] or info.name
                self._line(
                    "W", f"Channels({channels}) of input node: {name} > {CHANNEL_LIMIT}, mean/std values will be set to default 0/1."
                )
                self._line("W", "Please do pre-processing manually before inference.")

    @staticmethod
    def _preprocessing(settings: Config, network: inchip.Network) -> dict[str, Any]:
        return settings.preprocessing([info.shape for info in network.inputs], [info.name for info in network.inputs])

    @guarded()
    def load_rknn(self, path, load_model_in_npu=False):
        """Load a model file that export_rknn wrote, pre-compiled or not: both run on the simulator."""
        self._forget()
        if switch("load_model_in_npu", load_model_in_npu):
            raise later("load_model_in_npu=True")
        if not isinstance(path, (str, os.PathLike)):
            raise Refusal(f"path is {shown(path)}: the path of a file is wanted")
        say(f"{os.fsdecode(path)} {_STARS}")
        kind = inchip.recognize(path)
        if kind in _LOADERS and kind != "inchip":
            raise Refusal(f"{os.fsdecode(path)} is a source model ({kind}), not a model file of inchip: use {_LOADERS[kind]}, then build", E_NOT_CONVERTED)
        with inchip.Session(path, on="sim"):  # also checks every checksum
            self._about = inchip.describe(path)
        with open(path, "rb") as file:
            self._model = inchip.Model(file.read())
        return 0

    # ---- build and save ----
    @guarded()
    def build(self, do_quantization=True, dataset="dataset.txt", pre_compile=False, rknn_batch_size=-1):
        """Build the loaded network.

        Parameters
        ----------
        do_quantization : bool
            True: 8-bit integers with ranges measured on ``dataset``. False: float16, and ``dataset`` is never opened.
        dataset : path of a text file
            One sample per line, on each line one picture or .npy per input.
        pre_compile : bool
            Compile for the first target platform. The result runs on the simulator too.
        rknn_batch_size : int
            N gives inputs and outputs the leading extent N; each of the N results is what a single run gives, to the bit.

        Returns
        -------
        int
            0, or -1; then there is no model, also none of an earlier build.
        """
        self._release_runtime()
        self._model = None
        settings = self._settings()
        if self._network is None:
            raise Refusal("load a network first (load_pytorch, load_onnx)", ERR_STATE)
        quantize = switch("do_quantization", do_quantization)
        compiled = switch("pre_compile", pre_compile)
        batch = 1 if rknn_batch_size is None else whole("rknn_batch_size", rknn_batch_size, 1, 4096, also=(-1,))
        settings.check_build(quantize)
        if quantize and not isinstance(dataset, (str, os.PathLike)):
            raise Refusal(f"do_quantization=True needs a dataset, the path of a list of samples; it is {shown(dataset)}", E_DATASET_NEEDED)
        target = _platforms.compilable(settings.platforms) if compiled else None
        network = self._network if batch in (-1, 1) else self._batched(self._network, batch)
        self._model = self._built(network, settings, dataset if quantize else None, target, max(batch, 1))
        if target:
            self._line("I", f"compiled for {target} ({inchip.targets()[target].cpu} CPU program); runs on the simulator too")
        return 0

    def _built(self, network: inchip.Network, settings: Config, dataset: Any, target: Optional[str], batch: int) -> inchip.Model:
        quantize = dataset is not None
        try:
            network.build(
                dtype="uint8" if quantize else "float16",
                dataset=dataset,
                optimization_level=settings.level,
                progress=self._progress if quantize else None,
                batch=batch,
                **self._preprocessing(settings, network),
                **settings.edges(quantize),
            )
            options = f"{settings.text()}; rknn.build(do_quantization={quantize}, "
            options += f"pre_compile={target is not None}, rknn_batch_size={batch})"
            model = network.model(target=target, options_text=options)
        finally:
            network.close()  # a later build reads the file again
        self._about = {"options": options, "target": target or ""}
        return model

    def _batched(self, single: inchip.Network, batch: int) -> inchip.Network:
        """The loaded network with the leading extent of every input multiplied by batch."""
        shapes = {info.name: info.shape for info in single.inputs}
        for name, shape in shapes.items():
            if not shape or shape[0] != 1:
                raise Refusal(f"rknn_batch_size={batch}: input {name} {shape} does not begin with a batch of 1", E_SHAPE_WRONG)
        outputs = [info.shape for info in single.outputs]
        network = inchip.load(self._source, inputs={name: (batch, *shape[1:]) for name, shape in shapes.items()}, outputs=self._outputs)
        for before, after in zip(outputs, network.outputs):
            if after.shape != (batch * before[0] if before else 0, *before[1:]):
                raise Refusal(f"rknn_batch_size={batch}: output {after.name} {before} becomes {after.shape}: the network itself fixes its batch", E_SHAPE_WRONG)
        return network

    def _progress(self, done: int, total: int) -> None:
        if sys.stdout.isatty():
            print(f"\rI calibrating {done} of {total}", end="\n" if done == total else "", flush=True)
        elif done == total:
            self._line("I", f"calibrated on {counted(total, 'sample')}")

    def _batch(self) -> int:
        """rknn_batch_size of the model, 1 when it was built without."""
        found = re.search(r"rknn_batch_size=(\d+)", self._about.get("options", ""))
        return int(found.group(1)) if found else 1

    def _wanted_model(self) -> inchip.Model:
        if self._model is None:
            raise Refusal("RKNN model does not exist, please load & build model first!", ERR_STATE)
        return self._model

    @guarded()
    def export_rknn(self, export_path):
        """Write the model file, whole or not at all; 0 or -1."""
        if not isinstance(export_path, (str, os.PathLike)):
            raise Refusal(f"export_path is {shown(export_path)}: a path is wanted")
        self._wanted_model().save(export_path)
        return 0
