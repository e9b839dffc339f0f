package dev.sheaf.pipelines;

import dev.sheaf.transforms.snowflake.SnowflakeConnection;
import dev.sheaf.transforms.snowflake.SnowflakeRows;
import dev.sheaf.transforms.training.TrainPerKey;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.jspecify.annotations.Nullable;

/** The tables that a training appends to: the ledger, and more of each model where it is wanted. */
record TrainTables(
    SnowflakeRows.Write ledger,
    SnowflakeRows.@Nullable Write heldOut,
    SnowflakeRows.@Nullable Write curves,
    SnowflakeRows.@Nullable Write importance) {

  /**
   * Reads the options.
   *
   * @throws OptionException if a table's name cannot be one
   */
  static TrainTables of(TrainOptions options, SnowflakeConnection connection) {
    return new TrainTables(
        to(connection, "--ledgerTable", options.getLedgerTable()),
        toOrNull(connection, "--heldOutTable", options.getHeldOutTable()),
        toOrNull(connection, "--curvesTable", options.getCurvesTable()),
        toOrNull(connection, "--importanceTable", options.getImportanceTable()));
  }

  private static SnowflakeRows.@Nullable Write toOrNull(
      SnowflakeConnection connection, String option, @Nullable String table) {
    return table == null ? null : to(connection, option, table);
  }

  private static SnowflakeRows.Write to(
      SnowflakeConnection connection, String option, String table) {
    try {
      return SnowflakeRows.write().withConnection(connection).to(table);
    } catch (IllegalArgumentException e) {
      throw new OptionException(option + ": " + e.getMessage(), e);
    }
  }

  void write(TrainPerKey.Result trained) {
    trained.ledger().apply("WriteLedger", ledger);
    write("WriteHeldOut", trained.heldOut(), heldOut);
    write("WriteCurves", trained.curves(), curves);
    write("WriteImportance", trained.importance(), importance);
  }

  private static void write(
      String name, PCollection<Row> rows, SnowflakeRows.@Nullable Write table) {
    if (table != null) {
      rows.apply(name, table);
    }
  }
}
