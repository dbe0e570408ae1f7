"""What the file system below a store promises about the order of its changes."""

import os

# One journal for all folders: when a rename survives a power cut, every earlier rename did. Emulated power
# cuts on ext4 without flushing the folders of objects never left a branch at an object that was not there.
_ORDERED = (b"ext3", b"ext4")


def keeps_renames_in_order(folder: str) -> bool:
    """Say whether a later rename that survives a power cut proves that earlier ones in other folders did."""
    try:
        device = os.stat(folder).st_dev
        wanted = b"%d:%d" % (os.major(device), os.minor(device))
        with open("/proc/self/mountinfo", "rb", buffering=0) as file:
            lines = file.read().split(b"\n")
    except OSError:
        return False  # not Linux: nothing is known
    for line in lines:
        words = line.split(b" ")
        if len(words) > 6 and words[2] == wanted:
            rest = line.partition(b" - ")[2].split(b" ")
            return rest[0] in _ORDERED and b"data=writeback" not in rest[-1]
    return False
