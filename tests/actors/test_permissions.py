"""Posts act for no person, and each says what its work would need."""

import pytest

from actors.keeper import Post
from actors.roster import ROSTER
from domain.access import Permission

POSTS = [post for host in ROSTER for post in host.posts]


@pytest.mark.parametrize("post", POSTS, ids=lambda post: post.name)
def test_every_post_declares_a_permission(post: Post) -> None:
    assert post.needs in set(Permission) - {Permission.OWN_ACCOUNT}


def test_a_post_that_forgets_is_noticed() -> None:
    with pytest.raises(TypeError, match="needs"):
        Post("forgetful", POSTS[0].open)  # type: ignore[call-arg]
