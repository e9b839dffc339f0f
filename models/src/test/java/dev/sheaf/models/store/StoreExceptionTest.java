package dev.sheaf.models.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.sheaf.models.store.StoreException.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

final class StoreExceptionTest {
  @Test
  void whatTheFileSystemDidNotSayIsNoOutage() {
    assertEquals(Reason.REFUSAL, new StoreException("its version does not hold it").reason());
    assertEquals(
        Reason.DAMAGE,
        new StoreException("cannot load", new IllegalStateException("bug")).reason());
    assertEquals(
        Reason.OUTAGE,
        new StoreException(
                "cannot load", new UncheckedIOException(new IOException("connection reset")))
            .reason());
    assertEquals(
        Reason.OUTAGE, new StoreException("cannot load", new InterruptedException()).reason());
  }

  @Test
  void aFileThatIsMissingOrEndsEarlyIsDamaged() {
    assertEquals(
        Reason.DAMAGE, new StoreException("cannot load", new NoSuchFileException("f")).reason());
    assertEquals(
        Reason.DAMAGE,
        new StoreException("cannot load", new IOException("read", new EOFException())).reason());
    assertEquals(
        Reason.DAMAGE, new StoreException("cannot load", new DamageException("cut")).reason());
  }
}
