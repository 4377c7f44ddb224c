"""Typical pipelines, exported inside environments of several years: `docs/versions.md`."""
