"""Who may do what, judged while others change it: on both databases an account's writers go one after the other."""

import threading
from concurrent.futures import ThreadPoolExecutor

from smartapp_adapters.storage import SqlStorage
from smartapp_domain.decisions import Reason, Refused
from smartapp_domain.identity import Role
from smartapp_domain.membership import OwnershipTransferred
from smartapp_domain.testing.workbench import Workbench
from smartapp_domain.use_cases.manage_members import About, transfer_ownership

HEIRS = ("ann", "bob", "eve", "mia")


def test_of_many_hand_overs_at_once_one_is_done(storage: SqlStorage) -> None:
    bench = Workbench.of(storage)
    company = bench.company()
    dana, *heirs = (bench.sign_in(bench.employ(company, name, admin=True), company) for name in ("dana", *HEIRS))
    together = threading.Barrier(len(heirs))

    def hand_over(number: int) -> object:
        together.wait()
        return transfer_ownership(About(dana, heirs[number].member_id), bench.ports)

    with ThreadPoolExecutor(len(heirs)) as pool:
        decisions = list(pool.map(hand_over, range(len(heirs))))

    assert sum(isinstance(each, OwnershipTransferred) for each in decisions) == 1
    assert {each.reason for each in decisions if isinstance(each, Refused)} == {Reason.ROLE_TOO_LOW}
    with bench.ports.reading(dana.account_id) as reading:
        assert sum(each.role is Role.OWNER for each in reading.members.all()) == 1
