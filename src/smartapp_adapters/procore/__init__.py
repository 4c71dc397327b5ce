"""Procore: everything that knows its addresses, answers and limits. The rest of the product says "platform"."""

from smartapp_adapters.procore.inspection import check_credentials
from smartapp_adapters.procore.platform import ProcorePlatform
from smartapp_adapters.procore.settings import AppCredentials, Hosts, ProcoreEnvironment, ProcoreSettings, hosts
from smartapp_adapters.procore.sign_in import ProcoreSignIn

__all__ = [
    "AppCredentials",
    "Hosts",
    "ProcoreEnvironment",
    "ProcorePlatform",
    "ProcoreSettings",
    "ProcoreSignIn",
    "check_credentials",
    "hosts",
]
