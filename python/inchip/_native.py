# SPDX-License-Identifier: Apache-2.0
"""ctypes declarations of the public C API (inchip/toolchain.h, inchip/runtime.h) and nothing else."""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_char_p, c_double, c_float, c_int, c_int32, c_size_t, c_uint32, c_uint64, c_void_p

MAX_RANK = 8
# enum inchip_dtype
DTYPES = {
    1: "float32", 2: "float16", 3: "uint8", 4: "int8", 5: "int16", 6: "int32", 7: "int64", 8: "bool", 11: "uint16", 12: "uint32", 13: "uint64",
}  # fmt: skip
COMPLEX64 = 64  # INCHIP_C64: of inputs given to an import only
LOG_FN = ctypes.CFUNCTYPE(None, c_void_p, ctypes.c_char, c_char_p)
PROGRESS_FN = ctypes.CFUNCTYPE(None, c_void_p, c_uint64, c_uint64)


class TensorInfo(ctypes.Structure):
    """struct inchip_tensor_info."""

    _fields_ = [
        ("struct_size", c_uint32),
        ("name", c_char_p),
        ("face_name", c_char_p),
        ("dtype", c_int32),
        ("user_dtype", c_int32),
        ("rank", c_int32),
        ("dims", c_int32 * MAX_RANK),
        ("format", c_int32),
        ("scale", c_float),
        ("zero_point", c_int32),
        ("size_bytes", c_uint64),
    ]


class StepTime(ctypes.Structure):
    """struct inchip_step_time."""

    _fields_ = [("layer", c_char_p), ("kind", c_char_p), ("time_ns", c_uint64)]


class InputShape(ctypes.Structure):
    """struct inchip_input_shape."""

    _fields_ = [("name", c_char_p), ("rank", c_int32), ("dims", c_int32 * MAX_RANK), ("dtype", c_int32)]


class InputConstant(ctypes.Structure):
    """struct inchip_input_constant."""

    _fields_ = [("name", c_char_p), ("value", c_double)]


class ImportOptions(ctypes.Structure):
    """struct inchip_import_options."""

    _fields_ = [
        ("struct_size", c_uint32),
        ("inputs", POINTER(InputShape)),
        ("n_inputs", c_int32),
        ("rank1_is_batch1", c_int32),
        ("outputs", POINTER(c_char_p)),
        ("n_outputs", c_int32),
        ("weights", c_char_p),
        ("n_constants", c_int32),
        ("constants", POINTER(InputConstant)),
        ("method", c_char_p),
    ]


class Preprocessing(ctypes.Structure):
    """struct inchip_preprocessing."""

    _fields_ = [("mean", POINTER(c_float)), ("std", POINTER(c_float)), ("n_channels", c_int32), ("reorder", c_int32)]


class BuildOptions(ctypes.Structure):
    """struct inchip_build_options."""

    _fields_ = [
        ("struct_size", c_uint32),
        ("type", c_int32),
        ("dataset", c_char_p),
        ("optimization_level", c_int32),
        ("mean", POINTER(c_float)),
        ("std", POINTER(c_float)),
        ("n_channels", c_int32),
        ("reorder", c_int32),
        ("progress", PROGRESS_FN),
        ("user", c_void_p),
        ("preprocessing", POINTER(Preprocessing)),
        ("n_preprocessing", c_int32),
        ("batch", c_int32),
        ("input_codes", c_int32),
        ("output_codes", c_int32),
        ("dataset_name", c_char_p),
    ]


class SaveOptions(ctypes.Structure):
    """struct inchip_save_options."""

    _fields_ = [("struct_size", c_uint32), ("target", c_char_p), ("keep_portable", c_int32), ("options_text", c_char_p)]


class Image(ctypes.Structure):
    """struct inchip_image of inchip/media.h."""

    _fields_ = [("width", c_int32), ("height", c_int32), ("channels", c_int32), ("pixels", POINTER(ctypes.c_uint8))]


def _candidates() -> list[str]:
    """INCHIP_LIBRARY alone when it is set; else the package's own library, else that of a build in the repository."""
    if os.environ.get("INCHIP_LIBRARY"):
        return [os.environ["INCHIP_LIBRARY"]]
    here = os.path.dirname(os.path.abspath(__file__))
    build = os.path.join(os.path.dirname(os.path.dirname(here)), "build")
    folders = [here, *(os.path.join(build, preset, sub) for preset in ("release", "demo") for sub in ("lib", ""))]
    return [os.path.join(folder, "libinchip.so") for folder in folders]


def _load() -> ctypes.CDLL:
    for path in _candidates():
        if os.path.isfile(path):
            try:
                return ctypes.CDLL(os.path.abspath(path))  # a bare name would be looked for in the system's folders
            except OSError as error:
                raise ImportError(f"{path} cannot be loaded on this machine: {error}") from None
    named = "INCHIP_LIBRARY names it" if os.environ.get("INCHIP_LIBRARY") else "build it with 'make', or set INCHIP_LIBRARY to its path"
    raise ImportError(f"libinchip.so was not found (looked at {', '.join(_candidates())}): {named}")


