package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.beam.sdk.util.SerializableUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretTest {
  @Test
  void aFileIsReadLateWithoutItsLastLineBreak(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("secret");
    Secret secret = Secret.fromFile(file);
    Files.writeString(file, "two\nlines\r\n");
    assertEquals("two\nlines", secret.reveal());
    byte[] serialized = SerializableUtils.serializeToByteArray(secret);
    assertFalse(new String(serialized, StandardCharsets.ISO_8859_1).contains("two"));
    assertEquals(secret, SerializableUtils.clone(secret));
  }

  @Test
  void aMissingFileIsNamed(@TempDir Path folder) {
    Secret secret = Secret.fromFile(folder.resolve("none"));
    String message = assertThrows(IllegalArgumentException.class, secret::reveal).getMessage();
    assertEquals(
        "Cannot read a secret: the file "
            + folder.resolve("none")
            + " cannot be read as UTF-8 text.",
        message);
  }

  @Test
  void anEnvironmentVariableIsReadLate() {
    assertEquals(System.getenv("PATH"), Secret.fromEnvironment("PATH").reveal());
    Secret missing = Secret.fromEnvironment("SHEAF_NO_SUCH_VARIABLE");
    assertEquals(
        "Cannot read a secret: the environment variable SHEAF_NO_SUCH_VARIABLE is not set.",
        assertThrows(IllegalArgumentException.class, missing::reveal).getMessage());
    assertThrows(IllegalArgumentException.class, () -> Secret.fromEnvironment(" "));
  }

  @Test
  void aTextIsNeverPrinted() {
    Secret secret = Secret.of("open sesame");
    assertEquals("***", secret.toString());
    assertEquals(Secret.of("open sesame"), secret);
    assertNotEquals(Secret.of("other"), secret);
    SnowflakeConnection connection =
        SnowflakeConnection.to("acme-retail").withUser("ali").withPassword(secret);
    assertEquals(
        "Snowflake at acme-retail.snowflakecomputing.com as user ali", connection.toString());
    assertTrue(connection.equals(SerializableUtils.clone(connection)));
  }
}
