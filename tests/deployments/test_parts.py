from actors.roster import ROSTER
from deployments.parts import EXPECTED


def test_the_posts_that_are_expected_are_those_that_are_filled() -> None:
    assert {post.name for host in ROSTER for post in host.posts} == EXPECTED
