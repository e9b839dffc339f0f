package dev.sheaf.pipelines.embedding;

import dev.sheaf.transforms.failure.BadRecordRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.beam.sdk.transforms.Flatten;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PCollectionList;
import org.apache.beam.sdk.values.PCollectionRowTuple;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a transform's bad records for an output of the schema transform around it; Beam's own
 * handler would put them beside it, out of the client's reach.
 */
final class CollectedErrors implements ErrorHandler<BadRecord, PCollection<Row>> {
  private static final long serialVersionUID = 1L;

  private final String output;
  private final transient List<PCollection<BadRecord>> collections = new ArrayList<>();
  private transient @Nullable PCollection<Row> rows;

  private CollectedErrors(String output) {
    this.output = output;
  }

  /** A handler where the parameters name an output for bad rows. */
  static Optional<CollectedErrors> of(Parameters parameters) {
    return parameters.errorOutput().map(CollectedErrors::new);
  }

  @Override
  public void addErrorCollection(PCollection<BadRecord> errors) {
    collections.add(errors);
  }

  /** Adds the output, with the columns of {@link BadRecordRows}. */
  PCollectionRowTuple addTo(PCollectionRowTuple outputs) {
    return outputs.and(output, getOutput());
  }

  @Override
  public boolean isClosed() {
    return rows != null;
  }

  @Override
  public PCollection<Row> getOutput() {
    if (rows == null) {
      rows =
          PCollectionList.of(collections)
              .apply("BadRecords", Flatten.pCollections())
              .apply("BadRecordRows", BadRecordRows.create())
              .apply("PortableBadRecords", new PortableRows());
    }
    return rows;
  }

  @Override
  public void close() {}
}
