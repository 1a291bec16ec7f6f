"""A mail server that delivers nothing: what is sent can be read on a page."""
