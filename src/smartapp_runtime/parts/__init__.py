"""
What the product is put together from: the only modules that name concrete adapters (design D-07).

One module per adapter, so that a command which needs the database alone does not need the payment provider's extra.
"""
