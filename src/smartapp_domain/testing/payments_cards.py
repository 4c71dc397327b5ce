"""What a customer of the provider in memory has stored to pay with, and what its bank says when it is charged."""

import enum


class StoredCard(enum.Enum):
    """`BANK` is an account: days pass until its bank answers."""

    GOOD = "good"
    DECLINES = "declines"
    CONFIRMS = "confirms"
    BANK = "bank"
    NONE = "none"

    @property
    def words(self) -> str | None:
        """What a page says would be charged."""
        return _WORDS[self]

    @property
    def pays_alone(self) -> bool:
        """Tell whether a charge comes through when the customer is not there to help."""
        return self in (StoredCard.GOOD, StoredCard.BANK)


_WORDS = {
    StoredCard.GOOD: "Visa ending in 4242",
    StoredCard.DECLINES: "Visa ending in 0341",
    StoredCard.CONFIRMS: "Visa ending in 3184",
    StoredCard.BANK: "Bank account ending in 6789",
    StoredCard.NONE: None,
}
