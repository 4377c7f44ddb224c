"""Ask as SageMaker's SDK does: lines of JSON from standard input, each answered by a line of JSON.

    {"server": "localhost:5000", "write": "CSVSerializer", "read": "JSONDeserializer", "rows": [[25, ...], ...]}

`rows` may be records, too; with `"frame": ["age", ...]` they are given as a data frame. The SDK's own HTTP goes to AWS
and is signed for it, so its serializers and deserializers are taken, and the headers that it sends with them.
"""

import json
import os
import sys
from contextlib import redirect_stdout
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

os.environ["SAGEMAKER_SUPPRESS_V2_WARNING"] = "1"

import pandas as pd

with redirect_stdout(sys.stderr):  # it writes its messages there
    from sagemaker import deserializers, serializers


def answer(
    server: str, write: str, read: str, rows: Any, frame: list[str] | None = None, content_type: str | None = None
) -> dict[str, Any]:
    """What comes back, as the SDK reads it."""
    serializer = getattr(serializers, write)(**({"content_type": content_type} if content_type else {}))
    deserializer = getattr(deserializers, read)()
    body = serializer.serialize(pd.DataFrame(rows, columns=frame) if frame else rows)
    accept = deserializer.ACCEPT
    headers = {
        "Content-Type": serializer.CONTENT_TYPE,
        "Accept": ", ".join([accept] if isinstance(accept, str) else accept),
    }
    request = Request(f"http://{server}/invocations", body.encode(), headers)
    try:
        with urlopen(request, timeout=30) as response:
            found = deserializer.deserialize(response, response.headers["Content-Type"])
    except HTTPError as error:
        return {"error": error.read().decode(), "status": error.code}
    return {"found": found.to_dict("list") if isinstance(found, pd.DataFrame) else found}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(answer(**json.loads(line))), flush=True)
