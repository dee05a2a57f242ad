"""Playing real results through the product: every person's part by the services they will use, every clock by processes."""
