"""
Names for the strings that identify things.

Ids are opaque: the domain compares them and never looks inside. Those given by a platform or a payment provider keep
that side's own spelling (numbers beyond 32 bits included), so they are strings here.
"""

from typing import NewType

AccountId = NewType("AccountId", str)
PersonId = NewType("PersonId", str)
MemberId = NewType("MemberId", str)
InvitationId = NewType("InvitationId", str)
TokenId = NewType("TokenId", str)
"""A personal access token; never the secret."""
EntryId = NewType("EntryId", str)
"""One line of the audit trail."""
ProfileId = NewType("ProfileId", str)
ProjectId = NewType("ProjectId", str)
"""A Smartapp project."""
OrderId = NewType("OrderId", str)
LicenseId = NewType("LicenseId", str)
JobId = NewType("JobId", str)

PlatformUserId = NewType("PlatformUserId", str)
PlatformCompanyId = NewType("PlatformCompanyId", str)
PlatformProjectId = NewType("PlatformProjectId", str)
"""A project of the platform; unique inside one account, because an account is one company there."""

CustomerId = NewType("CustomerId", str)
CheckoutId = NewType("CheckoutId", str)
SubscriptionId = NewType("SubscriptionId", str)
InvoiceId = NewType("InvoiceId", str)
EventId = NewType("EventId", str)
