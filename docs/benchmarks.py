"""`docs/benchmarks.json` as a page, as pictures and as the README's table; `make bench` measures what is in it.

`python -m docs.benchmarks` writes all of them anew without measuring.
"""

from collections.abc import Sequence

from docs import budgets, figures, markdown
from docs.bars import Bar, Picture
from docs.figures import (
    BEFORE,
    BESIDE,
    CONNECTIONS,
    FLOOR,
    JSON,
    MEMORY,
    OURS,
    PEER,
    ROWS,
    START,
    Report,
    Server,
    bulk,
    cpu,
    measured,
    median,
    p50,
    p99,
    rate,
    ratio,
    server,
)

PAGE, SVG, P99_SVG = JSON.with_suffix(".md"), JSON.with_suffix(".svg"), JSON.with_name("benchmarks-p99.svg")
FILES = (JSON, PAGE, SVG, P99_SVG)
REFERENCE = "fastapi"  # what ratios are to
MAIN = ("apache", "gunicorn", "fastapi", "litestar", "rsgi", "fastify", "flask", "mlflow")  # in the README
COMPARED = (OURS, BEFORE, PEER)

HEAD = """# How fast it is, beside others

`make bench` writes this page, `benchmarks.json` with every round, and the pictures. It starts each server in turn,
round by round, with the same model (the pickled pipeline where a server wants that), compares its first thousand
predictions with the graph's, posts the same rows over 127.0.0.1, and ends it. Every server has two processes that
predict and one thread of ONNX Runtime in each, keeps connections open, and logs no requests, but for Alpenglow behind
Apache, which logs each as it always does. `wrk` runs on the same processors. `benchmarks/servers.py` has what is
started and how; the applications are in `benchmarks/peers/` and `benchmarks/images/`.

Each figure of a round is the mean of runs with new connections, of one second, or longer for slow servers: where
processes accept for themselves, as Uvicorn's, Granian's and Gunicorn's do, all connections of a run may come to one of
the two, as luck has it.

Figures are medians of the rounds. A ratio, in parentheses, is the median of the rounds' ratios to typed FastAPI.
"""
FLOOR_NOTE = """\
The constant stands in the place of the service and reads the same requests. The session is called in one process,
without HTTP, with tensors that are made before: calls per second with one row, rows per second with a thousand."""
NONE = "-"  # not measured here


def draw() -> None:
    """Write everything that is made of the last measurement."""
    report = figures.read()
    PAGE.write_text(page(report), encoding="utf-8")
    SVG.write_text(rates(report), encoding="utf-8")
    P99_SVG.write_text(latencies(report), encoding="utf-8")


def table() -> None:
    """Print the README's table, with what must be known to read it."""
    report = figures.read()
    shown = (rate(16), p99(16), bulk(1000), MEMORY, START)
    rows = [
        [found["label"], *(cell for figure in shown for cell in with_ratio(report, found, figure))]
        for name in MAIN
        if (found := server(report, name))
    ]
    names = ("requests/s", "p99 in ms", "rows/s", "memory in MiB", "start in s")
    print(markdown.table([["server", *(word for name in names for word in (name, "ratio"))], *rows]))
    print(
        f"\nMeasured on {report['date']} on {report['machine']['cores']} cores ({report['machine']['processor']}):"
        " requests of one row over 16 connections, rows in requests of 1,000, memory after that (PSS of all processes),"
        " and the time until the first prediction. Ratios are to typed FastAPI, medians of"
        f" {rounds(report)}. [All figures, servers and budgets](docs/benchmarks.md)"
    )


def page(report: Report) -> str:
    """The whole page."""
    return "\n\n".join([HEAD.strip(), text(report), "## The machine", described(report)]) + "\n"


def text(report: Report) -> str:
    """All tables."""
    found = measured(report, *COMPARED)
    parts = [
        "## Requests per second, one row",
        compared(report, found, [rate(connections) for connections in CONNECTIONS]),
        "## Latency, one row",
        compared(report, found, [quantile(connections) for connections in CONNECTIONS for quantile in (p50, p99)]),
        "## Many rows in a request, two connections",
        compared(report, found, [bulk(rows) for rows in ROWS]),
        "## What it takes",
        compared(report, found, [cpu(16), MEMORY, START]),
        "## One row while four connections post 10,000 rows each",
        beside(report),
        "## What no server passes",
        floor(report),
        "## Budgets",
        markdown.table(budgets.table(report)),
    ]
    if missing := absences(report):
        parts += ["## Not measured", "\n".join(missing)]
    return "\n\n".join(parts)


