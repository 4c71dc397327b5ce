"""What the demo tells the person in front of it."""

from pathlib import Path

STEPS = """\
  1. Press "Sign in" and continue as {person}. Search for "Smartapp" at the top right, open
     Smartapp Planner and press Install; submit each step as it is. Then do the same with
     Smartapp Safety, if you like.
  2. After installing, open the link "App Setup Instructions": Smartapp opens in a new tab.
     Press "Continue with Procore", then "Allow".
  3. Projects: tick some projects, and for each Planner, Safety or both. Press Next.
  4. Subscriptions: choose Yearly or Monthly, look at the total, press Checkout.
  5. Pay with card 4242 4242 4242 4242, any date in the future, any CVC.
     (4000 0000 0000 0002 is declined: nothing is bought, your ticks stay, try again.)
  6. Project Central shows a tile for each licensed project. Come back to Projects and
     see the licensed rows locked.
  7. "Demo clock", below the bar of every page, lets months pass: renewals, failed cards
     and ends come as they would. It moves Smartapp, Procore and Stripe together."""


def opening(*, start: str, person: str, app: str, procore: str, stripe: str, log: Path, folder: Path) -> str:
    """Return the lines printed once everything answers; the first begins with `Open `."""
    return "\n".join(
        [
            f"Open {start}",
            "",
            "This is an emulated Procore: nothing leaves this machine, no money moves.",
            STEPS.format(person=person),
            "",
            f"  Smartapp Connect  {app}",
            f"  Procore emulator  {procore}   (act as Procore and its people: {procore}/_emulator)",
            f"  Stripe emulator   {stripe}   (clock, cards and webhooks: {stripe}/_emulator)",
            f"  Log               {log}",
            f"  Kept in           {folder}   (make demo RESET=1 starts afresh)",
            "",
            "Ctrl-C ends all of it.",
        ]
    )
