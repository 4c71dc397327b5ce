"""The composition root: settings, wiring and the programs that run the product (design D-07, D-08)."""
