package dev.sheaf.pipelines.embedding;

import dev.sheaf.pipelines.OptionException;
import dev.sheaf.transforms.snowflake.Secret;
import dev.sheaf.transforms.snowflake.SnowflakeConnection;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;

/** The parameters that say how to reach the Snowflake warehouse. */
final class ConnectionParameters {
  private static final List<Field> FIELDS =
      List.of(
          Parameters.required(
              "url", "Account, or JDBC URL: jdbc:snowflake://<account>.snowflakecomputing.com/"),
          Parameters.required("user", "User to log in as"),
          Parameters.text("password", "Where the password is: env:NAME or file:PATH"),
          Parameters.text(
              "private_key",
              "Where the private key (PEM, PKCS#8) is, instead of a password: env:NAME or file:PATH"),
          Parameters.text(
              "private_key_passphrase",
              "Where the private key's passphrase is, if it has one: env:NAME or file:PATH"),
          Parameters.text("database", "Database; the user's default unless set"),
          Parameters.text("schema", "Schema; PUBLIC unless set"),
          Parameters.text("warehouse", "Virtual warehouse; the user's default unless set"),
          Parameters.text("role", "Role to act in; the user's default unless set"),
          Parameters.required(
              "staging",
              "Folder through which rows travel: a bucket that the storage integration covers, or a"
                  + " local folder where the warehouse shares the workers' file system"),
          Parameters.text(
              "storage_integration", "Storage integration that covers the staging folder"));

  private ConnectionParameters() {}

  /** A configuration's schema: the connection, then what is the transform's own. */
  static Schema schema(Field... own) {
    return Schema.of(Stream.concat(FIELDS.stream(), Stream.of(own)).toArray(Field[]::new));
  }

  /**
   * The connection that the parameters describe.
   *
   * @throws OptionException when one of them is wrong, or neither or both of password and private
   *     key are given
   */
  static SnowflakeConnection connection(Parameters parameters) {
    SnowflakeConnection connection =
        Parameters.read("url", () -> SnowflakeConnection.to(parameters.required("url")))
            .withUser(parameters.required("user"))
            .withSchema(parameters.find("schema").orElse("PUBLIC"));
    connection = parameters.find("database").map(connection::withDatabase).orElse(connection);
    connection = parameters.find("warehouse").map(connection::withWarehouse).orElse(connection);
    connection = parameters.find("role").map(connection::withRole).orElse(connection);
    connection =
        parameters
            .find("storage_integration")
            .map(connection::withStorageIntegration)
            .orElse(connection);
    SnowflakeConnection staged = connection;
    return authenticated(
        Parameters.read("staging", () -> staged.withStaging(parameters.required("staging"))),
        parameters);
  }

  private static SnowflakeConnection authenticated(
      SnowflakeConnection connection, Parameters parameters) {
    Optional<Secret> password = secret(parameters, "password");
    Optional<Secret> key = secret(parameters, "private_key");
    if (password.isPresent() == key.isPresent()) {
      throw new OptionException("give one of password and private_key, as env:NAME or file:PATH");
    }
    if (password.isPresent()) {
      return connection.withPassword(password.get());
    }
    return secret(parameters, "private_key_passphrase")
        .map(passphrase -> connection.withKeyPair(key.orElseThrow(), passphrase))
        .orElseGet(() -> connection.withKeyPair(key.orElseThrow()));
  }

  private static Optional<Secret> secret(Parameters parameters, String name) {
    return parameters
        .find(name)
        .map(
            reference -> {
              if (reference.startsWith("env:") && reference.length() > 4) {
                return Secret.fromEnvironment(reference.substring(4));
              } else if (reference.startsWith("file:") && reference.length() > 5) {
                return Secret.fromFile(Path.of(reference.substring(5)));
              }
              throw new OptionException(
                  name + " must be env:NAME or file:PATH; a secret's text does not belong here");
            });
  }
}
