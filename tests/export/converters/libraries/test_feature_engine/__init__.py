"""Feature-engine's transformers."""
