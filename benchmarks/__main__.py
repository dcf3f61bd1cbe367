"""Run the benchmarks one after another, each in a process of its own.

    python -m benchmarks [NAME ...] [-- OPTION ...]

Without names all run, about ten minutes on two cores. Options after -- go to each script.
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
NAMES = sorted(p.stem for p in HERE.glob("*.py") if not p.stem.startswith("_"))


def main() -> int:
    """Return 1 if any benchmark found a wrong result."""
    own, split = sys.argv[1:], []
    if "--" in own:
        cut = own.index("--")
        own, split = own[:cut], own[cut + 1 :]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", nargs="*", help=f"of {', '.join(NAMES)}; default: all")
    chosen = parser.parse_args(own).name or NAMES
    if unknown := sorted(set(chosen) - set(NAMES)):
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(NAMES)}")
    start, failed = time.monotonic(), []
    for name in chosen:
        command = [sys.executable, "-m", f"benchmarks.{name}", *split]
        if subprocess.run(command, cwd=HERE.parent, check=False).returncode:
            failed.append(name)
    print(f"\n{len(chosen)} benchmarks in {(time.monotonic() - start) / 60:.1f} min")
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
