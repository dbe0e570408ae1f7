"""An event as a line: text, or JSON."""

import json

from orchestration.cli import _output
from orchestration.cli._app import App
from orchestration.domain.records import Document


def put(app: App, event: Document) -> None:
    """Print an event on a line of its own, and see that it is not held back."""
    if app.json:
        _output.put(json.dumps(event, ensure_ascii=False))
    else:
        about = _output.visible(event["subject"])
        _output.put(
            f"{event['timestamp'][:19]}Z  {event['type']}  {_output.visible(event['source'])}  {about}"
        )
