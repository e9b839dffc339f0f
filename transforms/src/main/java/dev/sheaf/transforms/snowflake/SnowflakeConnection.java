package dev.sheaf.transforms.snowflake;

import java.io.Serializable;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import net.snowflake.client.jdbc.SnowflakeDriver;
import org.apache.beam.sdk.io.snowflake.KeyPairUtils;
import org.apache.beam.sdk.schemas.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Where a Snowflake account is, who logs in, and where files are staged: a value that a pipeline
 * carries to its workers.
 *
 * <pre>{@code
 * SnowflakeConnection warehouse =
 *     SnowflakeConnection.to("myorg-myaccount")
 *         .withUser("SHEAF")
 *         .withPassword(Secret.fromEnvironment("SNOWFLAKE_PASSWORD"))
 *         .withDatabase("RETAIL")
 *         .withSchema("PUBLIC")
 *         .withWarehouse("TRAINING")
 *         .withStaging("s3://bucket/staging/")
 *         .withStorageIntegration("SHEAF_STAGING");
 * }</pre>
 *
 * <p>Secrets are looked up where a connection is opened; see {@link Secret}. A login that gets no
 * answer fails after {@link #withLoginTimeout}; every failure is a {@link SnowflakeException}.
 */
public final class SnowflakeConnection implements Serializable {
  private static final String PREFIX = "jdbc:snowflake://";
  private static final String DOMAIN = ".snowflakecomputing.com";
  private static final Duration DEFAULT_LOGIN_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration LONGEST_LOGIN_TIMEOUT = Duration.ofMinutes(10);
  private static final Duration NETWORK_TIMEOUT = Duration.ofMinutes(2);
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._-]+(:\\d{1,5})?");
  private static final Pattern WHOLE_HOST =
      Pattern.compile(
          "(?i).*\\.snowflakecomputing\\.(com|cn)|.*:\\d+|localhost|\\d{1,3}(\\.\\d{1,3}){3}");
  private static final Pattern NOT_IN_FOLDER = Pattern.compile("[*?\\[\\]{}\\\\']");
  private static final Pattern SECRET_IN_URL =
      Pattern.compile("(?i)[?&](password|pwd|token|private_?key[a-z_0-9]*)=");
  private static final String LOCAL_INTEGRATION = "LOCAL";

  /** How a user proves who they are. */
  private sealed interface Credentials extends Serializable {
    void addTo(Properties properties);

    record Password(Secret password) implements Credentials {
      @Override
      public void addTo(Properties properties) {
        properties.put("password", password.reveal());
      }
    }

    record KeyPair(Secret privateKey, @Nullable Secret passphrase) implements Credentials {
      @Override
      public void addTo(Properties properties) {
        properties.put("privateKey", key());
      }

      PrivateKey key() {
        try {
          return KeyPairUtils.preparePrivateKey(
              privateKey.reveal(), passphrase == null ? "" : passphrase.reveal());
        } catch (IllegalArgumentException e) {
          throw e;
        } catch (RuntimeException e) {
          throw new SnowflakeException(
              SnowflakeException.Kind.AUTHENTICATION,
              "Cannot use the private key from "
                  + privateKey
                  + ": "
                  + SnowflakeException.oneLine(e.getMessage()),
              e);
        }
      }
    }
  }

  private final String url;
  private final TreeMap<String, String> session;
  private final @Nullable Credentials credentials;
  private final @Nullable String staging;
  private final @Nullable String storageIntegration;
  private final Duration loginTimeout;

  private SnowflakeConnection(
      String url,
      Map<String, String> session,
      @Nullable Credentials credentials,
      @Nullable String staging,
      @Nullable String storageIntegration,
      Duration loginTimeout) {
    this.url = url;
    this.session = new TreeMap<>(session);
    this.credentials = credentials;
    this.staging = staging;
    this.storageIntegration = storageIntegration;
    this.loginTimeout = loginTimeout;
  }

  /**
   * A connection to an account identifier ({@code myorg-myaccount}, or a locator with its region:
   * {@code xy12345.eu-central-1}), a host ({@code myorg-myaccount.snowflakecomputing.com}) or a
   * JDBC URL ({@code jdbc:snowflake://...}).
   *
   * <p>A host is a name in {@code snowflakecomputing.com} or {@code snowflakecomputing.cn}, {@code
   * localhost}, an IPv4 address, or any name with a port; {@code .snowflakecomputing.com} is
   * appended to everything else.
   *
   * @throws IllegalArgumentException if it is none of them, or a URL that holds a secret
   */
  public static SnowflakeConnection to(String account) {
    String url;
    if (account.startsWith(PREFIX)) {
      url = account;
    } else if (HOST.matcher(account).matches()) {
      url = PREFIX + (WHOLE_HOST.matcher(account).matches() ? account : account + DOMAIN) + "/";
    } else {
      throw new IllegalArgumentException(
          "SnowflakeConnection.to takes an account (myorg-myaccount), a host"
              + " (myorg-myaccount.snowflakecomputing.com) or a URL (jdbc:snowflake://...); found: "
              + account);
    }
    if (SECRET_IN_URL.matcher(url).find()) {
      throw new IllegalArgumentException(
          "SnowflakeConnection.to takes a URL without secrets: give them by withPassword or"
              + " withKeyPair.");
    }
    return new SnowflakeConnection(url, Map.of(), null, null, null, DEFAULT_LOGIN_TIMEOUT);
  }

  /** Logs in as this user. Required. */
  public SnowflakeConnection withUser(String user) {
    return with("user", "withUser", user);
  }

  /** Logs in with a password; this or {@link #withKeyPair(Secret)} is required. */
  public SnowflakeConnection withPassword(Secret password) {
    return withCredentials(new Credentials.Password(password));
  }

  /** Logs in with an unencrypted RSA private key in PEM (PKCS #8). */
  public SnowflakeConnection withKeyPair(Secret privateKeyPem) {
    return withCredentials(new Credentials.KeyPair(privateKeyPem, null));
  }

  /** Logs in with an encrypted RSA private key in PEM (PKCS #8) and its passphrase. */
  public SnowflakeConnection withKeyPair(Secret privateKeyPem, Secret passphrase) {
    return withCredentials(new Credentials.KeyPair(privateKeyPem, passphrase));
  }

  /** Resolves unqualified names in this database; the user's default one if left out. */
  public SnowflakeConnection withDatabase(String database) {
    return with("db", "withDatabase", database);
  }

  /** Resolves unqualified names in this schema; the user's default one if left out. */
  public SnowflakeConnection withSchema(String schema) {
    return with("schema", "withSchema", schema);
  }

  /** Computes in this warehouse; the user's default one if left out. */
  public SnowflakeConnection withWarehouse(String warehouse) {
    return with("warehouse", "withWarehouse", warehouse);
  }

  /** Acts in this role; the user's default one if left out. */
  public SnowflakeConnection withRole(String role) {
    return with("role", "withRole", role);
  }

  /**
   * Stages files under this folder, which both the service and all workers can reach: {@code
   * s3://bucket/folder/}, {@code gs://bucket/folder/}, or an absolute local folder for a local
   * server. Required for reading and writing. Every run uses a sub-folder of its own.
   *
   * @throws IllegalArgumentException if it is none of them, or has a character that file patterns
   *     or SQL texts give a meaning: {@code * ? [ ] { } \ '}
   */
  public SnowflakeConnection withStaging(String folder) {
    boolean cloud = folder.startsWith("s3://") || folder.startsWith("gs://");
    if (NOT_IN_FOLDER.matcher(folder).find() || (!cloud && !Path.of(folder).isAbsolute())) {
      throw new IllegalArgumentException(
          "withStaging takes s3://bucket/folder/, gs://bucket/folder/ or an absolute local folder,"
              + " without any of the characters * ? [ ] { } \\ '; found: "
              + folder);
    }
    return new SnowflakeConnection(
        url,
        session,
        credentials,
        folder.endsWith("/") ? folder : folder + "/",
        storageIntegration,
        loginTimeout);
  }

  /** Lets the service reach the staging folder by this storage integration. */
  public SnowflakeConnection withStorageIntegration(String name) {
    TableName parsed = TableName.parse("withStorageIntegration", name);
    return new SnowflakeConnection(url, session, credentials, staging, parsed.sql(), loginTimeout);
  }

  /**
   * Gives up a login without an answer after this time: 1 second to 10 minutes, by default 10 s.
   */
  public SnowflakeConnection withLoginTimeout(Duration timeout) {
    if (timeout.compareTo(Duration.ofSeconds(1)) < 0
        || timeout.compareTo(LONGEST_LOGIN_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "withLoginTimeout takes 1 second to 10 minutes; found: " + timeout);
    }
    return new SnowflakeConnection(url, session, credentials, staging, storageIntegration, timeout);
  }

  private SnowflakeConnection with(String property, String option, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(option + " takes a name; found an empty text.");
    }
    TreeMap<String, String> changed = new TreeMap<>(session);
    changed.put(property, value);
    return new SnowflakeConnection(
        url, changed, credentials, staging, storageIntegration, loginTimeout);
  }

  private SnowflakeConnection withCredentials(Credentials changed) {
    return new SnowflakeConnection(
        url, session, changed, staging, storageIntegration, loginTimeout);
  }

  /**
   * Opens a connection of the Snowflake driver, to be closed by the caller.
   *
   * @throws SnowflakeException if the service is unreachable or refuses the login
   * @throws IllegalArgumentException if user or credentials are missing, or a secret is not there
   */
  public Connection open() {
    Properties properties = properties();
    Connection opened;
    try {
      opened =
          hasKeyPair()
              ? KeyLogin.connect(RestAddress.of(this).base(), url, properties, loginTimeout)
              : new SnowflakeDriver().connect(url, properties);
    } catch (SQLException e) {
      throw SnowflakeException.of("Cannot connect to " + this, e);
    }
    if (opened == null) {
      throw new IllegalArgumentException(
          "Cannot connect to " + this + ": the driver does not know such a URL.");
    }
    return opened;
  }

  private Properties properties() {
    if (!session.containsKey("user") || credentials == null) {
      throw new IllegalArgumentException(
          "Cannot connect to "
              + this
              + ": withUser and one of withPassword and withKeyPair are required.");
    }
    Properties properties = new Properties();
    properties.putAll(session);
    credentials.addTo(properties);
    properties.put("loginTimeout", Long.toString(loginTimeout.toSeconds()));
    properties.put("networkTimeout", Long.toString(NETWORK_TIMEOUT.toMillis()));
    properties.put("HTTP_CLIENT_CONNECTION_TIMEOUT", Long.toString(loginTimeout.toMillis()));
    properties.put("CLIENT_TELEMETRY_ENABLED", "false");
    properties.put("CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED", "false");
    properties.put("application", "Sheaf");
    // Staged files are written in the formats that AUTO knows, whatever the account's defaults are.
    for (String value : List.of("DATE", "TIME", "TIMESTAMP")) {
      properties.put(value + "_INPUT_FORMAT", "AUTO");
    }
    return properties;
  }

  /**
   * The schema of a query's rows, or of a table's ({@code select * from T}), without running it.
   *
   * @throws SnowflakeException if the service is unreachable or refuses login or query
   */
  public Schema describe(String query) {
    return Column.schema(columns(SelectQuery.of(query)));
  }

  /** The columns of a query, in order. */
  List<Column> columns(SelectQuery query) {
    try (Connection connection = open();
        PreparedStatement statement = connection.prepareStatement(query.text())) {
      return Column.of(statement.getMetaData());
    } catch (SQLException e) {
      throw SnowflakeException.of("Cannot read " + query, e);
    }
  }

  /** The staging folder, ending in a slash. */
  String staging() {
    if (staging == null) {
      throw new IllegalArgumentException(
          "Cannot stage files for " + this + ": withStaging is required.");
    }
    return staging;
  }

  /** The storage integration as SQL. */
  String storageIntegration() {
    if (storageIntegration != null) {
      return storageIntegration;
    }
    if (staging().contains("://")) {
      throw new IllegalArgumentException(
          "Cannot stage files in " + staging + ": withStorageIntegration is required.");
    }
    return LOCAL_INTEGRATION;
  }

  /** The JDBC URL. */
  String url() {
    return url;
  }

  /** The user, if there is one. */
  Optional<String> user() {
    return Optional.ofNullable(session.get("user"));
  }

  /** The database that unqualified names are resolved in, if one is set. */
  Optional<String> database() {
    return Optional.ofNullable(session.get("db"));
  }

  /** The schema that unqualified names are resolved in, if one is set. */
  Optional<String> schema() {
    return Optional.ofNullable(session.get("schema"));
  }

  /** How long a login, or a connection, is waited for. */
  Duration loginTimeout() {
    return loginTimeout;
  }

  /** Whether the user logs in by a key. */
  boolean hasKeyPair() {
    return credentials instanceof Credentials.KeyPair;
  }

  /**
   * The user's private key, looked up now.
   *
   * @throws IllegalArgumentException if the user logs in otherwise, or the key is not there
   */
  PrivateKey privateKey() {
    if (credentials instanceof Credentials.KeyPair pair) {
      return pair.key();
    }
    throw new IllegalArgumentException("Cannot sign for " + this + ": withKeyPair is required.");
  }

  private List<@Nullable Object> state() {
    return Arrays.asList(url, session, credentials, staging, storageIntegration, loginTimeout);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SnowflakeConnection connection && connection.state().equals(state());
  }

  @Override
  public int hashCode() {
    return Objects.hash(url, session, credentials, staging, storageIntegration, loginTimeout);
  }

  /** Host and user; no secret. */
  @Override
  public String toString() {
    String host = url.substring(PREFIX.length()).replaceFirst("[/?].*$", "");
    return String.format(
        Locale.ROOT, "Snowflake at %s as user %s", host, session.getOrDefault("user", "(none)"));
  }
}
