"""Whether Procore accepts what we were given: asked by whoever looks for what is wrong, never by the product."""

import random
import time

import httpx

from smartapp_adapters.procore.client import ProcoreClient
from smartapp_adapters.procore.login import LoginHost
from smartapp_adapters.procore.settings import ProcoreSettings
from smartapp_domain.catalog import Module
from smartapp_domain.ports.clock import Clock


def check_credentials(http: httpx.Client, settings: ProcoreSettings, clock: Clock, app: Module) -> None:
    """Get a token with the app's credentials and throw it away; raise the port's `PlatformError` when refused."""
    client = ProcoreClient(http, settings, clock, sleep=time.sleep, jitter=random.random)
    LoginHost(client, settings, clock).service_token(app)
