"""The API's resources: one module each, operations as functions of the account and a call."""
