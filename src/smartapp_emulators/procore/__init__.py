"""
An emulator of Procore's log-in, REST API and app marketplace, for development and tests without a network.

Not made, endorsed or checked by Procore; written from its public documents.
"""

from smartapp_emulators.procore.serve import main

__all__ = ["main"]
