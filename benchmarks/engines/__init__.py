"""What runs in the engines' environment."""
