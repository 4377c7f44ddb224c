"""The bill of materials of the image: the packages that its files are of, as CycloneDX 1.6 has it.

https://cyclonedx.org/docs/1.6/json. It is made where the files are gathered, as only there it is known whose they are.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any, NamedTuple

DATABASE = Path("/lib/apk/db/installed")
ALTERNATIVE = Path("/usr/lib/apk/db/installed")  # where Alpine 3.23 and later have it
OURS = {"type": "application", "name": "alpenglow", "licenses": [{"license": {"id": "MIT"}}]}


class Package(NamedTuple):
    """What a file is of."""

    kind: str  # of a purl: apk or pypi
    name: str
    version: str
    licence: str

    def component(self) -> dict[str, Any]:
        """As CycloneDX has it."""
        namespace = "alpine/" if self.kind == "apk" else ""
        purl = f"pkg:{self.kind}/{namespace}{self.name}@{self.version}"
        found = {"type": "library", "bom-ref": purl, "name": self.name, "version": self.version, "purl": purl}
        return found | ({"licenses": [{"license": {"name": self.licence}}]} if self.licence else {})


def bill(files: Iterable[Path], owners: Mapping[Path, Package]) -> str:
    """The document; files of nobody are ours.

    Args:
        files: Where they are in the image; what is compiled has its source's owner.
        owners: By where a package has put a file.
    """
    found = {owners.get(path) or owners.get(path.with_suffix(".py")) for path in files}
    components = [package.component() for package in sorted(package for package in found if package)]
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "metadata": {"component": OURS}}
    return json.dumps(document | {"components": components}, indent=1) + "\n"


def of_alpine(database: str) -> Iterator[tuple[Path, Package]]:
    """Whose each file is, by apk's database of what is installed (apk-v2 format: a block of lines for each package)."""
    for block in database.split("\n\n"):
        fields = [line.partition(":") for line in block.splitlines()]
        about = {name: value for name, _, value in fields if name in "PVL"}
        if "P" not in about:
            continue
        package = Package("apk", about["P"], about["V"], about.get("L", ""))
        folder = Path("/")
        for name, _, value in fields:
            if name == "F":
                folder = Path("/") / value
            elif name == "R":
                yield folder / value, package


def of_python(packages: Path, to: Path) -> Iterator[tuple[Path, Package]]:
    """The same for what pip has put into a folder, whose files go to another."""
    for found in distributions(path=[str(packages)]):
        package = Package("pypi", found.name.lower(), found.version, licence(found))
        for file in found.files or ():
            yield to / file, package


def licence(found: Distribution) -> str:
    """What a distribution says of itself: by the older field, often all of the text, its first line."""
    fields = [name for name in ("License-Expression", "License") if name in found.metadata]
    return found.metadata[fields[0]].partition("\n")[0] if fields else ""
