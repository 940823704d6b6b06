"""The examples in the addons' pure modules, run without Odoo and without a database.

Run as a program on the ``tools`` folders. Each folder is imported as a package of its
own, so a module that needs Odoo fails here, as it should.
"""

import doctest
import importlib
import sys
from pathlib import Path


def main(folders):
    """Try every module's examples; returns how many failed."""
    failed = tried = 0
    sys.modules["odoo"] = None
    for folder in map(Path, folders):
        sys.path.insert(0, str(folder.parent))
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            module = importlib.import_module(".".join(parts).removesuffix(".__init__"))
            result = doctest.testmod(module)
            failed, tried = failed + result.failed, tried + result.attempted
        sys.path.pop(0)
        for name in [name for name in sys.modules if name.split(".")[0] == folder.name]:
            del sys.modules[name]
    print(f"{tried} examples tried, {failed} failed")
    return failed


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(min(main(sys.argv[1:]), 1))
