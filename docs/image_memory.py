"""`docs/image-memory.json`, which `make image-memory` writes, as a Markdown table."""

import json
from pathlib import Path

JSON = Path(__file__).parent / "image-memory.json"


def table() -> None:
    """Print the smallest limits."""
    report = json.loads(JSON.read_text(encoding="utf-8"))
    print("| Adult census, a | model file | smallest memory limit |\n|---|--:|--:|")
    for model in report["models"]:
        print(f"| {model['label']} | {model['bytes']:,} bytes | {model['limit']} MiB |")
    print(
        f"\nMeasured on {report['date']}: with no less, two workers answer {report['clients']} parallel clients without"
        " an error."
    )
