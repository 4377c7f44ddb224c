"""`docs/own-code.md`: its code runs as it stands there, and is exported with proof."""

import re
import sys

from alpenglow._serve.local import load
from tests.commands import ROOT, run


def test_the_code_of_the_page(tmp_path) -> None:
    page = (ROOT / "docs" / "own-code.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    assert len(blocks) == 3
    script = tmp_path / "own_code.py"
    script.write_text("\n\n".join(blocks), encoding="utf-8")
    done = run(sys.executable, script, folder=tmp_path, PYTHONPATH=str(ROOT))
    assert done.stdout.count("the sample ") == 3
    assert "a threshold or edge" in done.stdout.split("the sample ")[-1]
    homes = load(tmp_path / "homes.onnx")
    rows = [{"area": 80, "rooms": None, "kind": " FLAT"}, {"area": 150, "rooms": 4, "kind": "flat"}]
    small, large = homes.predict(rows)
    assert small < large
