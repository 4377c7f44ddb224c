"""The environments that typical pipelines are exported in, made with uv."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(".venv-matrix")
PYTHON = "3.11"  # the oldest that alpenglow runs on
# What scikit-learn, the first column, was used with when it was new. The first line is the oldest of everything that
# alpenglow works with, as pyproject.toml has it; the second has old packages beside the newest ones for ONNX, as pip
# puts them there today; the last has the newest of everything.
NAMES = (
    "scikit-learn", "pandas", "numpy", "scipy", "skl2onnx", "onnx", "onnxruntime", "lightgbm", "xgboost-cpu",
    "joblib", "msgspec", "pyyaml", "threadpoolctl",
)  # fmt: skip
VERSIONS = (
    ("1.3", "2.0", "1.25", "1.11", "1.18", "1.17", "1.21", "4.1", "2.1", "1.2", "0.19", "6.0", "3.0"),
    ("1.4", "2.2", "1.26", "1.12", "", "", "", "4.3", "2.1", "1.3", "", "", ""),
    ("1.5", "2.2", "1.26", "1.13", "1.18", "1.17", "1.21", "4.5", "2.1", "1.4", "", "", ""),
    ("1.6", "2.2", "2.2", "1.15", "1.18", "1.17", "1.21", "4.6", "2.1", "1.4", "", "", ""),
    ("1.7", "2.3", "2.3", "1.16", "1.19", "1.18", "1.22", "4.6", "3.0", "1.5", "", "", ""),
    ("1.8", "2.3", "2.3", "1.16", "1.19", "1.19", "1.23", "4.6", "3.1", "1.5", "", "", ""),
    ("1.9", "", "", "", "", "", "", "", "", "", "", "", ""),
)


@dataclass(frozen=True)
class Environment:
    """A virtual environment with certain versions of packages."""

    folder: Path
    requirements: tuple[str, ...]

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    def make(self) -> None:
        """Install it, unless that is done."""
        record, wanted = self.folder / "installed", "\n".join(self.requirements)
        if record.is_file() and record.read_text(encoding="utf-8") == wanted:
            return
        uv("venv", "--clear", "--python", PYTHON, self.folder)
        uv("pip", "install", "--python", self.python, *self.requirements)
        record.write_text(wanted, encoding="utf-8")


def environments() -> list[Environment]:
    """All of them, the oldest first."""
    return [
        Environment(
            FOLDER / versions[0],
            tuple(f"{name}=={version}.*" if version else name for name, version in zip(NAMES, versions, strict=True)),
        )
        for versions in VERSIONS
    ]


def uv(*arguments: object) -> None:
    """Run uv, which lies beside this Python."""
    subprocess.run([Path(sys.executable).with_name("uv"), *map(str, arguments), "--quiet"], check=True)
