"""Domain values become view models: words, dates and amounts are made here, templates only print them."""
