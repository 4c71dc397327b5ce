"""The provider's published test cards, and what happens when each is charged."""

import re
from collections.abc import Mapping

import attrs

#: Verdicts that are no decline.
SUCCEED = "succeed"
CONFIRM = "authentication_required"
#: A bank debit: nobody knows yet.
PROCESSING = "processing"


@attrs.frozen
class Decline:
    """How a decline is told: to programs by codes, to people by a message and what to do about it."""

    code: str
    decline_code: str
    message: str
    advice: str = "You were not charged. Try another card."
    advice_code: str = "try_again_later"


DECLINES: Mapping[str, Decline] = {
    "generic_decline": Decline("card_declined", "generic_decline", "Your card was declined."),
    "insufficient_funds": Decline("card_declined", "insufficient_funds", "Your card has insufficient funds."),
    "lost_card": Decline("card_declined", "lost_card", "Your card was declined.", advice_code="do_not_try_again"),
    "stolen_card": Decline("card_declined", "stolen_card", "Your card was declined.", advice_code="do_not_try_again"),
    "fraudulent": Decline("card_declined", "fraudulent", "Your card was declined."),
    "card_velocity_exceeded": Decline(
        "card_declined", "card_velocity_exceeded", "Your card was declined for making repeated attempts too often."
    ),
    "expired_card": Decline("expired_card", "expired_card", "Your card has expired."),
    "incorrect_cvc": Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect."),
    "processing_error": Decline(
        "processing_error",
        "processing_error",
        "An error occurred while processing your card.",
        "You were not charged. Try again in a moment.",
    ),
    CONFIRM: Decline(
        "authentication_required", "authentication_required", "Your card was declined. It requires authentication."
    ),
}


@attrs.frozen
class PublishedCard:
    """
    One published number.

    `first` is the verdict while the customer is present, after the authentication that `confirm` asks for: once, or
    `always` anew. `later` is the verdict of renewals, when nobody is there to authenticate; without an authentication
    before them they need one, unless the card came `set_up` for them.
    """

    brand: str = "visa"
    first: str = SUCCEED
    later: str = SUCCEED
    confirm: bool = False
    always: bool = True
    set_up: bool = False
    funding: str = "credit"

    @property
    def attaches(self) -> bool:
        """Whether it can be stored with a customer without a payment: the bank is asked then, too."""
        return self.confirm or self.first == SUCCEED


def _declining(verdict: str) -> PublishedCard:
    return PublishedCard(first=verdict, later=verdict)


PUBLISHED_CARDS: Mapping[str, PublishedCard] = {
    "4242424242424242": PublishedCard(),
    "4000056655665556": PublishedCard(funding="debit"),
    "5555555555554444": PublishedCard("mastercard"),
    "5200828282828210": PublishedCard("mastercard", funding="debit"),
    "378282246310005": PublishedCard("amex"),
    "6011111111111117": PublishedCard("discover"),
    "30569309025904": PublishedCard("diners"),
    "3566002020360505": PublishedCard("jcb"),
    "6200000000000005": PublishedCard("unionpay"),
    "4000000000000002": _declining("generic_decline"),
    "4000000000009995": _declining("insufficient_funds"),
    "4000000000009987": _declining("lost_card"),
    "4000000000009979": _declining("stolen_card"),
    "4000000000000069": _declining("expired_card"),
    "4000000000000127": _declining("incorrect_cvc"),
    "4000000000000119": _declining("processing_error"),
    "4000000000006975": _declining("card_velocity_exceeded"),
    "4100000000000019": _declining("fraudulent"),
    # Attaches and pays while the customer is present, fails when charged later.
    "4000000000000341": PublishedCard(later="generic_decline"),
    "4000002500003155": PublishedCard(confirm=True, always=False),
    "4000003800000446": PublishedCard(confirm=True, set_up=True),
    "4000002760003184": PublishedCard(confirm=True, later=CONFIRM),
    "4000000000003220": PublishedCard(confirm=True),
    "4000008260003178": PublishedCard(confirm=True, first="insufficient_funds", later="insufficient_funds"),
    "4000008400001629": PublishedCard(confirm=True, first="generic_decline", later="generic_decline"),
}

_PLACE = re.compile(r"^(?:(34|37)|(3[068])|(35)|(6011|65|64)|(62)|(5[1-5]|2[2-7])|(4))")
_BRANDS = ("amex", "diners", "jcb", "discover", "unionpay", "mastercard", "visa")


def brand_of(number: str) -> str:
    """Guess the brand by the leading digits, for numbers that are no test card."""
    found = _PLACE.match(number)
    return next((_BRANDS[i] for i, group in enumerate(found.groups()) if group), "unknown") if found else "unknown"


def passes_luhn(number: str) -> bool:
    doubled = [int(digit) * (1 + position % 2) for position, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0  # noqa: PLR2004 - one decimal digit
