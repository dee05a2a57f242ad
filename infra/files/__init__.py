"""Evidence files: taken in as they stream, kept by their SHA-256 in a folder or an S3-compatible store, and looked after."""
