package dev.sheaf.pipelines;

import dev.sheaf.transforms.snowflake.SnowflakeConnection;
import dev.sheaf.transforms.snowflake.SnowflakeRows;
import dev.sheaf.transforms.training.ModelTable;
import dev.sheaf.transforms.training.TrainPerKey;
import java.util.ArrayList;
import java.util.List;
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
    if (heldOut != null) {
      trained.heldOut().apply("WriteHeldOut", heldOut);
    }
    if (curves != null) {
      trained.curves().apply("WriteCurves", curves);
    }
    if (importance != null) {
      trained.importance().apply("WriteImportance", importance);
    }
  }

  /** What the training must tell for these tables. */
  ModelTable[] told() {
    List<ModelTable> told = new ArrayList<>();
    if (heldOut != null) {
      told.add(ModelTable.HELD_OUT);
    }
    if (curves != null) {
      told.add(ModelTable.CURVES);
    }
    if (importance != null) {
      told.add(ModelTable.IMPORTANCE);
    }
    return told.toArray(new ModelTable[0]);
  }
}
