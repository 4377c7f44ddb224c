"""The committed sizes of images: the picture and the table are made of them."""

import xml.etree.ElementTree as ET

from benchmarks.image_sizes import ALTERNATIVES, IMAGES, OURS
from docs import bars, image_sizes
from tests.commands import ROOT

REPORT = image_sizes.read()


def test_the_picture_is_drawn_from_the_measurement() -> None:
    assert image_sizes.SVG.read_text(encoding="utf-8") == image_sizes.svg(REPORT)


def test_the_picture_is_a_picture_and_says_in_words_what_it_shows() -> None:
    svg = "{http://www.w3.org/2000/svg}"
    picture = ET.fromstring(image_sizes.svg(REPORT))
    assert picture.tag == f"{svg}svg"
    desc = picture.findtext(f"{svg}desc")
    assert desc
    assert picture.findtext(f"{svg}title")
    for image in REPORT["images"]:
        assert f"{image['label']}: {image_sizes.megabytes(image['uncompressed'])} MB" in desc
    for bar in picture.iter(f"{svg}rect"):
        assert float(bar.attrib["x"]) + float(bar.attrib["width"]) <= bars.WIDTH


def test_the_measurement_is_of_ours_and_of_every_alternative() -> None:
    assert [image["name"] for image in REPORT["images"]] == [OURS.name, *(peer.name for peer in ALTERNATIVES)]
    folders = {dockerfile.parent.name for dockerfile in IMAGES.glob("*/Dockerfile")}
    assert folders == {peer.name for peer in ALTERNATIVES}


def test_the_table_lists_all_and_ours_once(capsys) -> None:
    image_sizes.table()
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")][1:]
    assert [row.split(" | ")[0] for row in rows] == [f"| {image['label']}" for image in REPORT["images"]]
    assert rows[0].endswith(" | 1.0 |")


def test_sizes_are_possible() -> None:
    for image in REPORT["images"]:
        assert 0 < image["compressed"] < image["uncompressed"]
        assert 0 < image["base"]["uncompressed"] < image["uncompressed"]


def test_alternatives_have_the_versions_that_the_model_was_made_with() -> None:
    lock = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")
    for requirements in IMAGES.glob("*/requirements.txt"):
        pins = dict(line.split("==") for line in requirements.read_text(encoding="utf-8").splitlines())
        for package in pins.keys() & {"joblib", "numpy", "onnxruntime", "pandas", "scikit-learn", "scipy"}:
            assert f"\n{package}=={pins[package]} " in lock
