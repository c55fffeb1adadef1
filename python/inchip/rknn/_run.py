# SPDX-License-Identifier: Apache-2.0
"""The second half of class RKNN: init_runtime, inference, measuring."""

from __future__ import annotations

import time
from typing import Any, Optional

import inchip
from inchip.rknn import _platforms, _tables
from inchip.rknn._config import switch, whole
from inchip.rknn._convert import Converter
from inchip._core import ERR_STATE, E_TARGET_UNKNOWN, shown
from inchip.rknn._guard import Refusal, guarded, later, nearest, say
from inchip.rknn._inputs import Inputs

_RUNTIME_VERSION = f"librknn_runtime version 1.7.5 compatible (inchip {inchip.__version__} simulator)"
_HERE = "on this PC's CPU"


class Runner(Converter):
    """Runs the model that the converter made or loaded."""

    def __init__(self, verbose: bool = False, verbose_file: Optional[str] = None):
        super().__init__(verbose, verbose_file)
        self._session: Optional[inchip.Session] = None
        self._perf_debug = self._async = False
        self._frame = 0
        self._previous: Optional[tuple[list[Any], int]] = None

    @guarded()
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
        """Open the model on the simulator; a runtime that is open already is released.

        Parameters
        ----------
        target : None
            The simulator. Running on a connected board is not in this version.
        target_sub_class, device_id : of a connected board
        perf_debug : bool
            ``eval_perf`` measures each layer.
        eval_mem : bool
            ``eval_memory`` will be asked for.
        async_mode : bool
            ``inference`` returns the result of the frame before; the first call, which has none before it, its own.
        rknn2precompile : bool
            Needs a board, which this version does not reach.

        Returns
        -------
        int
            0, or -1.
        """
        self._release_runtime()
        if target_sub_class is not None:
            self._line("W", "target_sub_class is deprecated and has no effect")
        self._check_target(target, device_id)
        if switch("rknn2precompile", rknn2precompile):
            raise later("rknn2precompile=True (build with pre_compile=True instead: it needs no board)")
        model = self._wanted_model()
        self._perf_debug, self._async = switch("perf_debug", perf_debug), switch("async_mode", async_mode)
        for name, value in (("perf_debug", self._perf_debug), ("eval_mem", switch("eval_mem", eval_mem))):
            if value:
                self._line("W", f"init_runtime: {name}=True slows inference down on boards; here it does not")
        self._session = inchip.Session(model, on="sim", log=self._line)
        for info in (*self._session.inputs, *self._session.outputs):
            self._line("D", f"{info.name}: {info.dtype} {info.shape}, scale {info.scale:g}, zero point {info.zero_point}")
        say(_RUNTIME_VERSION)
        return 0

    @staticmethod
    def _check_target(target: Any, device_id: Any) -> None:
        if target is not None and not (isinstance(target, str) and target.lower() in _platforms.VENDOR):
            known = _platforms.VENDOR
            raise Refusal(f"target={shown(target)} is unknown{nearest(str(target), known)} (known: None for the simulator, {', '.join(known)})", E_TARGET_UNKNOWN)
        if target is not None:
            raise later(f"running on a connected board (target={shown(target)})")
        if device_id is not None:
            raise Refusal(f"device_id={shown(device_id)} without a target: the simulator is no device")

    def _open(self) -> inchip.Session:
        if self._session is None:
            raise Refusal("The runtime has not been initialized, please call init_runtime first!", ERR_STATE)
        return self._session

    def _release_runtime(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session, self._previous, self._frame = None, None, 0

    @guarded(failed=None)
    def inference(
        self, inputs, data_type=None, data_format=None, inputs_pass_through=None, get_frame_id=False
    ) -> Optional[list[Any]]:
        """Run once.

        Parameters
        ----------
        inputs : list of ndarray
            uint8, int8, int16, float16 or float32. Only the number of elements is compared with the model's input: a (28, 28) picture
            is accepted for (1, 784). With ``rknn_batch_size=N``, N samples joined on axis 0; missing ones are zeros.
        data_type : str or list of str
            When given, each array must have it.
        data_format : {"nhwc", "nchw"} or list of them
            Of 4-D inputs; None is ``"nhwc"``.
        inputs_pass_through : list of 0 and 1
            1: the array's bytes go to the model as they are, without mean, std and conversion.
        get_frame_id : bool
            Append the frame's number, from 0, to the list.

        Returns
        -------
        list of float32 ndarray
            None after an ``E`` line.
        """
        session, with_id = self._open(), switch("get_frame_id", get_frame_id)
        Inputs(session.inputs, self._batch(), inputs, data_type, data_format, inputs_pass_through).give(session)
        session.execute()
        outputs = [session.get_output(i).astype("float32", copy=False) for i in range(len(session.outputs))]
        current, self._frame = (outputs, self._frame), self._frame + 1
        shown = self._previous if self._async and self._previous is not None else current
        self._previous = current
        return [*shown[0], shown[1]] if with_id else shown[0]

    # ---- measuring ----
    @guarded()
    def eval_perf(self, inputs=None, data_type=None, data_format=None, is_print=True, loop_cnt=1, export_perf_statistics=False):
        """Measure the time of one run: this PC's time, by the runtime that boards have too; not a board's, and not the simulator's.

        Parameters
        ----------
        inputs, data_type, data_format : not used, as in RKNN-Toolkit since 1.3.2
        is_print : bool
            Print the table.
        loop_cnt : int
            Runs to take the mean of, without perf_debug.
        export_perf_statistics : bool
            With perf_debug, save the times by operator as ``perf_statistics.csv`` in the current folder.

        Returns
        -------
        dict
            ``{"total_time": microseconds}``, with perf_debug also ``"layers": {"0": {"name", "operation", "time"}}``; -1 on error.
        """
        self._open()
        shown, count = switch("is_print", is_print), whole("loop_cnt", loop_cnt, 1)
        save = switch("export_perf_statistics", export_perf_statistics)
        if save and not self._perf_debug:
            raise Refusal("export_perf_statistics=True needs init_runtime(perf_debug=True)")
        with inchip.Session(self._wanted_model()) as host:
            host.execute()  # the first run finds cold memory
            result, table = self._layer_times(host, save) if self._perf_debug else self._total_time(host, count)
        if shown:
            self._line("I", f"eval_perf: times {_HERE}, not of a board")
            say("\n".join(table))
        return result

    @staticmethod
    def _total_time(host: inchip.Session, count: int) -> tuple[dict, list[str]]:
        start = time.perf_counter_ns()
        for _ in range(count):
            host.execute()
        total = (time.perf_counter_ns() - start) / 1000 / count
        return {"total_time": total}, _tables.performance(total)

    @staticmethod
    def _layer_times(host: inchip.Session, save: bool) -> tuple[dict, list[str]]:
        times = [_tables.Layer(step.layer, step.kind.upper(), step.time_ns / 1000) for step in host.profile()]
        if save:
            with open("perf_statistics.csv", "w", encoding="utf-8") as file:
                file.write(_tables.statistics_csv(times))
        layers = {str(i): {"name": t.name, "operation": t.operation, "time": t.time_us} for i, t in enumerate(times)}
        return {"total_time": sum(t.time_us for t in times), "layers": layers}, _tables.layers(times) + _tables.operators(times)

    @guarded()
    def eval_memory(self, is_print=True):
        """The memory that the model takes in the runtime on this PC, in bytes.

        The runtime allocates while it loads and not while it runs, so the most and the sum are one number; no NPU is used.

        Returns
        -------
        dict
            ``{"system_memory": {"maximum_allocation", "total_allocation"}, "npu_memory": ..., "total_memory": ...}``; -1 on error.
        """
        self._open()
        shown, model = switch("is_print", is_print), self._wanted_model()
        with inchip.Session(model) as host:
            held = {"maximum_allocation": host.memory_bytes, "total_allocation": host.memory_bytes}
        found = {"system_memory": held, "npu_memory": dict.fromkeys(held, 0), "total_memory": dict(held)}
        if shown:
            self._line("I", f"eval_memory: memory {_HERE}; no NPU is used")
            say("\n".join(_tables.memory(found, len(model))))
        return found
