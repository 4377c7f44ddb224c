"""What runs the process: its settings, its limits, its memory, its connections."""