def _declare(lib: ctypes.CDLL) -> None:
    handle, out = c_void_p, POINTER(c_void_p)
    signatures = {
        "inchip_context_create": (handle, []),
        "inchip_context_destroy": (None, [handle]),
        "inchip_context_set_log": (None, [handle, LOG_FN, c_void_p]),
        "inchip_context_error": (c_char_p, [handle]),
        "inchip_context_error_code": (c_int, [handle]),
        "inchip_status_name": (c_char_p, [c_int]),
        "inchip_version": (c_char_p, []),
        "inchip_picture_load": (c_int, [handle, c_char_p, c_int32, POINTER(Image)]),
        "inchip_image_free": (None, [POINTER(Image)]),
        "inchip_network_import": (c_int, [handle, c_char_p, POINTER(ImportOptions), out]),
        "inchip_network_import_bytes": (c_int, [handle, c_char_p, c_size_t, c_char_p, POINTER(ImportOptions), out]),
        "inchip_network_destroy": (None, [handle]),
        "inchip_network_inputs": (c_int32, [handle]),
        "inchip_network_outputs": (c_int32, [handle]),
        "inchip_network_input_info": (c_int, [handle, c_int32, POINTER(TensorInfo)]),
        "inchip_network_output_info": (c_int, [handle, c_int32, POINTER(TensorInfo)]),
        "inchip_network_input_face_name": (c_char_p, [handle, c_int32]),
        "inchip_file_inputs": (c_int, [handle, c_char_p, c_char_p, c_size_t]),
        "inchip_file_recognize": (c_int, [handle, c_char_p, c_char_p, c_size_t, c_char_p, c_size_t]),
        "inchip_network_build": (c_int, [handle, handle, POINTER(BuildOptions)]),
        "inchip_network_save": (c_int, [handle, handle, c_char_p, POINTER(SaveOptions)]),
        "inchip_network_save_memory": (c_int, [handle, handle, POINTER(SaveOptions), out, POINTER(c_size_t)]),
        "inchip_network_export_onnx": (c_int, [handle, handle, c_char_p]),
        "inchip_file_json": (c_int, [handle, c_char_p, out]),
        "inchip_free": (None, [c_void_p]),
        "inchip_target_name": (c_char_p, [c_size_t]),
        "inchip_target_cpu": (c_char_p, [c_size_t]),
        "inchip_target_note": (c_char_p, [c_size_t]),
        "inchip_model_open": (c_int, [handle, c_char_p, out]),
        "inchip_model_open_memory": (c_int, [handle, c_void_p, c_size_t, out]),
        "inchip_model_close": (None, [handle]),
        "inchip_model_inputs": (c_int32, [handle]),
        "inchip_model_outputs": (c_int32, [handle]),
        "inchip_model_input_info": (c_int, [handle, c_int32, POINTER(TensorInfo)]),
        "inchip_model_output_info": (c_int, [handle, c_int32, POINTER(TensorInfo)]),
        "inchip_model_target": (c_char_p, [handle]),
        "inchip_session_create": (c_int, [handle, handle, c_int, out]),
        "inchip_session_destroy": (None, [handle]),
        "inchip_session_input": (c_void_p, [handle, c_int32]),
        "inchip_session_steps": (c_int32, [handle]),
        "inchip_session_profile": (c_int, [handle, handle, POINTER(StepTime), c_int32]),
        "inchip_session_memory_bytes": (c_uint64, [handle]),
        "inchip_model_memory_bytes": (c_uint64, [handle]),
        "inchip_session_output": (c_void_p, [handle, c_int32]),
        "inchip_session_set_input": (c_int, [handle, handle, c_int32, c_void_p, c_int32, c_size_t]),
        "inchip_session_get_output": (c_int, [handle, handle, c_int32, POINTER(c_float), c_size_t]),
        "inchip_session_run": (c_int, [handle, handle]),
        "inchip_simulator_open": (c_int, [handle, c_void_p, c_size_t, out]),
        "inchip_simulator_close": (None, [handle]),
        "inchip_simulator_inputs": (c_int32, [handle]),
        "inchip_simulator_outputs": (c_int32, [handle]),
        "inchip_simulator_input_info": (c_int, [handle, c_int32, POINTER(TensorInfo)]),
        "inchip_simulator_output_info": (c_int, [handle, c_int32, POINTER(TensorInfo)]),
        "inchip_simulator_set_input": (c_int, [handle, handle, c_int32, c_void_p, c_int32, c_size_t]),
        "inchip_simulator_get_output": (c_int, [handle, handle, c_int32, POINTER(c_float), c_size_t]),
        "inchip_simulator_input": (c_void_p, [handle, c_int32]),
        "inchip_simulator_output": (c_void_p, [handle, c_int32]),
        "inchip_simulator_run": (c_int, [handle, handle]),
    }
    for name, (result, arguments) in signatures.items():
        try:
            function = getattr(lib, name)
        except AttributeError:
            raise ImportError(f"{lib._name} has no {name}: it belongs to another version than this package; build or install both anew") from None
        function.restype = result
        function.argtypes = arguments


lib = _load()
_declare(lib)
