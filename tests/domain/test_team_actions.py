"""Teams at work: what a session's execution holds, and which of it counts."""

from typing import Any

import pytest

from orchestration.domain import team_actions
from orchestration.errors import InvalidData, Refused

NOW = "2026-01-05T09:00:00Z"
LATER = "2026-01-05T10:00:00Z"


def activated(execution: dict[str, Any], **options: Any) -> dict[str, Any]:
    given = {"focus": None, "share": None, "change": False, "now": NOW, **options}
    return team_actions.activated(execution, "qa", **given)


def test_an_activation_holds_since_when_focus_and_what_is_reserved() -> None:
    assert activated({"context": {}}, focus="login", share="80") == {
        "context": {},
        "teams": {"qa": {"activated_at": NOW, "focus": "login", "reserved": 20}},
    }
    assert activated({})["teams"]["qa"] == {"activated_at": NOW, "focus": None, "reserved": 0}


@pytest.mark.parametrize("share", [0, 101, "many", -5])
def test_a_share_is_a_percentage(share: Any) -> None:
    with pytest.raises(InvalidData, match="^capacity "):
        activated({}, share=share)


def test_a_team_that_is_active_is_changed_only_when_asked() -> None:
    before = activated({}, focus="login", share=80)

    with pytest.raises(
        Refused, match=f"team 'qa' is active already, since {NOW} with focus 'login'"
    ) as caught:
        activated(before, now=LATER)
    assert "--change" in (caught.value.hint or "")
    changed = activated(before, share=50, change=True, now=LATER)
    assert changed["teams"]["qa"] == {"activated_at": NOW, "focus": "login", "reserved": 50}
    assert activated(before, focus="", change=True)["teams"]["qa"]["focus"] is None
    with pytest.raises(Refused, match="team 'qa' is not active"):
        activated({}, change=True)


def test_deactivating_leaves_the_rest_and_is_no_change_when_it_was_not_active() -> None:
    both = {"context": 1, "teams": {"qa": {"activated_at": NOW}, "dev": {"activated_at": NOW}}}

    assert team_actions.deactivated(both, "qa") == {"context": 1, "teams": {"dev": {"activated_at": NOW}}}
    assert team_actions.deactivated({"teams": {"qa": {}}}, "qa") == {}
    assert team_actions.deactivated({"context": 1}, "qa") == {"context": 1}


def test_what_a_person_wrote_there_instead_is_no_activation() -> None:
    assert team_actions.activations({"teams": ["qa"]}) == {}
    assert team_actions.activations({"teams": {"qa": True, "dev": {"focus": "x"}}}) == {"dev": {"focus": "x"}}
