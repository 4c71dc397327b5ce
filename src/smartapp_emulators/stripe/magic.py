"""The provider's published test ids: `pm_card_visa` and `tok_visa` stand for a card number nobody has to type."""

from collections.abc import Mapping

_BRANDS = {
    "visa": "4242424242424242",
    "visa_debit": "4000056655665556",
    "mastercard": "5555555555554444",
    "mastercard_debit": "5200828282828210",
    "amex": "378282246310005",
    "discover": "6011111111111117",
    "diners": "30569309025904",
    "jcb": "3566002020360505",
    "unionpay": "6200000000000005",
}

_DECLINED = {
    "chargeDeclined": "4000000000000002",
    "chargeDeclinedInsufficientFunds": "4000000000009995",
    "chargeDeclinedLostCard": "4000000000009987",
    "chargeDeclinedStolenCard": "4000000000009979",
    "chargeDeclinedExpiredCard": "4000000000000069",
    "chargeDeclinedIncorrectCvc": "4000000000000127",
    "chargeDeclinedProcessingError": "4000000000000119",
    "chargeDeclinedVelocityLimitExceeded": "4000000000006975",
    "chargeDeclinedFraudulent": "4100000000000019",
}

_SPECIAL = {
    "chargeCustomerFail": "4000000000000341",
    "radarBlock": "4100000000000019",
    "threeDSecure2Required": "4000000000003220",
    "threeDSecureRequired": "4000000000003220",
    "threeDSecureRequiredChargeDeclined": "4000008400001629",
    "authenticationRequired": "4000002760003184",
    "authenticationRequiredOnSetup": "4000002500003155",
    "authenticationRequiredSetupForOffSession": "4000003800000446",
    "authenticationRequiredChargeDeclinedInsufficientFunds": "4000008260003178",
}

_NAMED = {**_BRANDS, **_DECLINED, **_SPECIAL, **{f"visa_{name}": number for name, number in _DECLINED.items()}}

#: Each name for a payment method with the card it stands for. Every use makes a new payment method.
METHODS: Mapping[str, str] = {f"pm_card_{name}": number for name, number in _NAMED.items()}

#: Each name for a token with the card it stands for.
TOKENS: Mapping[str, str] = {f"tok_{name}": number for name, number in _NAMED.items()}