def compared(report: Report, found: Sequence[Server], shown: Sequence[str]) -> str:
    """Servers with some figures, each with its ratio to typed FastAPI."""

    def cell(one: Server, figure: str) -> str:
        return " ".join(with_ratio(report, one, figure, "({})")).strip()

    absent = [one for one in report["servers"] if one["absent"]]
    rows = [
        *([one["label"], *(cell(one, figure) for figure in shown)] for one in found),
        *([one["label"], "not measured, see below", *[""] * (len(shown) - 1)] for one in absent),
    ]
    return markdown.table([["server", *shown], *rows])


def with_ratio(report: Report, found: Server, figure: str, form: str = "{}") -> tuple[str, str]:
    """A median and its ratio to typed FastAPI's."""
    value, times = median(found, figure), ratio(found, server(report, REFERENCE), figure)
    if value is None:
        return ("failed" if figure in found["faults"] else NONE), ""
    return number(value), "" if times is None else form.format(f"{times:.2f}")


def beside(report: Report) -> str:
    """The p99 with large requests in hand, and how many times it is that without."""
    head = ["server", p99(16), BESIDE, "times"]
    rows = []
    for found in measured(report, *COMPARED):
        if BESIDE in found["faults"] or median(found, BESIDE) is not None:
            times = ratio(found, found, BESIDE, p99(16))
            shown = [with_ratio(report, found, figure)[0] for figure in (p99(16), BESIDE)]
            rows.append([found["label"], *shown, "" if times is None else f"{times:.2f}"])
    return markdown.table([head, *rows])


def floor(report: Report) -> str:
    """The constant and the session, and how much of each is left of ours behind Apache."""
    shown = [*(rate(connections) for connections in CONNECTIONS), bulk(1000)]
    ours = server(report, "apache")
    rows = []
    for found in measured(report, FLOOR):
        cells = []
        for figure in shown:
            value, share = median(found, figure), ratio(ours, found, figure)
            cells.append(NONE if value is None else number(value) + ("" if share is None else f" ({share:.2f})"))
        rows.append([found["label"], *cells])
    table = markdown.table([["in parentheses: ours behind Apache to it", *shown], *rows])
    return f"{table}\n\n{FLOOR_NOTE}"


def absences(report: Report) -> list[str]:
    """Servers that were not measured, and figures that failed, with the reason."""
    lines = [f"- {found['label']}: {found['absent']}" for found in report["servers"] if found["absent"]]
    for found in report["servers"]:
        lines += [f"- {found['label']}, {failure}" for failure in figures.failures(found)]
    return lines


def described(report: Report) -> str:
    """When, on what, for how long, and the versions."""
    machine = ", ".join(f"{what} {value}" for what, value in report["machine"].items())
    lines = [
        f"{report['date']}, {rounds(report)} of {report['seconds']} s for each figure, on this machine: {machine}.",
        "",
    ]
    for found in report["servers"]:
        if found["versions"]:
            said = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
            lines.append(f"- {found['label']}: {said}")
    return "\n".join(lines)


def rounds(report: Report) -> str:
    """How many there were."""
    count = max(len(found["rounds"]) for found in report["servers"])
    return f"{count} round{'s' if count != 1 else ''}"


def rates(report: Report) -> str:
    """The picture of requests per second at 16 connections, the most first."""
    return picture(report, rate(16), "Predictions per second, one row each, 16 connections", reverse=True)


def latencies(report: Report) -> str:
    """The picture of the p99 at 16 connections, the least first."""
    return picture(report, p99(16), "Latency that one request in a hundred exceeds, in ms, 16 connections")


def picture(report: Report, figure: str, heading: str, reverse: bool = False) -> str:
    """Bars of a figure, sorted; those over four times typed FastAPI's end in a point."""
    known = [(value, found) for found in measured(report, *COMPARED) if (value := median(found, figure)) is not None]
    known.sort(key=lambda pair: pair[0], reverse=reverse)
    reference = median(server(report, REFERENCE), figure)
    bars = []
    for value, found in known:
        times = with_ratio(report, found, figure)[1]
        said = number(value) if found["name"] == REFERENCE or not times else f"{number(value)}, {times} times FastAPI"
        bars.append(Bar(found["label"], value, said, found["role"] == OURS))
    return Picture(
        title=heading,
        said="; ".join(f"{bar.name}: {bar.text}" for bar in bars),
        heading=heading,
        legends=[("whole ours", "Alpenglow"), ("whole", "others, on the same machine in turns; two processes each")],
        bars=bars,
        note=f"{report['date']}, {report['machine']['cores']} cores, medians of {rounds(report)}; FastAPI: typed rows",
        most=4 * reference if reference else None,
    ).svg()


def number(value: float) -> str:
    """Three digits, or whole above."""
    digits = 0 if value >= 100 else 1 if value >= 10 else 2
    return f"{value:,.{digits}f}"


if __name__ == "__main__":
    draw()
