"""What can keep the demo from running, said so that one knows what to do."""


class DemoProblem(Exception):
    """The demo cannot start or go on; the text is for the person who typed the command."""
