package dev.sheaf.transforms.snowflake;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sheaf.transforms.snowflake.SnowflakeException.Kind;
import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SnowflakeExceptionTest {
  @ParameterizedTest
  @CsvSource({
    "390100, 08001, AUTHENTICATION", // wrong user or password
    "390144, 08001, AUTHENTICATION", // wrong token
    "390111, 08001, UNREACHABLE", // the session is gone
    "390112, 08001, UNREACHABLE", // the session has expired
    "390114, 08001, UNREACHABLE", // so has what renews it
    "200014, 08006, UNREACHABLE", // network
    "2003, 02000, STATEMENT", // no such table
    "1003, 42000, STATEMENT" // no SQL
  })
  void theCodeTellsTheKind(int code, String state, Kind kind) {
    SnowflakeException e =
        SnowflakeException.of("Cannot do it", new SQLException(" it \n failed ", state, code));
    assertEquals(kind, e.kind());
    assertEquals("Cannot do it: it failed", e.getMessage());
  }

  @Test
  void aCauseThatIsOfTheNetworkTellsIt() {
    SQLException lost =
        new SQLException("lost", null, 0, new RuntimeException(new IOException("reset")));
    assertEquals(Kind.UNREACHABLE, SnowflakeException.of("Cannot", lost).kind());
  }
}
