"""The table of limits, and which of them count for whom."""

from uuid import UUID

import pytest

from domain.limits import Asker, Per, RouteClass, Uncounted, applying, quotas

KNOWN = Asker("192.0.2.1", UUID(int=7), "clerk")
STRANGER = Asker("192.0.2.1")


def test_every_class_of_route_but_the_open_one_is_limited_for_everybody() -> None:
    table = quotas(1.0)
    assert set(table) == set(RouteClass)
    for route_class, limits in table.items():
        for asker in (KNOWN, STRANGER):
            assert bool(applying(limits, asker)) == (route_class is not RouteClass.OPEN)


def test_colleagues_behind_one_address_do_not_share_its_limit() -> None:
    limits = quotas(1.0)[RouteClass.READ]
    assert {limit.per for limit in applying(limits, KNOWN)} == {Per.USER, Per.TENANT}
    assert {limit.per for limit in applying(limits, STRANGER)} == {Per.ADDRESS}


def test_signing_in_is_counted_by_address_whoever_one_was_before() -> None:
    limits = quotas(1.0)[RouteClass.SIGN_IN]
    assert {limit.per for limit in applying(limits, KNOWN)} == {Per.ADDRESS}


def test_what_guards_passwords_is_refused_while_nobody_counts_and_no_scale_widens_it() -> None:
    narrow, wide = quotas(1.0)[RouteClass.SIGN_IN], quotas(50.0)[RouteClass.SIGN_IN]
    assert narrow == wide
    assert all(limit.uncounted is Uncounted.REFUSE for limit in narrow)


def test_a_scale_widens_the_others_and_never_closes_them() -> None:
    assert quotas(2.0)[RouteClass.READ][0].quota == 2 * quotas(1.0)[RouteClass.READ][0].quota
    assert all(limit.quota == 1 for limit in quotas(1e-9)[RouteClass.READ])


@pytest.mark.parametrize(
    ("per", "named"),
    [
        (Per.USER, "00000000-0000-0000-0000-000000000007/clerk"),
        (Per.TENANT, "00000000-0000-0000-0000-000000000007"),
        (Per.ADDRESS, "192.0.2.1"),
    ],
)
def test_whose_requests_are_counted_together(per: Per, named: str) -> None:
    assert KNOWN.named(per) == named
