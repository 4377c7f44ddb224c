"""`docs/own-code.md`: its code runs as it stands there, and is exported with proof."""

import re
import sys

from alpenglow._serve.local import load
from tests.commands import ROOT, run
from tests.servers import gunicorn


def test_the_code_of_the_page(tmp_path) -> None:
    page = (ROOT / "docs" / "own-code.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert len(blocks) == 4
    script = tmp_path / "own_code.py"
    script.write_text("\n\n".join(blocks), encoding="utf-8")
    done = run(sys.executable, script, folder=tmp_path, PYTHONPATH=str(ROOT))
    assert done.stdout.count("the sample ") == 4
    assert "a threshold or edge" in done.stdout.split("the sample ")[-1]
    homes = load(tmp_path / "homes.onnx")
    rows = [{"area": 80, "rooms": None, "kind": " FLAT"}, {"area": 150, "rooms": 4, "kind": "flat"}]
    small, large = homes.predict(rows)
    assert small < large
    trips = load(tmp_path / "trips.onnx")
    saturday, monday = trips.predict(
        [{"start": f"2024-06-0{day}T17:30:00", "booked": "2024-05-30T22:00:00"} for day in (1, 3)]
    )
    assert saturday > monday
    with gunicorn(tmp_path / "trips.onnx") as server:
        answer = server.predictions('[{"start": "2024-06-01T17:30:00", "booked": 1717106400000}]')
    assert answer == [saturday]
