package dev.sheaf.pipelines;

import dev.sheaf.transforms.failure.BadRecordRows;
import dev.sheaf.transforms.snowflake.Secret;
import dev.sheaf.transforms.snowflake.SnowflakeConnection;
import dev.sheaf.transforms.snowflake.SnowflakeRows;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsValidator;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.errorhandling.BadRecord;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler;
import org.apache.beam.sdk.transforms.errorhandling.ErrorHandler.BadRecordErrorHandler;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PDone;
import org.jspecify.annotations.Nullable;

/** Turns options into a connection, secrets and a table for bad records. */
final class Warehouse {
  private Warehouse() {}

  /**
   * The connection that the options describe.
   *
   * @throws OptionException when neither or both of password and private key are given
   */
  static SnowflakeConnection connection(WarehouseOptions options) {
    return login(options)
        .withStaging(options.getStaging())
        .withStorageIntegration(options.getStorageIntegration());
  }

  /**
   * The connection for statements alone: rows cannot be read or written in bulk over it.
   *
   * @throws OptionException when neither or both of password and private key are given
   */
  static SnowflakeConnection login(ConnectionOptions options) {
    SnowflakeConnection connection =
        SnowflakeConnection.to(options.getWarehouseUrl())
            .withUser(options.getWarehouseUser())
            .withDatabase(options.getWarehouseDatabase())
            .withSchema(options.getWarehouseSchema());
    String virtualWarehouse = options.getVirtualWarehouse();
    if (virtualWarehouse != null) {
      connection = connection.withWarehouse(virtualWarehouse);
    }
    String role = options.getWarehouseRole();
    if (role != null) {
      connection = connection.withRole(role);
    }
    return authenticated(connection, options);
  }

  private static SnowflakeConnection authenticated(
      SnowflakeConnection connection, ConnectionOptions options) {
    String password = options.getWarehousePassword();
    String privateKey = options.getWarehousePrivateKey();
    if ((password == null) == (privateKey == null)) {
      throw new OptionException(
          "give one of --warehousePassword and --warehousePrivateKey, each as env:NAME or file:PATH");
    }
    if (password != null) {
      return connection.withPassword(secret("--warehousePassword", password));
    }
    Secret key = secret("--warehousePrivateKey", String.valueOf(privateKey));
    String passphrase = options.getWarehousePrivateKeyPassphrase();
    return passphrase == null
        ? connection.withKeyPair(key)
        : connection.withKeyPair(key, secret("--warehousePrivateKeyPassphrase", passphrase));
  }

  private static Secret secret(String option, String reference) {
    if (reference.startsWith("env:") && reference.length() > 4) {
      return Secret.fromEnvironment(reference.substring(4));
    } else if (reference.startsWith("file:") && reference.length() > 5) {
      return Secret.fromFile(Path.of(reference.substring(5)));
    }
    throw new OptionException(
        option + " must be env:NAME or file:PATH; a secret's text does not belong in an option");
  }

  /**
   * Loads unbounded rows into a table.
   *
   * @throws IllegalArgumentException when an option of the warehouse is wrong or missing
   */
  static SnowflakeRows.Write streamed(PipeOptions options, String table) {
    WarehouseOptions warehouse = PipelineOptionsValidator.validate(WarehouseOptions.class, options);
    String pipe = options.getPipe();
    return SnowflakeRows.write()
        .withConnection(connection(warehouse))
        .to(table)
        .throughPipe(pipe == null ? table + "_PIPE" : pipe)
        .withFlushInterval(Duration.ofSeconds(options.getFlushSeconds()));
  }

  /**
   * Builds a graph whose bad records go to the options' table, or fail the run where there is none.
   */
  static void withBadRecords(
      Pipeline pipeline,
      WarehouseOptions options,
      SnowflakeConnection connection,
      Consumer<@Nullable ErrorHandler<BadRecord, ?>> graph) {
    String table = options.getBadRecordsTable();
    if (table == null) {
      graph.accept(null);
      return;
    }
    try (BadRecordErrorHandler<PDone> handler =
        pipeline.registerBadRecordErrorHandler(new WriteBadRecords(connection, table))) {
      graph.accept(handler);
    }
  }

  private static final class WriteBadRecords extends PTransform<PCollection<BadRecord>, PDone> {
    private static final long serialVersionUID = 1L;
    private final transient SnowflakeConnection connection;
    private final String table;

    WriteBadRecords(SnowflakeConnection connection, String table) {
      this.connection = connection;
      this.table = table;
    }

    @Override
    public PDone expand(PCollection<BadRecord> records) {
      return records
          .apply("ToRows", BadRecordRows.create())
          .apply("Write", SnowflakeRows.write().withConnection(connection).to(table));
    }
  }
}
