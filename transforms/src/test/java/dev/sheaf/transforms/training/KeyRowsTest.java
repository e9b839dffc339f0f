package dev.sheaf.transforms.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.KeyReport;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.RowLimit;
import dev.sheaf.models.train.TrainingStatus;
import dev.sheaf.models.train.linear.Linear;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class KeyRowsTest {
  private static final int MORE_THAN_FIT = Integer.MAX_VALUE - 8;

  /** Rows that are all alike take a few bytes packed, and more than the heap unpacked. */
  private static byte[] packed() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(0xB1);
    out.writeByte(2);
    out.writeInt(1);
    out.writeInt(MORE_THAN_FIT);
    out.writeInt(0);
    out.writeByte(0x11);
    out.writeByte(5);
    return bytes.toByteArray();
  }

  @Test
  void aLackOfMemoryWhileASampleIsCutEndsInTheReport() throws IOException {
    RowLimit limit = RowLimit.sampleAbove(10, 0);
    KeyRows rows = new KeyRows(limit);
    byte[] page = packed();
    rows.add(MORE_THAN_FIT, page, 0, page.length);
    rows.add(7, page, 0, page.length);
    assertEquals(0, rows.bytes());
    TableSchema schema = new TableSchema(List.of(new Feature("A", FeatureType.FLOAT)), "Y");
    KeyReport report =
        KeyTrainer.of(Linear.regression(), Holdout.none(), schema)
            .withRowLimit(limit)
            .train("7", rows.blocks())
            .report();
    assertEquals(TrainingStatus.FAILED, report.status());
    assertTrue(report.reason().startsWith("not enough memory after 0 rows: "), report.reason());
    assertEquals(MORE_THAN_FIT + 7L, rows.seen());
  }
}
