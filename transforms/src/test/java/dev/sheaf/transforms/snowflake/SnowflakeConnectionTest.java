package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SnowflakeConnectionTest {
  private static final SnowflakeConnection ACME =
      SnowflakeConnection.to("acme").withUser("u").withPassword(Secret.of("p"));

  @ParameterizedTest
  @ValueSource(strings = {"", "http://acme", "jdbc:duckdb:", "acme/path"})
  void anAddressIsAnAccountAHostOrAUrl(String address) {
    String message = Refusals.of(() -> SnowflakeConnection.to(address));
    assertTrue(message.endsWith("found: " + address), message);
  }

  @ParameterizedTest
  @CsvSource({
    "acme, acme.snowflakecomputing.com",
    "xy12345.eu-central-1, xy12345.eu-central-1.snowflakecomputing.com",
    "xy12345.us-east-2.aws, xy12345.us-east-2.aws.snowflakecomputing.com",
    "acme.snowflakecomputing.com, acme.snowflakecomputing.com",
    "ACME.SnowflakeComputing.COM, ACME.SnowflakeComputing.COM",
    "acme.snowflakecomputing.cn, acme.snowflakecomputing.cn",
    "snowflake.example.com:443, snowflake.example.com:443",
    "localhost, localhost",
    "127.0.0.1, 127.0.0.1"
  })
  void anAccountGetsSnowflakesDomainAndAHostDoesNot(String address, String host) {
    assertEquals(
        "Snowflake at " + host + " as user (none)", SnowflakeConnection.to(address).toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "?", "[", "]", "{", "}", "\\", "'"})
  void aStagingFolderHasNoCharacterOfAPattern(String character) {
    for (String folder : List.of("/tmp/a" + character, "s3://bucket/a" + character + "b/")) {
      String message = Refusals.of(() -> ACME.withStaging(folder));
      assertTrue(message.contains("without any of the characters * ? [ ] { } \\ '"), message);
      assertTrue(message.endsWith("found: " + folder), message);
    }
  }

  @Test
  void aUrlHoldsNoSecret() {
    String message =
        Refusals.of(() -> SnowflakeConnection.to("jdbc:snowflake://acme/?user=u&PASSWORD=open"));
    assertTrue(message.contains("withPassword"), message);
    assertTrue(!message.contains("open"), message);
  }

  @Test
  void userAndCredentialsAreRequired() {
    assertEquals(
        "Cannot connect to Snowflake at acme.snowflakecomputing.com as user (none): withUser and one"
            + " of withPassword and withKeyPair are required.",
        Refusals.of(() -> SnowflakeConnection.to("acme").open()));
    Refusals.of(() -> SnowflakeConnection.to("acme").withUser("u").open());
  }

  @Test
  void stagingIsAFolderThatBothSidesReach() {
    assertEquals("/tmp/x/", ACME.withStaging("/tmp/x").staging());
    assertEquals("s3://bucket/x/", ACME.withStaging("s3://bucket/x/").staging());
    assertTrue(Refusals.of(() -> ACME.withStaging("here")).endsWith("found: here"));
    assertTrue(Refusals.of(() -> ACME.withStaging("/it's")).endsWith("found: /it's"));
    assertTrue(Refusals.of(ACME::staging).endsWith("withStaging is required."));
  }

  @Test
  void cloudStagingNeedsAnIntegration() {
    SnowflakeConnection cloud = ACME.withStaging("gs://bucket");
    assertTrue(
        Refusals.of(cloud::storageIntegration).endsWith("withStorageIntegration is required."));
    assertEquals("\"SI\"", cloud.withStorageIntegration("si").storageIntegration());
    assertTrue(Refusals.of(() -> cloud.withStorageIntegration("a b")).contains("found: a b"));
  }

  @Test
  void aLoginTimeoutIsBounded() {
    Refusals.of(() -> ACME.withLoginTimeout(Duration.ZERO));
    assertTrue(
        Refusals.of(() -> ACME.withLoginTimeout(Duration.ofDays(1))).endsWith("found: PT24H"));
  }

  @Test
  void namesAreNotEmpty() {
    assertTrue(Refusals.of(() -> ACME.withUser("")).startsWith("withUser "));
    assertTrue(Refusals.of(() -> ACME.withDatabase(" ")).startsWith("withDatabase "));
    assertTrue(Refusals.of(() -> ACME.withSchema("")).startsWith("withSchema "));
    assertTrue(Refusals.of(() -> ACME.withWarehouse("")).startsWith("withWarehouse "));
    assertTrue(Refusals.of(() -> ACME.withRole("")).startsWith("withRole "));
  }

  @Test
  void aKeyThatIsNoneIsAnAuthenticationError() {
    SnowflakeException e =
        assertThrows(
            SnowflakeException.class,
            () ->
                SnowflakeConnection.to("acme")
                    .withUser("u")
                    .withKeyPair(Secret.of("no key"))
                    .open());
    assertEquals(SnowflakeException.Kind.AUTHENTICATION, e.kind());
  }

  @Test
  void aServerThatIsDownFailsInSeconds() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    SnowflakeConnection down =
        SnowflakeConnection.to("jdbc:snowflake://127.0.0.1:" + port + "/?ssl=off&account=local")
            .withUser("u")
            .withPassword(Secret.of("p"))
            .withLoginTimeout(Duration.ofSeconds(2));
    SnowflakeException e =
        assertTimeoutPreemptively(
            Duration.ofSeconds(20), () -> assertThrows(SnowflakeException.class, down::open));
    String message = Refusals.message(e);
    assertEquals(SnowflakeException.Kind.UNREACHABLE, e.kind(), message);
    assertTrue(
        message.startsWith("Cannot connect to Snowflake at 127.0.0.1:" + port + " as user u: "),
        message);
    assertTrue(!message.contains("\n"), message);
  }
}
