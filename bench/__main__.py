"""`make bench`: every figure of the speed table, beside the machine's own limits, as a table and as JSON."""

import argparse
import json
import sys
import time
import traceback
from pathlib import Path

import uvloop

from bench import machine
from bench.figures import FIGURES, Effort, load_all
from bench.product import Product, product
from bench.report import Row, document, table

RESULTS = Path(__file__).resolve().parent / "results"


def main() -> int:
    options = _options()
    machine.prepare()
    description = machine.description()
    effort = Effort.quick() if options.quick else Effort()
    with product() as running:
        load_all()
        names = options.only or list(FIGURES)
        unknown = set(names) - set(FIGURES)
        if unknown:
            sys.exit(f"no such figure: {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
        rows = uvloop.run(_measure(running, effort, names))
    sys.stdout.write(f"\n{table(rows)}\n")
    path = Path(options.json) if options.json else RESULTS / f"{time.strftime('%Y-%m-%d-%H%M%S')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document(rows, description, vars(options)), indent=2, ensure_ascii=False) + "\n")
    sys.stdout.write(f"\n{description['processor']}, {description['cores']} cores; all of it in {path}\n")
    return 1 if any(row.problem for row in rows) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="measure only these figures")
    parser.add_argument("--quick", action="store_true", help="short and small: proves that it works, measures little")
    parser.add_argument("--json", metavar="PATH", help="where the JSON goes (default: bench/results/<time>.json)")
    return parser.parse_args()


async def _measure(running: Product, effort: Effort, names: list[str]) -> list[Row]:
    rows: list[Row] = []
    for name in names:
        began = time.monotonic()
        try:
            found = await FIGURES[name](running, effort)
        except Exception as error:  # noqa: BLE001 -- one broken figure must not take the others with it
            traceback.print_exc()
            found = [Row(name, name, None, "", problem=f"{type(error).__name__}: {error}")]
        rows += found
        for row in found:
            _say(row, time.monotonic() - began)
    running.stop()
    if complaints := running.complaints():
        sys.stderr.write(f"\nThe web server said:\n{complaints[-4000:]}\n")
    return rows


def _say(row: Row, seconds: float) -> None:
    value = "–" if row.value is None else f"{row.value:,.2f}"
    sys.stderr.write(f"{row.name:16} {value:>12} {row.unit:6} {row.verdict}  {row.notes or ''} [{seconds:.0f} s]\n")


if __name__ == "__main__":
    sys.exit(main())
