"""Trains a model per key in a plain Python loop, on one thread, for comparison with Sheaf.

    python3 benchmarks/python/train.py [--keys 1000] [--boosted-keys 100] [--rounds 3]
    SHEAF_DATA=... python3 benchmarks/python/train.py --rossmann [--every 1]

Made-up rows of the same shape as `benchmarks/run train` has (1,000 rows, 8 features), or the stores
of `benchmarks/run rossmann-train`. Rows are in memory before the clock starts. Prints models per
second: the fit alone, and the fit with a prediction of all rows. Needs numpy, scikit-learn, xgboost
and lightgbm, and pandas for Rossmann; nothing of Sheaf needs this.
"""

import argparse
import os
import platform
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"  # Read when numpy and the boosters are loaded.

import lightgbm
import numpy
import sklearn
import xgboost
from sklearn.linear_model import LinearRegression

ROSSMANN = "sales/rossmann_open_days.csv.gz"
FEATURES = ["DayOfWeek", "Promo", "SchoolHoliday", "CompetitionDistance"]
ROUNDS = 100


def linear(rows, labels):
    """Least squares; a missing value counts as its column's mean, as Sheaf has it."""
    missing = numpy.isnan(rows)
    if missing.any():
        known = numpy.maximum(1, (~missing).sum(axis=0))
        rows = numpy.where(missing, numpy.nansum(rows, axis=0) / known, rows)
    model = LinearRegression().fit(rows, labels)
    return lambda: model.predict(rows)


def boosted_by_xgboost(rows, labels):
    parameters = {"nthread": 1, "verbosity": 0, "max_depth": 6, "tree_method": "hist"}
    matrix = xgboost.DMatrix(rows, labels, nthread=1)
    model = xgboost.train(parameters, matrix, num_boost_round=ROUNDS)
    return lambda: model.predict(matrix)


def boosted_by_lightgbm(rows, labels):
    parameters = {
        "objective": "regression",
        "num_threads": 1,
        "verbosity": -1,
        "deterministic": True,
        "force_row_wise": True,
    }
    model = lightgbm.train(parameters, lightgbm.Dataset(rows, labels), num_boost_round=ROUNDS)
    return lambda: model.predict(rows, num_threads=1)


FAMILIES = {"linear": linear, "xgboost": boosted_by_xgboost, "lightgbm": boosted_by_lightgbm}


def made_up(keys, seed):
    """The rows of each key: a label that is linear in the features but for noise."""
    for key in range(keys):
        random = numpy.random.default_rng([seed, key])
        rows = random.random((1000, 8)) * 100
        labels = key + rows @ (numpy.arange(8) - key % 5) + random.random(1000)
        yield rows, labels


def rossmann(every):
    import pandas

    folder = os.environ.get("SHEAF_DATA")
    if not folder:
        sys.exit("SHEAF_DATA must name the folder that has " + ROSSMANN)
    table = pandas.read_csv(
        os.path.join(folder, ROSSMANN), usecols=["Store", "Sales", *FEATURES], low_memory=False
    )
    for place, (_, store) in enumerate(table.groupby("Store")):
        if place % every == 0:
            rows = numpy.ascontiguousarray(store[FEATURES].to_numpy(numpy.float64))
            yield rows, store["Sales"].to_numpy(numpy.float64)


def rate(family, tables, with_prediction):
    """Models per second."""
    checksum = 0.0
    start = time.perf_counter()
    for rows, labels in tables:
        predict = family(rows, labels)
        if with_prediction:
            checksum += float(predict()[0])
    seconds = time.perf_counter() - start
    if not numpy.isfinite(checksum):
        sys.exit("a prediction is not a number")
    return len(tables) / seconds


def best(name, tables, rounds, with_prediction):
    """The best of the rounds after one that warms up."""
    rates = [rate(FAMILIES[name], tables, with_prediction) for _ in range(rounds + 1)]
    print(name, [f"{r:.1f}" for r in rates], file=sys.stderr)
    return max(rates[1:])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keys", type=int, default=1000, help="keys of the linear models")
    parser.add_argument("--boosted-keys", type=int, default=100, help="keys of the boosters")
    parser.add_argument("--rossmann", action="store_true", help="real stores instead")
    parser.add_argument("--every", type=int, default=1, help="every how many stores")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--families", default=",".join(FAMILIES))
    arguments = parser.parse_args()
    print(
        f"Python {platform.python_version()}, numpy {numpy.__version__}, scikit-learn"
        f" {sklearn.__version__}, xgboost {xgboost.__version__}, lightgbm"
        f" {lightgbm.__version__}; one thread, best of {arguments.rounds} rounds after one to warm up\n"
    )
    print("| models/s | models | rows | fit | fit, predict all rows |\n|---|---|---|---|---|")
    stores = list(rossmann(arguments.every)) if arguments.rossmann else []
    for name in arguments.families.split(","):
        keys = arguments.keys if name == "linear" else arguments.boosted_keys
        tables = stores or list(made_up(keys, 1))
        rows = sum(len(labels) for _, labels in tables)
        fit = best(name, tables, arguments.rounds, False)
        both = best(name, tables, arguments.rounds, True)
        print(f"| {name} | {len(tables):,} | {rows:,} | {fit:,.1f} | {both:,.1f} |", flush=True)


if __name__ == "__main__":
    main()
