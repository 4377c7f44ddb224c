"""Bodies of a size, by decoder: a valid one, and those that cost the most that could be thought of."""

import json
import struct
from collections.abc import Callable, Sequence

from alpenglow._serve.signature import Column
from tests.serve import encodings
from tests.serve.encodings import BARE, CSV, Sent, binary

VALID, MISSING = "valid", "missing values"  # and the shortest rows that are valid
Bodies = dict[str, Sent]


def fill(unit: bytes, n: int, head: bytes = b"", tail: bytes = b"") -> bytes:
    """As many of the unit as fit between."""
    return head + unit * max(0, (n - len(head) - len(tail)) // len(unit)) + tail


def numbered(form: str, n: int) -> str:
    """A text that differs in its numbers, with commas between."""
    return ",".join(form.format(i) for i in range(10**9, 10**9 + n // (len(form) + 9)))


def dumped(value: object) -> bytes:
    """JSON without spaces."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def first(columns: Sequence[Column], kind: str) -> str:
    """The name of the first column of a type."""
    return next(column.name for column in columns if column.type == kind)


def wrong(columns: Sequence[Column]) -> list[object]:
    """A row none of whose values fits."""
    return [1 if column.type == "string" else "x" for column in columns]


def split(columns: Sequence[Column], row: list[object], n: int) -> Bodies:
    """Pandas' split."""
    names = dumped([column.name for column in columns])
    mine = b'{"columns":%b,"data":[' % names
    other = b'{"columns":["a"],"data":['
    whole = dumped(row)
    text = [column.type for column in columns].index("string")
    cell = dumped([*row[:text], "HERE", *row[text + 1 :]])
    begun, _, ended = cell.partition(b"HERE")
    many = numbered('"{}"', n // 2)
    deep = b"[" * 300 + b"]" * 300
    spaced = whole.replace(b",", b" ,\t").replace(b"[", b"[ ")
    extended = b'{"columns":%b,"x"],"data":[' % names[:-1]
    found = {
        VALID: fill(whole + b",", n, mine, whole + b"]}"),
        "spaces within and around": fill(spaced + b" \n,", n, mine, whole + b"]}"),
        "only spaces": fill(b" ", n, b"", mine + whole + b"]}"),
        "spaces between rows": fill(whole + b"," + b" " * 40_000, n, mine, whole + b"]}"),
        "an ignored column, nested": fill(whole[:-1] + b"," + deep + b"],", n, extended, whole[:-1] + b",1]]}"),
        "an ignored column of empty lists": fill(
            whole[:-1] + b",[" + b"[]," * 50 + b"[]]],", n, extended, whole[:-1] + b",1]]}"
        ),
        "an ignored column that looks like rows": fill(
            whole[:-1] + b',"' + b"],[" * 50 + b'"],', n, extended, whole[:-1] + b",1]]}"
        ),
        "values of other types": fill(dumped(wrong(columns)) + b",", n, mine, whole + b"]}"),
        MISSING: fill(dumped([None] * len(columns)) + b",", n, mine, whole + b"]}"),
        "unknown categories": fill(
            dumped([f"{i:04}" if type(value) is str else value for i, value in enumerate(row)]) + b",",
            n,
            mine,
            whole + b"]}",
        ),
        "one number in a row": fill(b"[1.5],", n, other, b"[1]]}"),
        "one number in a row, too few": fill(b"[1],", n, mine, whole + b"]}"),
        "empty rows": fill(b"[],", n, mine, whole + b"]}"),
        "empty rows of no columns": fill(b"[],", n, b'{"columns":[],"data":[', b"[]]}"),
        "empty objects": fill(b"{},", n, mine, whole + b"]}"),
        "one row": fill(b"1,", n, b'{"columns":["a"],"data":[[', b"1]]}"),
        "one row of lists": fill(b"[],", n, b'{"columns":["a"],"data":[[', b"1]]}"),
        "rows of 16,000": fill(b"[" + b"1," * 15_999 + b"1],", n, mine, whole + b"]}"),
        "one text": fill(b"x", n, mine + begun, ended + b"]}"),
        "one text that looks like rows": fill(b"],[", n, mine + begun, ended + b"]}"),
        "texts that look like rows": fill(begun + b"],[" * 100 + ended + b",", n, mine, whole + b"]}"),
        "one text of escapes": fill(b'\\"', n, mine + begun, ended + b"]}"),
        "one text of escaped letters": fill(b"\\u0041", n, mine + begun, ended + b"]}"),
        "one text of NUL": fill(b"\\u0000", n, mine + begun, ended + b"]}"),
        "one text of emoji": fill("\U0001f600".encode(), n, mine + begun, ended + b"]}"),
        "texts of one emoji": fill(begun + "\U0001f600".encode() + ended + b",", n, mine, whole + b"]}"),
        "one emoji in a long text": fill(b"x", n, mine + begun + "\U0001f600".encode(), ended + b"]}"),
        "no UTF-8 at the end": fill('["é"],'.encode(), n, other, b"[1],\xff"),
        "NaN and one text": fill(b"x", n, other + b'[NaN],["', b'"]]}'),
        "NaN and a text of escapes without an end": fill(b'\\"', n, other + b'[NaN,"'),
        "NaN and texts without an end": fill(b',"\\"a', n, other + b"[NaN"),
        "NaN and a text without an end": fill(b"x", n, other + b'[NaN,"'),
        "NaN and texts": fill(b'["ab"],', n, other + b"[NaN],", b"[1]]}"),
        "NaN everywhere": fill(b"[NaN],", n, other, b"[1]]}"),
        "NaN for all": fill(b"[" + b"NaN," * (len(columns) - 1) + b"NaN],", n, mine, whole + b"]}"),
        "N without aN": fill(b"N", n, other + b"[NaN,", b"]]}"),
        "many columns": f'{{"columns":[{many}],"data":[[{"0," * (many.count(",") - 1)}0]]}}'.encode(),
        "columns twice": fill(b'"a","b",', n, b'{"columns":[', b'"a"],"data":[[1]]}'),
        "columns of commas": fill(b",", n, b'{"columns":["', b'"],"data":[[1]]}'),
        "a long name": fill(b"x", n, b'{"columns":["', b'"],"data":[[1]]}'),
        "a long name of escapes": fill(b"\\u0041", n, b'{"columns":["', b'"],"data":[[1]]}'),
        "one member very often": fill(b'"x":[],', n, b"{", b'"columns":["a"],"data":[[1]]}'),
        "many members": b"{" + numbered('"{}":0', n - 40).encode() + b"," + mine[1:] + whole + b"]}",
        "data very often": fill(b'"data":[[1]],', n, b'{"columns":["a"],', b'"data":[[1]]}'),
        "brackets": fill(b"[", n),
        "braces": fill(b'{"a":', n),
        "nested and closed": fill(b"[" * 900 + b"]" * 900 + b",", n, other, b"[1]]}"),
        "byte order marks": fill(b"\xef\xbb\xbf", n),
        "quotes": fill(b'"', n),
        "digits": fill(b"9", n, other + b"[", b"]]}"),
        "numbers of many digits": fill(b"[" + b"9" * 300 + b"],", n, other, b"[1]]}"),
        "NUL bytes": fill(b"\0", n),
    }
    return {name: Sent("/predict", body) for name, body in found.items()}


def listed(columns: Sequence[Column], row: list[object], n: int) -> Bodies:
    """Objects alone."""
    return records("/predict", b"[", b"]", columns, row, n)


def instances(columns: Sequence[Column], row: list[object], n: int) -> Bodies:
    """Objects that are called instances."""
    return records("/v1/models/m:predict", b'{"instances":[', b"]}", columns, row, n)


def records(path: str, head: bytes, tail: bytes, columns: Sequence[Column], row: list[object], n: int) -> Bodies:
    """Objects."""
    record = dict(zip((column.name for column in columns), row, strict=True))
    whole, name = dumped(record), dumped(columns[0].name)
    tail = whole + tail
    other = head + whole + b","
    shuffled = dumped(dict(reversed(record.items())))
    escaped = whole.replace(name, b'"\\u%04x%b' % (ord(columns[0].name[0]), name[2:]))
    deep = b"[" * 300 + b"]" * 300
    found = {
        VALID: fill(whole + b",", n, head, tail),
        MISSING: fill(dumped(dict.fromkeys(record)) + b",", n, head, tail),
        "in another order": fill(shuffled + b",", n, head, tail),
        "names with escapes": fill(escaped + b",", n, head, tail),
        "an ignored member": fill(whole[:-1] + b',"x":0},', n, head, tail),
        "an ignored object": fill(whole[:-1] + b',"x":{"y":0}},', n, head, tail),
        "an ignored nested member": fill(whole[:-1] + b',"x":' + deep + b"},", n, head, tail),
        "ignored empty lists": fill(whole[:-1] + b',"x":[' + b"[]," * 50 + b"[]]},", n, head, tail),
        "ignored colons": fill(whole[:-1] + b',"x":"' + b":" * 50 + b'"},', n, head, tail),
        "an ignored text that looks like rows": fill(whole[:-1] + b',"x":"' + b"},{" * 50 + b'"},', n, head, tail),
        "a member twice at the end": fill(whole + b",", n, head, whole[:-1] + b",%b:1}" % name + tail[len(whole) :]),
        "values of other types": fill(dumped(dict(zip(record, wrong(columns), strict=True))) + b",", n, head, tail),
        "empty": fill(b"{},", n, head, b"{}" + tail[len(whole) :]),
        "empty after a whole one": fill(b"{},", n, other, tail),
        "one name after a whole one": fill(b"{%b:1}," % name, n, other, tail),
        "an empty name": fill(b'{"":0},', n, head, tail),
        "another name": fill(b'{"a":1},', n, head, tail),
        "one name": fill(b"{%b:1}," % name, n, head, b"{%b:1}" % name + tail[len(whole) :]),
        "one name very often": fill(b'"a":1,', n, head + b"{", b'"a":1}' + tail[len(whole) :]),
        "one name of the model's very often": fill(name + b":1,", n, head + b"{", whole[1:] + tail[len(whole) :]),
        "very many names": head + b"{" + numbered('"{}":0', n).encode() + b"}" + tail[len(whole) :],
        "records of 2,000 names": fill(
            b"{" + numbered('"{}":0', 2000 * 14).encode() + b"," + whole[1:] + b",", n, head, tail
        ),
        "a long name": fill(b"x", n, head + b'{"', b'":0}' + tail[len(whole) :]),
        "NaN and one text": fill(b"x", n, head + b'{"a":NaN},{"a":"', b'"}' + tail[len(whole) :]),
        "lists among them": fill(b"[],", n, other, tail),
    }
    return {name: Sent(path, body) for name, body in found.items()}


def rows(columns: Sequence[Column], row: list[object], n: int) -> Bodies:
    """Lists in the order of the columns."""
    head, whole = b'{"instances":[', dumped(row)
    tail = whole + b"]}"
    found = {
        VALID: fill(whole + b",", n, head, tail),
        MISSING: fill(dumped([None] * len(columns)) + b",", n, head, tail),
        "empty": fill(b"[],", n, head, b"[]]}"),
        "empty after a whole one": fill(b"[],", n, head + whole + b",", tail),
        "one number": fill(b"[1],", n, head, tail),
        "one more": fill(whole[:-1] + b",1],", n, head, tail),
        "nested": fill(b"[[[]]],", n, head, tail),
        "values of other types": fill(dumped(wrong(columns)) + b",", n, head, tail),
        "one row": fill(b"1,", n, head + b"[", b"1]]}"),
        "objects among them": fill(b"{},", n, head + whole + b",", tail),
        "numbers": fill(b"1,", n, head, b"1]}"),
        "texts": fill(b'"",', n, head, b'""]}'),
    }
    return {name: Sent("/v1/models/m:predict", body) for name, body in found.items()}


def by_column(columns: Sequence[Column], row: list[object], n: int) -> Bodies:
    """Columns by name."""
    head = b'{"inputs":{'
    number, text = dumped(first(columns, "number")), dumped(first(columns, "string"))
    values = [dumped(value) for value in row]
    names = [dumped(column.name) for column in columns]
    count = (n - sum(map(len, names))) // sum(len(value) + 1 for value in values)
    whole = b",".join(
        name + b":[" + b",".join([value] * count) + b"]" for name, value in zip(names, values, strict=True)
    )
    short = b",".join(name + b":[%b]" % value for name, value in zip(names, values, strict=True))
    missing = (n - sum(map(len, names))) // len("null,") // len(columns)
    gaps = b",".join(name + b":[" + b",".join([b"null"] * missing) + b"]" for name in names)
    found = {
        VALID: head + whole + b"}}",
        MISSING: head + gaps + b"}}",
        "values of other types": head
        + b",".join(
            name + b":[" + b",".join([dumped(value)] * (n // 6 // len(columns))) + b"]"
            for name, value in zip(names, wrong(columns), strict=True)
        )
        + b"}}",
        "one column": fill(b"0,", n, head + number + b":[", b"0]}}"),
        "one column of large numbers": fill(b"1e9,", n, head + number + b":[", b"0]}}"),
        "one column of lists": fill(b"[],", n, head + number + b":[", b"0]}}"),
        "one column of texts": fill(b'"",', n, head + text + b":[", b'""]}}'),
        "one column of null": fill(b"null,", n, head + text + b":[", b"null]}}"),
        "one text": fill(b"x", n, head + text + b':["', b'"]}}'),
        "texts that look like more": fill(b'"\\",n\\",n\\",n",', n, head + text + b":[", b'""]}}'),
        "one text that looks like more": fill(b'\\",n', n, head + text + b':["', b'"]}}'),
        "one longer than the others": fill(b"0,", n, head + short + b',"y":1,' + b'"z":[', b"0]}}").replace(
            number + b":[%b]" % values[names.index(number)], number + b":[" + b"1," * (n // 4) + b"1]", 1
        ),
        "an ignored one": fill(b"0,", n, head + short + b',"x":[', b"0]}}"),
        "many ignored ones": head + short + b"," + numbered('"{}":[]', n - len(short) - 20).encode() + b"}}",
        "an ignored name very often": fill(b'"x":[],', n, head, short + b"}}"),
        "one name very often": fill(number + b":[1],", n, head, short + b"}}"),
        "an ignored object": fill(b'"y":[1],', n, head + short + b',"x":{', b'"y":1}}}'),
        "a long name": fill(b"x", n, head + b'"', b'":[1],' + short + b"}}"),
    }
    return {name: Sent("/invocations", body) for name, body in found.items()}


def csv_row(row: list[object]) -> bytes:
    """A line."""
    return encodings.text([row])


def with_header(columns: Sequence[Column], row: list[object], n: int) -> Bodies:
    """CSV with names."""
    names = [column.name.encode() for column in columns]
    head, line = b",".join(names) + b"\n", csv_row(row)
    number, text = first(columns, "number").encode(), first(columns, "string").encode()
    found = {
        VALID: fill(line, n, head),
        MISSING: fill(b"," * (len(names) - 1) + b"\n", n, head),
        "one number": fill(b"1\n", n, number + b"\n"),
        "one number of a column that is ignored": fill(b"1\n", n, b"zzz\n"),
        "one number, too few": fill(b"1\n", n, head),
        "one more": fill(line.rstrip() + b",1\r\n", n, head),
        "two empty fields": fill(b",\n", n, number + b"," + text + b"\n"),
        "empty lines": fill(b"\n", n, head, line),
        "carriage returns": fill(b"\r", n, head, line),
        "one row": fill(b",", n, head),
        "rows of 16,000": fill(b"," * 16_000 + b"\n", n, head),
        "only commas": fill(b",", n),
        "lines of commas": fill(b"," * 60_000 + b"\n", n),
        "many names": numbered("{}", n // 2).encode() + b"\n" + b"," * (n // 22) + b"\n",
        "many names on lines of 60 kB": fill(b"," * 5_000 + b"\n", n, numbered("{}", 60_000).encode() + b"\n"),
        "names twice": fill(b"a,b,", n, b"", b"a\n1\n"),
        "a quote without an end": fill(b"\n", n, number + b'\n"'),
        "a quote without an end and text": fill(b"xxxxxxxxx\n", n, number + b'\n"'),
        "quotes": fill(b'"', n, head),
        "quotes in pairs": fill(b'""\n', n, number + b"\n"),
        "texts of quotes": fill(b'"' + b'""' * 50 + b'"\n', n, text + b"\n"),
        "texts of 60 kB": fill(b"x" * 60_000 + b"\n", n, text + b"\n"),
        "texts of lines": fill(b'"' + b"\n" * 30_000 + b'"\n', n, text + b"\n"),
        "texts of emoji": fill("\U0001f600\n".encode(), n, text + b"\n"),
        "texts of 60 kB with one emoji": fill(b"x" * 60_000 + "\U0001f600\n".encode(), n, text + b"\n"),
        "one text": fill(b"x", n, text + b"\n", b"\n"),
        "no UTF-8 at the end": fill("é\n".encode(), n, text + b"\n", b"\xff"),
        "NUL bytes": fill(b"\0\n", n, text + b"\n"),
        "spaces": fill(b" ", n, head),
        "values of other types": fill(b",".join(b"x" for _ in names) + b"\n", n, head),
        "digits": fill(b"9" * 5_000 + b"\n", n, number + b"\n"),
    }
    return {name: Sent("/predict", body, CSV) for name, body in found.items()}


def without_header(columns: Sequence[Column], row: list[object], n: int) -> Bodies:
    """CSV of rows alone."""
    line = csv_row(row)
    found = {
        VALID: fill(line, n),
        MISSING: fill(b"," * (len(columns) - 1) + b"\n", n),
        "one number": fill(b"1\n", n),
        "commas": fill(b",", n),
        "quotes": fill(b'"', n),
        "empty lines": fill(b"\n", n, line),
    }
    return {name: Sent("/predict", body, BARE) for name, body in found.items()}


def tensors(columns: Sequence[Column], row: list[object], n: int) -> Bodies:
    """The Open Inference Protocol in JSON."""
    number, text = dumped(first(columns, "number")), dumped(first(columns, "string"))
    per_row = sum(len(dumped(value)) + 1 for value in row)

    def whole(rows: int, row: list[object] = row) -> bytes:
        return dumped({"inputs": [encodings.flat(c, [value] * rows) for c, value in zip(columns, row, strict=True)]})

    one = whole(1)
    output = b'{"name":"label"},'
    outputs = min(n // 2, 12_000 * len(output))
    many = whole((n - outputs - 90 * len(columns)) // per_row)[:-1] + b',"outputs":['

    def tensor(name: bytes, datatype: str, unit: bytes, end: bytes, shape: bytes = b"1") -> bytes:
        head = b'{"inputs":[{"name":%b,"shape":[%b],"datatype":"%b","data":[' % (name, shape, datatype.encode())
        return fill(unit, n, head, end + b"]}]}")

    first_shape = b'{"inputs":[{"name":%b,"shape":[' % number
    found = {
        VALID: whole((n - 90 * len(columns)) // per_row),
        MISSING: whole((n // len(columns) - 90) // len("null,"), [None] * len(columns)),
        "one column": tensor(number, "FP64", b"0,", b"0"),
        "one column that fits": tensor(number, "FP64", b"0,", b"0", b"%d" % (n // 2)),
        "small numbers": tensor(number, "INT8", b"0,", b"0"),
        "of one value": tensor(number, "FP64", b"[0],", b"[0]"),
        "nested": tensor(number, "FP64", b"[[[[0]]]],", b"[[[[0]]]]"),
        "one list": tensor(number, "FP64", b"0,", b"0]").replace(b'"data":[', b'"data":[['),
        "empty lists": tensor(number, "FP64", b"[],", b"[]"),
        "not nested alike": tensor(number, "FP64", b"[0],0,", b"0"),
        "null": tensor(number, "FP64", b"null,", b"null"),
        "texts": tensor(text, "BYTES", b'"",', b'""'),
        "texts of one emoji": tensor(text, "BYTES", '"\U0001f600",'.encode(), b'""'),
        "one text": tensor(text, "BYTES", b"x", b'"').replace(b'"data":[', b'"data":["'),
        "base64": fill(
            b'"",',
            n,
            b'{"inputs":[{"name":%b,"shape":[1],"datatype":"BYTES","parameters":{"content_type":"base64"},"data":['
            % text,
            b'""]}]}',
        ),
        "a column that is ignored": tensor(b'"zzz"', "FP64", b"0,", b"0"),
        "a shape of large numbers": fill(
            b"9999999999999999999,", n, first_shape, b'1],"datatype":"FP64","data":[1]}]}'
        ),
        "a shape of ones": fill(b"1,", n, first_shape, b'1],"datatype":"FP64","data":[1]}]}'),
        "a shape of one large number": fill(b"9", n, first_shape, b'],"datatype":"FP64","data":[1]}]}'),
        "many tensors": b'{"inputs":['
        + numbered('{{"name":"{}","shape":[1],"datatype":"FP64","data":[1]}}', n).encode()
        + b"]}",
        "many tensors of one name": fill(
            b'{"name":"a","shape":[1],"datatype":"FP64","data":[1]},',
            n,
            b'{"inputs":[',
            b'{"name":"a","shape":[1],"datatype":"FP64","data":[1]}]}',
        ),
        "many of no datatype": fill(
            b'{"name":"a","shape":[],"datatype":""},', n, b'{"inputs":[', b'{"name":"a","shape":[],"datatype":""}]}'
        ),
        "many outputs": fill(output, n, one[:-1] + b',"outputs":[', output[:-1] + b"]}"),
        "many outputs of many rows": fill(output, n, many, output[:-1] + b"]}"),
        "many unknown outputs": fill(b'{"name":"x"},', n, one[:-1] + b',"outputs":[', b'{"name":"x"}]}'),
        "many parameters": fill(b'"x":0,', n, one[:-1] + b',"parameters":{', b'"x":0}}'),
        "members very often": fill(b'"id":"",', n, b"{", one[1:]),
        "a long id": fill(b"x", n, b'{"id":"', b'",' + one[1:]),
        "a member of a tensor very often": fill(b'"x":0,', n, b'{"inputs":[{', b'"name":"a"}]}'),
        "a long name": fill(b"x", n, b'{"inputs":[{"name":"', b'","shape":[1],"datatype":"FP64","data":[1]}]}'),
        "a long datatype": fill(b"x", n, b'{"inputs":[{"name":"a","shape":[1],"data":[1],"datatype":"', b'"}]}'),
    }
    return {name: Sent("/v2/infer", body) for name, body in found.items()}


def as_bytes(columns: Sequence[Column], row: list[object], n: int) -> Bodies:
    """The Open Inference Protocol in bytes."""
    number, text = first(columns, "number"), first(columns, "string")

    def whole(rows: int) -> Sent:
        return encodings.as_bytes(columns, {c.name: [value] * rows for c, value in zip(columns, row, strict=True)})

    each = (len(whole(101).body) - len(whole(1).body)) // 100

    def tensor(name: str, datatype: str, unit: bytes, fits: bool = True) -> Sent:
        count = (n - 200) // len(unit)
        parameters = {"binary_data_size": count * len(unit)}
        own = {"name": name, "shape": [count if fits else 1], "datatype": datatype, "parameters": parameters}
        head = dumped({"inputs": [own]})
        return binary(head + unit * count, len(head))

    half = n // 120
    empty = [
        {"name": f"{i:08}", "shape": [1], "datatype": "INT8", "parameters": {"binary_data_size": 1}}
        for i in range(half)
    ]
    heads = dumped({"inputs": empty})
    return {
        VALID: whole((n - 200 * len(columns)) // each),
        "small numbers": tensor(number, "INT8", b"\x80"),
        "small numbers that do not fit": tensor(number, "INT8", b"\x80", fits=False),
        "small floats": tensor(number, "FP16", b"\0\x3c"),
        "floats": tensor(number, "FP64", struct.pack("<d", 1.5)),
        "NaN": tensor(number, "FP64", struct.pack("<d", float("nan"))),
        "booleans for a number": tensor(number, "BOOL", b"\1"),
        "empty texts": tensor(text, "BYTES", b"\0\0\0\0"),
        "empty texts that do not fit": tensor(text, "BYTES", b"\0\0\0\0", fits=False),
        "short texts": tensor(text, "BYTES", b"\2\0\0\0\xc3\xa9"),
        "one text": tensor(text, "BYTES", struct.pack("<I", n - 300) + b"x" * (n - 300)),
        "a text that is too long": tensor(text, "BYTES", b"\xff"),
        "many tensors of one byte": binary(heads + b"\1" * half, len(heads)),
        "a column that is ignored": tensor("zzz", "INT8", b"\1"),
    }


DECODERS: dict[str, Callable[[Sequence[Column], list[object], int], Bodies]] = {
    "split": split,
    "records": listed,
    "rows": rows,
    "instances": instances,
    "columns": by_column,
    "CSV": with_header,
    "CSV without a header": without_header,
    "tensors": tensors,
    "binary tensors": as_bytes,
}
