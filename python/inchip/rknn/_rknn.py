# SPDX-License-Identifier: Apache-2.0
"""class RKNN with the calls, defaults, return values and printed lines of RKNN-Toolkit 1.7.5.

Methods return 0 or -1 and never raise: what goes wrong is one ``E`` line. A method whose feature this version lacks returns -1 and says
so. What differs from the vendor, on purpose, stands in docs/from-rknn.md.
"""

from __future__ import annotations

import os
import re
from typing import Any

import inchip
from inchip._network import write_whole
from inchip._core import shown
from inchip.rknn import _platforms, _tables, _vendor
from inchip.rknn._config import switch
from inchip.rknn._guard import Refusal, guarded, later, say
from inchip.rknn._run import Runner


class RKNN(Runner):
    """One model and its life: config, load, build, export, init_runtime, inference, release.

    Parameters
    ----------
    verbose : bool
        Print debugging lines too.
    verbose_file : str
        Also write all lines there; only used with ``verbose=True``, ignored with a warning when its folder is missing.

    Notes
    -----
    No method raises. Each returns 0 or -1, or None where it gives values, after one line that begins with ``E``.
    """

    @guarded(failed=None)
    def release(self):
        """Free everything; returns None."""
        self._forget()
        self._line.close()

    # ---- what is known ----
    @guarded()
    def list_support_target_platform(self, rknn_model=None):
        """Where a model file runs, or without one, all platforms by NPU family.

        Returns
        -------
        dict
            ``support_target_platform``, with a file also ``filled_target_platform``; None when the file is missing.
        """
        if rknn_model is None:
            for family, members in _platforms.FAMILIES.items():
                say(f"{family} family: {', '.join(members)}")
            known = list(inchip.targets())
            say(f"support_target_platform: {known}")
            return {"support_target_platform": known}
        if isinstance(rknn_model, (str, os.PathLike)) and not os.path.exists(rknn_model):
            self._line("E", f"list_support_target_platform: {os.fsdecode(rknn_model)}: no such file [IC-E0401]")
            return None
        theirs = _vendor.head(rknn_model)
        if theirs is not None:
            filled, supported = _vendor.platforms(theirs)
            say("\n".join(_tables.platforms(filled, supported)))
            return {"support_target_platform": supported, "filled_target_platform": filled}
        about = inchip.describe(rknn_model)
        found = re.search(r"target_platform=\[([^\]]*)\]", about.get("options", ""))
        filled = re.findall(r"'([^']*)'", found.group(1)) if found else [about["target"]] if about.get("target") else []
        supported = _platforms.supported(about.get("target", ""))
        say("\n".join(_tables.platforms(filled, supported)))
        return {"support_target_platform": supported, "filled_target_platform": filled}

    @guarded()
    def fetch_rknn_model_config(self, model_path):
        """The JSON head of a model file as a dict, of ours or of RKNN-Toolkit 1; -1 on error."""
        theirs = _vendor.head(model_path)
        return inchip.describe(model_path) if theirs is None else theirs

    @guarded()
    def get_sdk_version(self):
        """The versions as text in the vendor's form; needs no device here."""
        return _tables.versions(inchip.__version__, "full")

    @guarded()
    def list_devices(self):
        """Prints and returns (adb, ntb) device ids. This version does not look for boards: both are empty, which it says."""
        self._line("W", f"looking for connected boards is not in inchip {inchip.__version__} yet")
        say("\n".join(_tables.devices([], [])))
        return [], []

    @guarded()
    def export_rknn_quant_params(self, model, only_io=True):
        """Write scales and zero points of a model file's inputs and outputs to ``<model>_quant_param.yml`` beside it.

        Parameters
        ----------
        model : path of a file that export_rknn wrote
        only_io : bool
            True. The parameters of layers are not in this version.

        Returns
        -------
        int
            0, or -1.
        """
        if not switch("only_io", only_io):
            raise later("export_rknn_quant_params(only_io=False)")
        if not isinstance(model, (str, os.PathLike)):
            raise Refusal(f"model is {shown(model)}: the path of a model file is wanted")
        with inchip.Session(model, on="sim") as session:
            ends = [(info.name, info) for info in session.inputs] + [(f"{info.name}:out0", info) for info in session.outputs]
        text = _tables.quantization(os.path.basename(os.fsdecode(model)), ends)
        write_whole(f"{os.path.splitext(os.fsdecode(model))[0]}_quant_param.yml", text.encode())
        return 0

    # ---- what comes later: true signatures, -1 and a sentence ----
    @guarded()
    def load_caffe(self, model, proto="caffe", blobs=None):
        """Not in this version: -1."""
        raise later("load_caffe")

    @guarded()
    def load_darknet(self, model, weight):
        """Not in this version: -1."""
        raise later("load_darknet")

    @guarded()
    def load_keras(self, model, convert_engine="Keras"):
        """Not in this version: -1."""
        raise later("load_keras")

    @guarded()
    def load_mxnet(self, symbol, params, input_size_list=None):
        """Not in this version: -1."""
        raise later("load_mxnet")

    @guarded()
    def load_tensorflow(
        self, tf_pb, inputs, input_size_list, outputs, predef_file=None, mean_values=None, std_values=None, size_with_batch=None
    ):
        """Not in this version: -1."""
        raise later("load_tensorflow")

    @guarded()
    def load_tflite(self, model):
        """Not in this version: -1."""
        raise later("load_tflite")

    @guarded()
    def direct_build(self, model_input, data_input, model_quantize=None, pre_compile=False):
        """Not in this version: -1."""
        raise later("direct_build")

    @guarded()
    def hybrid_quantization_step1(self, dataset=None):
        """Not in this version: -1."""
        raise later("hybrid_quantization_step1")

    @guarded()
    def hybrid_quantization_step2(self, model_input, data_input, model_quantization_cfg, dataset, pre_compile=False):
        """Not in this version: -1."""
        raise later("hybrid_quantization_step2")

    @guarded()
    def accuracy_analysis(
        self, inputs, output_dir="./snapshot", calc_qnt_error=True, target=None, device_id=None, dump_file_type="tensor"
    ):
        """Not in this version: -1."""
        raise later("accuracy_analysis")

    @guarded()
    def export_rknn_precompile_model(self, export_path=None):
        """Not in this version, for it asks a board to compile: -1. ``build(pre_compile=True)`` needs none."""
        raise Refusal(f"{later('export_rknn_precompile_model')}: it compiles on a board; build(pre_compile=True) needs none")

    @guarded()
    def export_rknn_sync_model(self, input_model=None, sync_uids=None, output_model=None):
        """Not in this version: -1."""
        raise later("export_rknn_sync_model")

    @guarded()
    def export_encrypted_rknn_model(self, input_model, output_model=None, crypt_level=1):
        """Not in this version: -1."""
        raise later("export_encrypted_rknn_model")

    @guarded()
    def register_op(self, op_path):
        """Not in this version: -1."""
        raise later("register_op")

    @guarded()
    def load_firmware(self, fw_dir=None):
        """Not in this version: -1."""
        raise later("load_firmware")

    def __enter__(self) -> RKNN:
        return self

    def __exit__(self, *_: Any) -> None:
        self.release()
