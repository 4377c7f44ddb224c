"""Ask servers with Triton's own client: lines of JSON from standard input, each answered by a line of JSON.

    {"server": "localhost:5000", "model": "adult"}
    {"server": "localhost:5000", "model": "adult", "columns": {"age": [25, NaN], ...}, "outputs": ["label"]}

Without columns, it describes the server and the model. Each column becomes a tensor.
"""

import asyncio
import json
import sys
from typing import Any

import numpy as np
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput, InferResult, aio
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

Json = dict[str, Any]


def answer(server: str, model: str, columns: Json | None = None, asynchronous: bool = False, **options: Any) -> Json:
    """What the server says, or what the client says is wrong.

    Args:
        server: Host and port.
        model: Its name.
        columns: Values by column, or rows of all columns under any one name; NaN for a missing number.
        asynchronous: Use the client for programs with an event loop, which speaks through aiohttp.
        options: Those of `describe` or of `request`.
    """
    try:
        if columns is None:
            return describe(server, model, **options)
        arguments = request(model, columns, **options)
        return asyncio.run(infer_asynchronously(server, arguments)) if asynchronous else infer(server, arguments)
    except InferenceServerException as error:
        return {"error": error.message(), "status": error.status()}


def describe(server: str, model: str, version: str = "") -> Json:
    """What there is to know of a server and a model of it."""
    with InferenceServerClient(server) as client:
        return {
            "live": client.is_server_live(),
            "ready": client.is_server_ready(),
            "model_ready": client.is_model_ready(model, version),
            "server": client.get_server_metadata(),
            "model": client.get_model_metadata(model, version),
        }


def request(
    model: str,
    columns: Json,
    version: str = "",
    outputs: list[str] | None = None,
    binary_inputs: bool = True,
    binary_outputs: bool = True,
    numbers: str = "float64",
    shape: list[int] | None = None,
    **others: Any,
) -> Json:
    """What both clients take.

    Args:
        model: Its name.
        columns: As above.
        version: Of the model; empty for any.
        outputs: Which to ask for; None for all.
        binary_inputs: Send tensors as bytes rather than as JSON; this and the next are the client's own defaults.
        binary_outputs: Ask for tensors as bytes.
        numbers: numpy's name of the type to send numbers in.
        shape: Of each tensor, if not that of its values.
        others: What the client calls `request_id`, `query_params`, `request_compression_algorithm`.
    """
    inputs = []
    for name, values in columns.items():
        array = tensor(values, numbers)
        array = array.reshape(shape or array.shape)
        inputs.append(InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype)))
        inputs[-1].set_data_from_numpy(array, binary_data=binary_inputs)
    wanted = [InferRequestedOutput(name, binary_data=binary_outputs) for name in outputs or []]
    return {"model_name": model, "model_version": version, "inputs": inputs, "outputs": wanted, **others}


def tensor(values: list[Any], numbers: str) -> np.ndarray:
    """Text is an array of objects for this client; booleans stay booleans."""
    array = np.array(values)
    if array.dtype.kind == "U":
        return array.astype(object)
    return array if array.dtype == bool else array.astype(numbers)


def infer(server: str, arguments: Json) -> Json:
    """Predict."""
    with InferenceServerClient(server) as client:
        return outputs_of(client.infer(**arguments))


async def infer_asynchronously(server: str, arguments: Json) -> Json:
    """Predict, without blocking others."""
    async with aio.InferenceServerClient(server) as client:
        return outputs_of(await client.infer(**arguments))


def outputs_of(result: InferResult) -> Json:
    """The JSON of the answer, and the values of its tensors, however they came; text is bytes if it came as bytes."""
    response = result.get_response()
    names = [output["name"] for output in response["outputs"]]
    values = {name: result.as_numpy(name).tolist() for name in names}
    return {"response": response, "values": {name: [text(value) for value in values[name]] for name in names}}


def text(value: Any) -> Any:
    if isinstance(value, list):
        return [text(one) for one in value]
    return value.decode() if isinstance(value, bytes) else value


for line in sys.stdin:
    print(json.dumps(answer(**json.loads(line))), flush=True)
