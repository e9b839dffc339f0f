package dev.sheaf.models.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

final class TensorTest {
  @Test
  void everyTypeGivesBackItsElements() {
    assertArrayEquals(new float[] {1.5f, -2}, Tensor.of(new float[] {1.5f, -2}, 2).floats());
    assertArrayEquals(new double[] {3.5, -4}, Tensor.of(new double[] {3.5, -4}, 2).doubles());
    assertArrayEquals(new long[] {5, -6}, Tensor.of(new long[] {5, -6}, 2).longs());
    assertArrayEquals(new int[] {7, -8}, Tensor.of(new int[] {7, -8}, 2).ints());
    assertArrayEquals(new int[] {9, -10}, Tensor.of(new short[] {9, -10}, 2).ints());
    assertArrayEquals(new int[] {11, -12}, Tensor.of(new byte[] {11, -12}, 2).ints());
    assertArrayEquals(
        new boolean[] {true, false}, Tensor.of(new boolean[] {true, false}, 2).booleans());
    assertArrayEquals(new String[] {"a", ""}, Tensor.of(new String[] {"a", ""}, 2).strings());
  }

  @Test
  void unsignedBitsAreReadWithoutASign() {
    assertArrayEquals(
        new long[] {255}, Tensor.ofBits(TensorType.UINT8, new byte[] {-1}, 1).longs());
    assertArrayEquals(
        new long[] {65535}, Tensor.ofBits(TensorType.UINT16, new short[] {-1}, 1).longs());
    assertArrayEquals(
        new double[] {4294967295.0}, Tensor.ofBits(TensorType.UINT32, new int[] {-1}, 1).doubles());
    assertArrayEquals(
        new long[] {-1}, Tensor.ofBits(TensorType.UINT64, new long[] {-1}, 1).longs());
  }

