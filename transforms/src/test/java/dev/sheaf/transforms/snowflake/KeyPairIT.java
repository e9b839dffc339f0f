package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.sandbox.snowflake.SnowflakeServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Base64;
import org.apache.beam.sdk.util.SerializableUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Login by key pair with the real driver, the private key read from a file. */
final class KeyPairIT {
  @TempDir private Path folder = Path.of("");

  private static KeyPair pair() throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }

  private Path pem(KeyPair pair) throws Exception {
    String text =
        Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(pair.getPrivate().getEncoded());
    return Files.writeString(
        folder.resolve("key.p8"),
        "-----BEGIN PRIVATE KEY-----\n" + text + "\n-----END PRIVATE KEY-----\n");
  }

  @Test
  void theOwnerOfTheKeyIsLetInAndAnotherIsNot() throws Exception {
    KeyPair right = pair();
    KeyPair wrong = pair();
    try (SnowflakeServer server =
        SnowflakeServer.inMemory().withUser("robot", right.getPublic()).start()) {
      SnowflakeConnection connection =
          SnowflakeConnection.to(server.jdbcUrl())
              .withUser("robot")
              .withKeyPair(Secret.fromFile(pem(right)))
              .withDatabase("SANDBOX")
              .withSchema("PUBLIC")
              .withStaging(folder + "/");
      // As a worker gets it.
      SnowflakeConnection sent = SerializableUtils.clone(connection);
      try (Connection opened = sent.open();
          Statement statement = opened.createStatement();
          ResultSet rows = statement.executeQuery("select 7")) {
        assertTrue(rows.next());
        assertEquals(7, rows.getInt(1));
      }
      SnowflakeConnection other = connection.withKeyPair(Secret.fromFile(pem(wrong)));
      SnowflakeException refused = assertThrows(SnowflakeException.class, other::open);
      assertEquals(SnowflakeException.Kind.AUTHENTICATION, refused.kind());
    }
  }
}
