"""The command lines."""

import os

if os.name != "posix":
    # before anything that needs a POSIX system is imported
    raise SystemExit("Error: native Windows is not supported; run this inside WSL")
