"""What people keep pipelines and tables in."""
