"""What is known of a fitted pipeline: its steps, its task, its columns, and what it takes when it is asked."""
