"""What tests of every folder may ask for."""

pytest_plugins = ["tests.servers.brokers", "tests.servers.chromium", "tests.servers.postgres", "tests.servers.storages"]
