"""Made-up solicitations, labelled before any rule had been run on them."""
