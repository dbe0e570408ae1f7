"""Print what a JSONPath finds in one JSON file, by jsonpath-ng: `json_path.py FILE EXPRESSION`."""

import json
import sys

from jsonpath_ng.ext.parser import parse

with open(sys.argv[1]) as stream:  # noqa: PTH123 - as short as such a script is
    data = json.load(stream)
print(json.dumps([match.value for match in parse(sys.argv[2]).find(data)], indent=2))
