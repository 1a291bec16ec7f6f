"""Key facts and line items with their places, against what was labelled by hand."""
