"""The human side: what a person clicks in a browser."""
