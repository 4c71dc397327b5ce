"""
`make demo`: the product beside an emulated Procore and an emulated Stripe, each a program of its own.

Nothing here imports an emulator (design D-01): it is started from its own command line and asked over HTTP.
"""
