"""Nothing leaves unless it was asked for, and by name."""

import pytest

from domain.consent import PROVIDERS, Purpose, permits, require_consent
from domain.errors import Forbidden


@pytest.mark.parametrize("purpose", Purpose)
def test_silence_is_no_consent(purpose: Purpose) -> None:
    others = {each: True for each in Purpose if each is not purpose}
    for consents in ({}, others, {purpose: False}):
        assert not permits(consents, purpose)
        with pytest.raises(Forbidden, match=PROVIDERS[purpose]):
            require_consent(consents, purpose)
    require_consent({purpose: True}, purpose)
