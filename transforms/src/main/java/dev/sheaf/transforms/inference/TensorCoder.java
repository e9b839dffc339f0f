package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.Tensor;
import dev.sheaf.models.onnx.TensorType;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.CoderException;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.util.VarInt;

/** Writes the type, the shape and the elements of a tensor, bits unchanged; deterministic. */
final class TensorCoder extends AtomicCoder<Tensor> {
  private static final long serialVersionUID = 1L;
  private static final TensorCoder INSTANCE = new TensorCoder();
  private static final TensorType[] TYPES = TensorType.values();
  private static final int LARGEST_RANK = 1 << 10;

  static TensorCoder of() {
    return INSTANCE;
  }

  @Override
  public void encode(Tensor tensor, OutputStream out) throws IOException {
    StringUtf8Coder.of().encode(tensor.type().name(), out);
    long[] shape = tensor.shape();
    VarInt.encode(shape.length, out);
    for (long dimension : shape) {
      VarInt.encode(dimension, out);
    }
    if (tensor.type().isText()) {
      for (String text : tensor.strings()) {
        StringUtf8Coder.of().encode(text, out);
      }
    } else {
      out.write(littleEndian(tensor));
    }
  }

  private static byte[] littleEndian(Tensor tensor) {
    ByteBuffer buffer = tensor.bytes();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    swapFromNative(bytes, tensor.type().elementBytes());
    return bytes;
  }

  /** Between this machine's byte order and little endian, in place. */
  private static void swapFromNative(byte[] bytes, int width) {
    if (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
      return;
    }
    for (int from = 0; from < bytes.length; from += width) {
      for (int i = from, j = from + width - 1; i < j; i++, j--) {
        byte swapped = bytes[i];
        bytes[i] = bytes[j];
        bytes[j] = swapped;
      }
    }
  }

  @Override
  public Tensor decode(InputStream in) throws IOException {
    TensorType type = type(StringUtf8Coder.of().decode(in));
    int rank = VarInt.decodeInt(in);
    if (rank < 0 || rank > LARGEST_RANK) {
      throw new CoderException("a tensor of " + rank + " dimensions");
    }
    long[] shape = new long[rank];
    long elements = 1;
    for (int i = 0; i < rank; i++) {
      shape[i] = VarInt.decodeLong(in);
      elements = Math.multiplyExact(elements, shape[i]);
    }
    if (type.isText()) {
      String[] texts = new String[Math.toIntExact(elements)];
      for (int i = 0; i < texts.length; i++) {
        texts[i] = StringUtf8Coder.of().decode(in);
      }
      return Tensor.of(texts, shape);
    }
    byte[] bytes = new byte[Math.toIntExact(elements * type.elementBytes())];
    new DataInputStream(in).readFully(bytes);
    swapFromNative(bytes, type.elementBytes());
    return Tensor.ofBuffer(type, ByteBuffer.wrap(bytes), shape);
  }

  private static TensorType type(String name) throws CoderException {
    for (TensorType type : TYPES) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw new CoderException("a tensor of unknown type " + name);
  }

  @Override
  public void verifyDeterministic() {}

  @Override
  public boolean consistentWithEquals() {
    return true;
  }
}
