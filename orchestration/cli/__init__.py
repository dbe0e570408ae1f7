"""The command lines."""

import gc
import os

if os.name != "posix":
    # before anything that needs a POSIX system is imported
    raise SystemExit("Error: native Windows is not supported; run this inside WSL")

# A command is short: looking for garbage while modules load would cost it a twentieth of its time.
gc.set_threshold(100_000)
