package dev.sheaf.transforms.inference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import org.apache.beam.model.pipeline.v1.SchemaApi;
import org.apache.beam.sdk.coders.RowCoder;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.FieldType;
import org.apache.beam.sdk.schemas.SchemaTranslation;
import org.apache.beam.sdk.schemas.logicaltypes.Timestamp;
import org.apache.beam.sdk.util.CoderUtils;
import org.apache.beam.sdk.values.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** It is Beam's own timestamp to whoever reads it. */
final class ScoredAtTest {
  private static final Schema OURS = Schema.builder().addField("AT", ScoredAt.TYPE).build();
  private static final Schema BEAMS =
      Schema.builder().addField("AT", FieldType.logicalType(Timestamp.NANOS)).build();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1970-01-01T00:00:00Z",
        "2026-11-22T13:20:00.123456789Z",
        "1969-12-31T23:59:59.999999999Z",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.000001Z"
      })
  void itIsEncodedAsBeamsOwn(Instant at) throws Exception {
    byte[] ours =
        CoderUtils.encodeToByteArray(RowCoder.of(OURS), Row.withSchema(OURS).addValue(at).build());
    Row beams = Row.withSchema(BEAMS).addValue(at).build();
    assertArrayEquals(CoderUtils.encodeToByteArray(RowCoder.of(BEAMS), beams), ours);
    assertEquals(beams, CoderUtils.decodeFromByteArray(RowCoder.of(BEAMS), ours));
    assertEquals(
        at,
        CoderUtils.decodeFromByteArray(RowCoder.of(OURS), ours)
            .getLogicalTypeValue("AT", Instant.class));
  }

  @Test
  void schemasWithItAreEqualToThoseWithBeamsOwnHereAndInOtherLanguages() {
    assertEquals(BEAMS, OURS);
    assertEquals(OURS, BEAMS);
    SchemaApi.LogicalType beams = portable(BEAMS);
    SchemaApi.LogicalType ours = portable(OURS);
    assertEquals(beams.getUrn(), ours.getUrn());
    assertEquals(beams.getArgument(), ours.getArgument());
    assertEquals(
        beams.getRepresentation().getRowType().getSchema().getFieldsList(),
        ours.getRepresentation().getRowType().getSchema().getFieldsList());
    assertEquals(
        BEAMS, SchemaTranslation.schemaFromProto(SchemaTranslation.schemaToProto(OURS, true)));
  }

  private static SchemaApi.LogicalType portable(Schema schema) {
    return SchemaTranslation.schemaToProto(schema, true).getFields(0).getType().getLogicalType();
  }
}
