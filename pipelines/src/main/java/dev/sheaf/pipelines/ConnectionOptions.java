package dev.sheaf.pipelines;

import org.apache.beam.sdk.options.Default;
import org.apache.beam.sdk.options.Description;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.Validation;
import org.jspecify.annotations.Nullable;

/**
 * How to log in to the Snowflake warehouse.
 *
 * <p>A secret is given by reference, {@code env:NAME} or {@code file:PATH}, and read by each
 * worker; its text never becomes part of the job.
 */
public interface ConnectionOptions extends PipelineOptions {
  @Description("JDBC URL of the warehouse, jdbc:snowflake://<account>.snowflakecomputing.com/")
  @Validation.Required
  String getWarehouseUrl();

  void setWarehouseUrl(String url);

  @Description("User to log in as")
  @Validation.Required
  String getWarehouseUser();

  void setWarehouseUser(String user);

  @Description("Where the password is: env:NAME or file:PATH")
  @Nullable String getWarehousePassword();

  void setWarehousePassword(@Nullable String reference);

  @Description(
      "Where the private key (PEM, PKCS#8) is, instead of a password: env:NAME or file:PATH")
  @Nullable String getWarehousePrivateKey();

  void setWarehousePrivateKey(@Nullable String reference);

  @Description("Where the private key's passphrase is, if it has one: env:NAME or file:PATH")
  @Nullable String getWarehousePrivateKeyPassphrase();

  void setWarehousePrivateKeyPassphrase(@Nullable String reference);

  @Description("Database of the tables")
  @Validation.Required
  String getWarehouseDatabase();

  void setWarehouseDatabase(String database);

  @Description("Schema of the tables")
  @Default.String("PUBLIC")
  String getWarehouseSchema();

  void setWarehouseSchema(String schema);

  @Description("Virtual warehouse that runs the queries; the user's default unless set")
  @Nullable String getVirtualWarehouse();

  void setVirtualWarehouse(@Nullable String name);

  @Description("Role to act in; the user's default unless set")
  @Nullable String getWarehouseRole();

  void setWarehouseRole(@Nullable String role);
}
