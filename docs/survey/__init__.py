"""What can be exported, and how exactly: `docs/estimators.md`."""
