"""The REST and OAuth side: what an app talks to."""
