"""Hand-made labels of what solicitations require, and the score of an extractor against them."""
