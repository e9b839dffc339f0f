"""Trains a model per store on rows of a Python pipeline, then scores other rows with them.

    python train_and_score.py JAR MODEL_STORE [options of Beam, such as --runner=...]
"""

import sys

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.transforms.external import JavaJarExpansionService, SchemaAwareExternalTransform


def sheaf(name, jar, **parameters):
    return SchemaAwareExternalTransform(
        f"beam:schematransform:dev.sheaf:{name}:v1",
        JavaJarExpansionService(jar),
        rearrange_based_on_discovery=True,
        **parameters)


def main(jar, model_store, *options):
    sales = [beam.Row(STORE=store, PRICE=float(price), SALES=100.0 * store - 2.0 * price)
             for store in (1, 2) for price in range(20)]
    with beam.Pipeline(options=PipelineOptions(options)) as pipeline:
        trained = pipeline | beam.Create(sales) | "Train" >> sheaf(
            "train", jar, model_store=model_store, key="STORE", label="SALES",
            features=["PRICE"], trainer="linear", promote="always")
        trained["ledger"] | beam.Map(lambda row: print(row.MODEL_KEY, row.STATUS, row.ROW_COUNT))

    with beam.Pipeline(options=PipelineOptions(options)) as pipeline:
        events = [beam.Row(STORE=1, PRICE=30.0), beam.Row(STORE=2, PRICE=0.5), beam.Row(STORE=3, PRICE=1.0)]
        (pipeline | beam.Create(events)
         | "RunInference" >> sheaf("run_inference", jar, model_store=model_store, key="STORE")
         | beam.Map(lambda row: print(row.STORE, row.PREDICTION and round(row.PREDICTION, 6), row.FALLBACK_LEVEL)))


if __name__ == "__main__":
    main(*sys.argv[1:])
