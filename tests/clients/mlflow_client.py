"""Ask servers with the client of MLflow 2 or 3: lines of JSON from standard input, each answered by a line of JSON.

    {"server": "localhost:5000", "send": "frame", "columns": {"age": [25, NaN], ...}}

`send` says what is given to the client: a data frame, a numpy array or a list of records.
"""

import json
import sys
from typing import Any

import mlflow
import pandas as pd
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

KINDS = {
    "frame": lambda rows: rows,
    "array": lambda rows: rows.to_numpy(),
    "records": lambda rows: rows.to_dict("records"),
}


def answer(server: str, send: str, columns: dict[str, list[Any]]) -> dict[str, Any]:
    """The server's version, and its predictions or what the client says is wrong."""
    host, port = server.split(":")
    client = ScoringServerClient(host, int(port))
    client.wait_server_ready(timeout=30)
    client.ping()
    version = client.get_version()
    try:
        found = client.invoke(KINDS[send](pd.DataFrame(columns)), params={"threshold": 0.5})
    except Exception as error:  # the client raises nothing more precise
        return {"version": version, "error": str(error)}
    # As the client reads it: a data frame with one column, or one for each of several labels.
    frame = found.get_predictions()
    one = frame.shape[1] == 1
    return {"version": version, "predictions": frame[0].tolist() if one else frame.to_dict("split")["data"]}


assert mlflow.__version__.split(".")[0] == sys.argv[1]
for line in sys.stdin:
    print(json.dumps(answer(**json.loads(line))), flush=True)
