"""Write uv.lock and, from it, requirements.txt and requirements-dev.txt: `make lock`."""

import subprocess
import sys

from tools import bootstrap

RUNTIME = "# What production needs: `pip install --require-hashes -r requirements.txt`. Written by `make lock`.\n"
ALL = "# Runtime, embedded services, tests and linters. Written by `make lock`.\n"


def main() -> int:
    """Resolve, then export; return the exit status."""
    uv = bootstrap.find_uv() or bootstrap.install_uv()
    subprocess.run([uv, "lock"], cwd=bootstrap.ROOT, check=True)
    for name, header, choice in (
        ("requirements.txt", RUNTIME, "--no-default-groups"),
        ("requirements-dev.txt", ALL, "--all-groups"),
    ):
        exported = subprocess.run(
            [uv, "export", "--locked", "--quiet", "--no-header", "--no-annotate", "--no-emit-project", choice],
            cwd=bootstrap.ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        with open(f"{bootstrap.ROOT}/{name}", "w") as out:
            out.write(header + exported.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