  @Test
  void everyHalfSurvivesTheWayThroughAFloat() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = HalfFloats.fromHalf((short) bits);
      short back = HalfFloats.toHalf(value);
      if (Float.isNaN(value)) {
        assertTrue(Float.isNaN(HalfFloats.fromHalf(back)));
      } else {
        assertEquals((short) bits, back, () -> "half of the value " + value);
      }
      float upper = HalfFloats.fromBfloat((short) bits);
      if (Float.isNaN(upper)) {
        assertTrue(Float.isNaN(HalfFloats.fromBfloat(HalfFloats.toBfloat(upper))));
      } else {
        assertEquals((short) bits, HalfFloats.toBfloat(upper));
      }
    }
  }

  @Test
  void halvesAreRoundedToTheNearestWithTiesToEven() {
    assertEquals(0x3c00, HalfFloats.toHalf(1 + 0x1p-11f));
    assertEquals(0x3c02, HalfFloats.toHalf(1 + 3 * 0x1p-11f));
    assertEquals(0x3c01, HalfFloats.toHalf(Math.nextUp(1 + 0x1p-11f)));
    assertEquals(0x7bff, HalfFloats.toHalf(65519));
    assertEquals(0x7c00, HalfFloats.toHalf(65520));
    assertEquals(0x0001, HalfFloats.toHalf(0x1p-24f));
    assertEquals(0x0000, HalfFloats.toHalf(0x1p-25f));
    assertEquals((short) 0xfc00, HalfFloats.toHalf(Float.NEGATIVE_INFINITY));
    assertEquals((short) 0x8000, HalfFloats.toHalf(-0f));
    assertEquals(0x3f80, HalfFloats.toBfloat(1 + 0x1p-8f));
    assertEquals(0x3f82, HalfFloats.toBfloat(1 + 3 * 0x1p-8f));
    assertEquals(0x7f80, HalfFloats.toBfloat(Float.MAX_VALUE));
  }

  @Test
  void numbersBecomeAnyTypeThatHoldsThem() {
    assertEquals(
        Tensor.of(new float[] {1.5f, 2}, 2),
        Tensor.from(TensorType.FLOAT, new double[] {1.5, 2}, 2));
    assertArrayEquals(
        new float[] {1.5f}, Tensor.from(TensorType.FLOAT16, new double[] {1.5}, 1).floats());
    assertArrayEquals(
        new float[] {-2.5f}, Tensor.from(TensorType.BFLOAT16, new double[] {-2.5}, 1).floats());
    assertArrayEquals(
        new long[] {255, 0}, Tensor.from(TensorType.UINT8, new long[] {255, 0}, 2).longs());
    assertArrayEquals(
        new long[] {Long.MIN_VALUE},
        Tensor.from(TensorType.UINT64, new double[] {0x1p63}, 1).longs());
    assertArrayEquals(
        new boolean[] {true, false}, Tensor.from(TensorType.BOOL, new long[] {1, 0}, 2).booleans());
  }

  @Test
  void numbersThatATypeDoesNotHoldAreRefused() {
    refused(
        "cannot make a tensor of UINT8 from 256 at element 1: valid are whole numbers of 8 bits"
            + " without a sign",
        () -> Tensor.from(TensorType.UINT8, new long[] {1, 256}, 2));
    refused(
        "cannot make a tensor of INT64 from NaN at element 0: valid are whole numbers of 64 bits"
            + " with a sign",
        () -> Tensor.from(TensorType.INT64, new double[] {Double.NaN}, 1));
    refused(
        "cannot make a tensor of INT32 from 1.5 at element 0: valid are whole numbers of 32 bits"
            + " with a sign",
        () -> Tensor.from(TensorType.INT32, new double[] {1.5}, 1));
    refused(
        "cannot make a tensor of INT64 from 9.223372036854776E18 at element 0: valid are whole"
            + " numbers of 64 bits with a sign",
        () -> Tensor.from(TensorType.INT64, new double[] {0x1p63}, 1));
    refused(
        "cannot make a tensor of BOOL from 2 at element 0: valid are 0 and 1",
        () -> Tensor.from(TensorType.BOOL, new long[] {2}, 1));
  }

  @Test
  void aScalarHasNoDimensionsAndAnEmptyTensorNoElements() {
    Tensor scalar = Tensor.of(new long[] {31});
    assertEquals(0, scalar.rank());
    assertEquals(1, scalar.elements());
    assertEquals("int64[]", scalar.toString());
    Tensor empty = Tensor.of(new float[0], 0, 3);
    assertEquals(0, empty.elements());
    assertEquals(0, empty.byteSize());
    assertEquals("float[0,3]", empty.toString());
  }

  @Test
  void rowsAreTakenOutAndPutTogether() {
    Tensor all = Tensor.of(new int[] {1, 2, 3, 4, 5, 6}, 3, 2);
    assertEquals(Tensor.of(new int[] {3, 4, 5, 6}, 2, 2), all.slice(1, 2));
    assertEquals(all, Tensor.concat(List.of(all.slice(0, 1), all.slice(1, 2), all.slice(3, 0))));
    Tensor texts = Tensor.of(new String[] {"a", "b", "c"}, 3, 1);
    assertEquals(Tensor.of(new String[] {"b", "c"}, 2, 1), texts.slice(1, 2));
    assertEquals(texts, Tensor.concat(List.of(texts.slice(0, 2), texts.slice(2, 1))));
    assertEquals(Tensor.of(new int[] {1, 2, 3, 4, 5, 6}, 6), all.reshaped(6));
  }

  @Test
  void aDirectBufferIsNotCopied() {
    ByteBuffer buffer = ByteBuffer.allocateDirect(12).order(ByteOrder.nativeOrder());
    Tensor tensor = Tensor.ofBuffer(TensorType.FLOAT, buffer.position(4), 2);
    buffer.putFloat(4, 1.5f).putFloat(8, 2.5f);
    assertArrayEquals(new float[] {1.5f, 2.5f}, tensor.floats());
    assertTrue(tensor.bytes().isDirect());
    assertTrue(tensor.bytes().isReadOnly());
  }

  @Test
  void equalityIsOfTypeShapeAndBits() {
    assertEquals(Tensor.of(new float[] {Float.NaN}, 1), Tensor.of(new float[] {Float.NaN}, 1));
    assertNotEquals(Tensor.of(new float[] {0f}, 1), Tensor.of(new float[] {-0f}, 1));
    assertNotEquals(Tensor.of(new int[] {1}, 1), Tensor.of(new int[] {1}, 1, 1));
    assertNotEquals(
        Tensor.ofBits(TensorType.UINT8, new byte[] {1}, 1), Tensor.of(new byte[] {1}, 1));
    assertEquals(
        Tensor.of(new String[] {"a"}, 1).hashCode(), Tensor.of(new String[] {"a"}, 1).hashCode());
  }

  @Test
  void whatIsNoTensorIsRefused() {
    refused(
        "cannot make a tensor float[2,2] from 3 values: it has 4 elements",
        () -> Tensor.of(new float[3], 2, 2));
    refused(
        "cannot make a tensor of the shape [-1]: a dimension is 0 or more, found -1",
        () -> Tensor.of(new float[1], -1));
    refused(
        "cannot make a tensor of the shape [4294967296, 4294967296]: a tensor takes at most"
            + " 2147483647 bytes",
        () -> Tensor.of(new float[0], 1L << 32, 1L << 32));
    refused(
        "cannot make a tensor of texts: element 1 is null, and a model takes no null; an empty"
            + " text is one",
        () -> Tensor.of(new String[] {"a", null}, 2));
    refused(
        "cannot make a tensor float[2] over a buffer of 4 bytes: it takes exactly 8",
        () -> Tensor.ofBuffer(TensorType.FLOAT, ByteBuffer.allocate(4), 2));
    refused(
        "cannot make a tensor of UINT16 from 32-bit values: they are 16 bits wide",
        () -> Tensor.ofBits(TensorType.UINT16, new int[1], 1));
    refused(
        "cannot put together float[1] and float[1,1]: types and all dimensions but the first must"
            + " be equal",
        () -> Tensor.concat(List.of(Tensor.of(new float[1], 1), Tensor.of(new float[1], 1, 1))));
    IllegalStateException wrong =
        assertThrows(
            IllegalStateException.class, () -> Tensor.of(new long[] {1L << 60}, 1).doubles());
    assertEquals(
        "cannot read int64[1] as doubles: valid are the floats and the integers of up to 32 bits",
        wrong.getMessage());
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
