"""One module per command of `smartapp`; the table of them is `smartapp_runtime.cli.COMMANDS`."""
