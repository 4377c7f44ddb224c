"""What one graph costs: run by `benchmarks.graphs` in a process of its own, with nothing but ONNX Runtime."""

import json
import sys
import time
from typing import Any

import numpy as np
import onnxruntime


def status() -> dict[str, int]:
    """This process's memory, in kB."""
    with open("/proc/self/status", encoding="ascii") as file:
        pairs = (line.split()[:2] for line in file if line.startswith(("VmHWM", "RssAnon", "RssFile")))
        return {name.rstrip(":"): int(value) for name, value in pairs}


def load(path: str) -> onnxruntime.InferenceSession:
    """As the server does."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def memory(path: str) -> dict[str, Any]:
    """Anonymous memory after the load and at its peak, in kB, and how long it took, in seconds."""
    start = time.perf_counter()
    session = load(path)
    seconds = time.perf_counter() - start
    now = status()
    del session
    return {"after": now["RssAnon"], "peak": now["VmHWM"] - now["RssFile"], "load": seconds}


def inputs(session: onnxruntime.InferenceSession, columns: list[list[Any]], rows: int) -> dict[str, Any]:
    """The columns as this graph takes them."""
    types = {"tensor(string)": object, "tensor(double)": np.float64, "tensor(float)": np.float32}
    return {
        node.name: np.array(column[:rows], dtype=types[node.type]).reshape(-1, 1)
        for node, column in zip(session.get_inputs(), columns, strict=True)
    }


def speed(paths: list[str], columns: list[list[Any]], rounds: int) -> dict[str, list[list[float]]]:
    """Seconds for 1 and for 1,000 rows: for each number of rows a list for each graph, taken in turns."""
    sessions = [load(path) for path in paths]
    found: dict[str, list[list[float]]] = {}
    for rows, repeat in ((1, 200), (1000, 2)):
        feeds = [inputs(session, columns, rows) for session in sessions]
        times: list[list[float]] = [[] for _ in sessions]
        for _ in range(rounds):
            for session, feed, taken in zip(sessions, feeds, times, strict=True):
                start = time.perf_counter()
                for _ in range(repeat):
                    session.run(None, feed)
                taken.append((time.perf_counter() - start) / repeat)
        found[str(rows)] = times
    return found


if __name__ == "__main__":
    what, *arguments = sys.argv[1:]
    if what == "memory":
        print(json.dumps(memory(arguments[0])))
    else:
        with open(arguments[0], encoding="utf-8") as sample:
            print(json.dumps(speed(arguments[1:], json.load(sample), rounds=15)))
