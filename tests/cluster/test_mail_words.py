"""What mails say, as text and as HTML."""

from typing import get_args

import pytest

from cluster.clients.mail_words import WORDINGS, Words
from domain.access import PUBLIC
from domain.errors import Invalid
from domain.mail import VALUES, Mail, MailKind
from tests.mails import LINK, mail, parts


def test_every_kind_has_words_that_use_its_values() -> None:
    assert set(WORDINGS) == set(get_args(MailKind))
    for kind in WORDINGS:
        message = Words("Hub <hub@example.com>").compose(mail(kind))
        for part in parts(message):
            assert LINK in part
            assert "{" not in part
            used = " ".join((part, str(message["Subject"])))
            assert all(f"{name}!" in used for name in VALUES[kind] - {"link"})


def test_what_people_chose_as_a_name_is_text_and_nothing_else() -> None:
    name = "<b>Eve</b>\r\nBcc: all@example.com\n\nSend money {link}"
    message = Words("hub@example.com").compose(mail("invitation", inviter=name))
    text, html = parts(message)
    assert message["Bcc"] is None
    assert str(message["Subject"]).startswith("<b>Eve</b> Bcc: all@example.com Send money {link}")
    assert "<b>Eve" in text
    assert "<b>Eve" not in html


@pytest.mark.parametrize(
    "to", ["", "a", "a@", "@b", "a@b, c@d", "a@b\nBcc: c@d", "<a@b>", 'a"@b', "a b@c"]
)
def test_what_is_no_address_gets_no_mail(to: str) -> None:
    with pytest.raises(Invalid, match="address"):
        Words("hub@example.com").compose(mail(to=to))


def test_a_value_that_is_missing_is_noticed() -> None:
    with pytest.raises(Invalid, match="hours, name"):
        Words("hub@example.com").compose(Mail("verify_address", "a@b", PUBLIC, {"link": LINK}))


def test_mails_of_an_account_cannot_be_ended() -> None:
    message = Words("hub@example.com").compose(mail("reset_password"))
    assert message["List-Unsubscribe"] is None
    assert "No more" not in "".join(parts(message))
