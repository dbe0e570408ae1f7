"""The detectors of `detect-secrets` that know a format, behind patterns of ours that come first.

The library loads a lot, so it is asked only for a text in which a pattern of `formats.LIBRARY` is found; it
then says whether that is the secret. The patterns leave out what a format does not allow, such as a
beginning in the middle of a word.

Left out are the detectors that know no format: high entropy and telling names, IP addresses, and those of
Cloudant, IBM and SoftLayer, which take a hash behind the word `key` for a secret; that of Artifactory, which
takes `APDeliveryNote` for one; those of private keys, Stripe and URLs with passwords, which know less
than `formats.FORMATS`. None verifies anything: nothing is ever sent.
"""

import importlib
from typing import Any


def confirms(detector: str, text: str) -> bool:
    """Say whether a detector, `module.Class` below `detect_secrets.plugins`, finds its secret in a text."""
    module, _, name = detector.partition(".")
    plugin: Any = getattr(importlib.import_module(f"detect_secrets.plugins.{module}"), name)()
    return any(plugin.analyze_string(text))
