package dev.sheaf.runner.expansion;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.StreamSupport;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.extensions.sql.SqlTransform;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.testing.PAssert;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The example for Beam SQL: rows made by a query are scored, and predictions queried. */
final class SqlExampleTest {
  private static final Schema SALES =
      Schema.builder()
          .addInt64Field("STORE")
          .addDoubleField("PRICE")
          .addDoubleField("SALES")
          .build();

  @TempDir private Path folder = Path.of("");

  private static SchemaTransform sheaf(String name, Map<String, Object> parameters) {
    SchemaTransformProvider provider =
        ServiceLoader.load(SchemaTransformProvider.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(
                each -> each.identifier().equals("beam:schematransform:dev.sheaf:" + name + ":v1"))
            .findFirst()
            .orElseThrow();
    Row.Builder configuration = Row.withSchema(provider.configurationSchema());
    provider
        .configurationSchema()
        .getFieldNames()
        .forEach(field -> configuration.addValue(parameters.get(field)));
    return provider.from(configuration.build());
  }

  private static PCollection<Row> sales(Pipeline pipeline) {
    List<Row> rows = new ArrayList<>();
    for (long i = 0; i < 40; i++) {
      long store = 1 + i % 2;
      rows.add(Row.withSchema(SALES).addValues(store, (double) i, 100.0 * store - 2 * i).build());
    }
    return pipeline.apply(Create.of(rows).withRowSchema(SALES));
  }

  @Test
  void predictionsAreQueried() {
    Pipeline training = Pipeline.create();
    PCollectionRowTuple.of("input", sales(training))
        .apply(
            sheaf(
                "train",
                Map.of(
                    "model_store", folder.toString(),
                    "key", "STORE",
                    "label", "SALES",
                    "features", List.of("PRICE"),
                    "promote", "always")));
    training.run().waitUntilFinish();

    Pipeline pipeline = Pipeline.create();
    PCollection<Row> priced =
        sales(pipeline)
            .apply(
                "Prices",
                SqlTransform.query(
                    "select STORE, PRICE * 0.5 as PRICE from PCOLLECTION where PRICE < 10"));
    PCollection<Row> scored =
        PCollectionRowTuple.of("input", priced)
            .apply(sheaf("run_inference", Map.of("model_store", folder.toString(), "key", "STORE")))
            .get("output");
    PCollection<Row> totals =
        scored.apply(
            "Totals",
            SqlTransform.query(
                "select STORE, sum(PREDICTION) as TOTAL, count(*) as EVENTS, max(SCORED_AT) as LAST"
                    + " from PCOLLECTION where FALLBACK_LEVEL = 'KEY' group by STORE"));
    PAssert.that(totals)
        .satisfies(
            rows -> {
              List<String> found =
                  StreamSupport.stream(rows.spliterator(), false)
                      .map(
                          row ->
                              row.getInt64("STORE")
                                  + " "
                                  + Math.round(row.getDouble("TOTAL"))
                                  + " "
                                  + row.getInt64("EVENTS"))
                      .sorted()
                      .toList();
              assertEquals(List.of("1 480 5", "2 975 5"), found);
              return null;
            });
    pipeline.run().waitUntilFinish();
  }
}
