"""
Servers that tests start for themselves, one of each per session and in a place of their own.

A server named by the environment is used as it is; else a private one is started from the installed programs; else the
tests that want it are skipped, or fail where `SMARTAPP_REQUIRE_SERVERS=1` says that nothing may be missing.
"""
