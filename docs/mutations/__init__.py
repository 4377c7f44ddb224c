"""Whether the gate lets a changed graph through: `docs/gate.md`."""
