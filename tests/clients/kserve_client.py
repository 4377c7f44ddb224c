"""Ask servers with KServe's own client: lines of JSON from standard input, each answered by a line of JSON.

    {"server": "localhost:5000", "protocol": "v1", "model": "adult"}
    {"server": "localhost:5000", "protocol": "v2", "model": "adult", "columns": {"age": [25], ...}, "binary": true}

Without columns, whether the server lives and the model is ready.
"""

import asyncio
import json
import sys
from typing import Any

import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

Json = dict[str, Any]


async def answer(server: str, protocol: str, model: str, columns: Json | None = None, binary: bool = False) -> Json:
    """What the server says, or what the client raises."""
    url = f"http://{server}"
    client = InferenceRESTClient(RESTConfig(protocol=protocol, retries=0))
    try:
        if columns is None:
            return {"live": await client.is_server_live(url), "ready": await client.is_model_ready(url, model)}
        if protocol == "v1":
            rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
            return dict(await client.infer(url, {"instances": rows}, model_name=model))
        inputs = [tensor(name, values, binary) for name, values in columns.items()]
        found = await client.infer(url, InferRequest(model, inputs), model_name=model)
        return {"outputs": {output.name: output.as_numpy().tolist() for output in found.outputs}}
    except Exception as error:  # it has many kinds
        return {"error": str(error)}
    finally:
        await client.close()


def tensor(name: str, values: list[Any], binary: bool) -> InferInput:
    """A column as a tensor."""
    text = isinstance(values[0], str)
    found = InferInput(name, [len(values), 1], "BYTES" if text else "FP64")
    found.set_data_from_numpy(np.array(values, object if text else np.float64)[:, np.newaxis], binary_data=binary)
    return found


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(asyncio.run(answer(**json.loads(line)))), flush=True)
