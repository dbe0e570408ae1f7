"""What `doctor` says of git: sharing needs a version that the program was made for."""

import pytest

from orchestration.claude import doctor


@pytest.mark.parametrize(
    ("version", "status", "found", "fix"),
    [
        (None, "warning", "not found", "install git: packing, bundles and sharing need it"),
        ("2.32.9", "warning", "2.32.9", "update git: sharing needs 2.33 or newer"),
        ("1.99", "warning", "1.99", "update git: sharing needs 2.33 or newer"),
        ("2.33.0", "ok", "2.33.0", None),
        ("2.39.5 (Apple Git-154)", "ok", "2.39.5", None),
        ("3.0", "ok", "3.0", None),
    ],
)
def test_git_is_there_and_new_enough(tmp_path, version, status, found, fix):
    if version is not None:
        program = tmp_path / "git"
        program.write_text(f"#!/bin/sh\necho git version '{version}'\n")
        program.chmod(0o755)

    rows = {one["check"]: one for one in doctor.machine({"PATH": str(tmp_path)})}

    assert rows["git"] == doctor.row("git", status, found, fix)
