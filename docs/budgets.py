"""What the service is to reach beside others, and whether it has."""

from dataclasses import dataclass
from operator import ge, le

from docs.figures import BESIDE, MEMORY, START, Report, Server, best, bulk, p99, rate, ratio, server

BEST = "the best of all peers"
NAMES = {"apache": "behind Apache", "gunicorn": "Gunicorn alone", "fastapi": "FastAPI typed", "rsgi": "bare RSGI"}


@dataclass(frozen=True)
class Budget:
    """A ratio of a figure of ours to that of another, or to `other`, a figure of the same server."""

    ours: str
    figure: str
    theirs: str
    wanted: float
    at_least: bool = True
    other: str | None = None

    def what(self, report: Report) -> str:
        """In words."""
        ours = f"{self.figure}, {NAMES[self.ours]}"
        if self.other:
            return f"{ours} / {self.other}"
        against = self.against(report)
        return f"{ours} / {NAMES.get(self.theirs) or (against['label'] if against else self.theirs)}"

    def against(self, report: Report) -> Server | None:
        """The other server."""
        return best(report, self.figure) if self.theirs == BEST else server(report, self.theirs)

    def measured(self, report: Report) -> float | None:
        """The ratio, if both were measured."""
        return ratio(server(report, self.ours), self.against(report), self.figure, self.other)

    def limit(self) -> str:
        """What is wanted."""
        return f"{'≥' if self.at_least else '≤'} {self.wanted:g}"

    def verdict(self, report: Report) -> str:
        """Whether it is kept, and by how much not."""
        found = self.measured(report)
        if found is None:
            return "not measured"
        if (ge if self.at_least else le)(found, self.wanted):
            return "met"
        return f"missed by {abs(found / self.wanted - 1):.1%}"


BUDGETS = (
    Budget("apache", rate(1), "fastapi", 1.4),
    Budget("apache", rate(16), "fastapi", 1.5),
    Budget("apache", rate(128), "fastapi", 1.5),
    Budget("apache", p99(16), "fastapi", 0.7, at_least=False),
    Budget("apache", p99(128), "fastapi", 0.8, at_least=False),
    Budget("gunicorn", rate(16), "fastapi", 2.7),
    Budget("gunicorn", rate(16), "rsgi", 0.8),
    Budget("apache", rate(16), "before", 2.2),
    Budget("apache", bulk(1000), BEST, 1.1),
    Budget("apache", BESIDE, "apache", 5, at_least=False, other=p99(16)),
    Budget("apache", MEMORY, "fastapi", 0.55, at_least=False),
    Budget("apache", START, "fastapi", 0.4, at_least=False),
)


def table(report: Report) -> list[list[str]]:
    """A line for each budget, below what each column means."""
    return [["budget", "wanted", "measured", ""], *(line(budget, report) for budget in BUDGETS)]


def line(budget: Budget, report: Report) -> list[str]:
    """One budget."""
    found = budget.measured(report)
    shown = "" if found is None else f"{found:.2f}"
    return [budget.what(report), budget.limit(), shown, budget.verdict(report)]
