"""What counts requests and predictions, and says so to Prometheus."""
