"""Drops the pages of all files below the given paths from the page cache: what is read next comes from the device."""

import os
import sys
from pathlib import Path

for root in map(Path, sys.argv[1:]):
    for path in [root] if root.is_file() else root.rglob("*"):
        if path.is_file():
            file = os.open(path, os.O_RDONLY)
            # A page that is not written yet cannot be dropped.
            os.fdatasync(file)
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(file)
