"""Real notices of SAM.gov, labelled by hand before any rule had been run on them."""
