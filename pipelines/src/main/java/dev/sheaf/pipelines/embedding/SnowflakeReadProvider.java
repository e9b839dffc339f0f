package dev.sheaf.pipelines.embedding;

import dev.sheaf.pipelines.OptionException;
import dev.sheaf.transforms.snowflake.SnowflakeRows;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.transforms.SchemaTransform;
import org.apache.beam.sdk.schemas.transforms.SchemaTransformProvider;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;

/** Reads a Snowflake table or query; see {@link SnowflakeRows}. */
public final class SnowflakeReadProvider implements SchemaTransformProvider {
  private static final Schema CONFIGURATION =
      ConnectionParameters.schema(
          Parameters.text("table", "Table to read; either this or query"),
          Parameters.text("query", "SELECT to read instead of a table"));

  @Override
  public String identifier() {
    return "beam:schematransform:dev.sheaf:snowflake_read:v1";
  }

  @Override
  public String description() {
    return "Reads a Snowflake table or query. Points in time are cut to milliseconds; dates and"
        + " times without a zone are ISO text.";
  }

  @Override
  public Schema configurationSchema() {
    return CONFIGURATION;
  }

  @Override
  public List<String> outputCollectionNames() {
    return List.of("output");
  }

  @Override
  public SchemaTransform from(Row configuration) {
    return new Read(new Parameters(configuration));
  }

  private static final class Read extends SchemaTransform {
    private static final long serialVersionUID = 1L;
    private final transient Parameters parameters;

    Read(Parameters parameters) {
      this.parameters = parameters;
    }

    @Override
    public PCollectionRowTuple expand(PCollectionRowTuple input) {
      SnowflakeRows.Read read =
          SnowflakeRows.read().withConnection(ConnectionParameters.connection(parameters));
      if (parameters.find("table").isPresent() == parameters.find("query").isPresent()) {
        throw new OptionException("give one of table and query");
      }
      return PCollectionRowTuple.of(
          "output",
          input
              .getPipeline()
              .apply(
                  "ReadRows",
                  parameters
                      .find("table")
                      .map(table -> Parameters.read("table", () -> read.fromTable(table)))
                      .orElseGet(() -> read.fromQuery(parameters.required("query"))))
              .apply("Portable", new PortableRows()));
    }
  }
}
