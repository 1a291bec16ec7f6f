"""A server of our own that behaves like SAM.gov's opportunities API, for machines without a key."""
