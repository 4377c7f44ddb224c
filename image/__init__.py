"""What fills the image and what runs in it first: used by `Dockerfile.alpine`."""
