package dev.sheaf.pipelines.embedding;

import dev.sheaf.transforms.snowflake.SnowflakeRows;
import dev.sheaf.transforms.snowflake.WriteMode;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;

/** Writes rows to a Snowflake table; see {@link SnowflakeRows}. */
public final class SnowflakeWriteProvider implements SchemaTransformProvider {
  private static final Schema CONFIGURATION =
      ConnectionParameters.schema(
          Parameters.required("table", "Table to write to, created if missing"),
          Parameters.text(
              "mode",
              "What to do with rows that the table has: append (unless set), truncate, empty"));

  @Override
  public String identifier() {
    return "beam:schematransform:dev.sheaf:snowflake_write:v1";
  }

  @Override
  public String description() {
    return "Writes bounded rows to a Snowflake table in one transaction.";
  }

  @Override
  public Schema configurationSchema() {
    return CONFIGURATION;
  }

  @Override
  public List<String> inputCollectionNames() {
    return List.of("input");
  }

  @Override
  public SchemaTransform from(Row configuration) {
    return new Write(new Parameters(configuration));
  }

  private static final class Write extends SchemaTransform {
    private static final long serialVersionUID = 1L;
    private final transient Parameters parameters;

    Write(Parameters parameters) {
      this.parameters = parameters;
    }

    @Override
    public PCollectionRowTuple expand(PCollectionRowTuple input) {
      String table = parameters.required("table");
      SnowflakeRows.Write write =
          SnowflakeRows.write()
              .withConnection(ConnectionParameters.connection(parameters))
              .withMode(parameters.constant("mode", WriteMode.APPEND));
      input
          .getSinglePCollection()
          .apply("WriteRows", Parameters.read("table", () -> write.to(table)));
      return PCollectionRowTuple.empty(input.getPipeline());
    }
  }
}
