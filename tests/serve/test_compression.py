"""Bodies and answers that are compressed: the same answers, and never more memory than plain ones take."""

import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from alpenglow._serve.compression import TAKES, unpacked
from alpenglow._serve.errors import MalformedError


def raw(content: bytes) -> bytes:
    """Without the two bytes in front, as some clients send what they call deflate."""
    pack = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return pack.compress(content) + pack.flush()


WAYS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "gzip, by its old name": ("x-gzip", gzip.compress),
    "gzip of two members": ("gzip", lambda content: gzip.compress(content[:9]) + gzip.compress(content[9:])),
    "deflate": ("deflate", zlib.compress),
    "deflate without a header": ("deflate", raw),
}


@pytest.mark.parametrize("way", WAYS)
@given(content=st.binary(max_size=2000), short=st.integers(1, 100))
def test_what_is_unpacked_is_what_was_packed_or_too_much(way: str, content: bytes, short: int) -> None:
    declared, pack = WAYS[way]
    assert unpacked(pack(content), declared, len(content)) == content
    if content:
        assert unpacked(pack(content), declared, max(0, len(content) - short)) is None


@pytest.mark.parametrize("way", WAYS)
@given(content=st.binary(min_size=1, max_size=2000), cut=st.integers(1, 10_000))
def test_a_part_is_never_taken_for_the_whole(way: str, content: bytes, cut: int) -> None:
    declared, pack = WAYS[way]
    packed = pack(content)
    if way != "gzip of two members":  # whose first one is whole
        with pytest.raises(MalformedError, match=r"the body is declared as .* and is not"):
            unpacked(packed[: -1 - cut % len(packed)], declared, 10_000)


@given(content=st.binary(max_size=300), declared=st.sampled_from(["gzip", "deflate"]))
def test_whatever_comes_is_unpacked_or_refused(content: bytes, declared: str) -> None:
    try:
        found = unpacked(content, declared, 1000)
    except MalformedError:
        return
    assert found is None or len(found) <= 1000


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", ["/predict", "/invocations", "/v1/models/adult:predict"])
def test_a_compressed_request_is_answered_as_a_plain_one(server, sample, path, way) -> None:
    declared, pack = WAYS[way]
    for rows in (1, 3000):  # small, and more than 16 KiB
        body = content(path, sample.iloc[:rows])
        headers = {"Content-Type": "application/json"}
        plain = requests.post(server.url + path, body, headers=headers, timeout=30)
        packed = requests.post(
            server.url + path, pack(body), headers=headers | {"Content-Encoding": declared}, timeout=30
        )
        assert (packed.status_code, packed.content) == (plain.status_code, plain.content)
        assert plain.status_code == 200


def content(path: str, rows: Any) -> bytes:
    """The rows in the path's form."""
    split = json.loads(rows.to_json(orient="split", index=False))
    form = {"/predict": split, "/invocations": {"dataframe_split": split}}
    return json.dumps(form.get(path, {"instances": split["data"]})).encode()


@pytest.mark.parametrize("size", [20_000, 100_000_000])
def test_little_that_unpacks_to_much_is_refused_with_the_limit(server, size) -> None:
    bomb = gzip.compress(b" " * size + b"{}")
    answer = server.post(bomb, **{"Content-Encoding": "gzip", "Content-Type": "application/json"})
    limit = server.get("/model").json()["serving"]["max_body"]
    if size > limit:
        assert answer.status_code == 413
        assert (
            answer.json()["detail"] == f"at most {limit} bytes are taken once unpacked: send the rows in smaller parts"
        )
    else:
        assert answer.status_code == 422  # an object without columns


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip", True),
        ("GZIP", True),
        ("br, gzip", True),
        ("gzip;q=1.0, identity; q=0.5, *;q=0", True),
        ("x-gzip", True),
        ("gzip;q=0.1", True),
        ("gzip;q=0", False),
        ("br, gzip ; q=0.000", False),
        ("identity", False),
        ("", False),
        ("notgzip", False),
        ("gzipped", False),
    ],
)
def test_who_takes_compressed_answers(accepted: str, takes: bool) -> None:
    assert bool(TAKES.search(accepted)) == takes


def test_an_answer_is_compressed_where_that_is_asked_for_and_gains(server, sample) -> None:
    for rows, gains in ((1, False), (200, True), (20_000, True)):
        body = content("/predict", sample.iloc[:rows])
        headers = {"Content-Type": "application/json"}
        plain, packed = (
            requests.post(server.url + "/predict", body, headers=headers | {"Accept-Encoding": wanted}, timeout=60)
            for wanted in ("identity", "gzip")
        )
        assert plain.content == packed.content
        assert "Content-Encoding" not in plain.headers
        assert packed.headers.get("Content-Encoding") == ("gzip" if gains else None)
        if gains:
            assert int(packed.headers["Content-Length"]) < len(plain.content) / 4


def test_a_cache_is_told_of_both_forms_whichever_it_gets(server) -> None:
    for path, forms in (("/docs", 2), ("/openapi.json", 2), ("/ping", 1)):
        for wanted in ("identity", "gzip"):
            answer = requests.get(server.url + path, headers={"Accept-Encoding": wanted}, timeout=30)
            assert ("Accept-Encoding" in answer.headers.get("Vary", "")) == (forms == 2), (path, wanted)
            assert ("Content-Encoding" in answer.headers) == (forms == 2 and wanted == "gzip"), (path, wanted)
