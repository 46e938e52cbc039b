"""Benchmarks: scripts that print medians and ratios beside a peer's, in one run; see README.md."""

import os

# As the program's engine does, and before numpy is imported: one thread each.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
