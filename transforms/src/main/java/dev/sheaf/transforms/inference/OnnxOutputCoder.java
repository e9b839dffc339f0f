package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.OnnxOutput;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.beam.sdk.coders.AtomicCoder;
import org.apache.beam.sdk.coders.CoderException;
import org.apache.beam.sdk.coders.DoubleCoder;
import org.apache.beam.sdk.coders.FloatCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarLongCoder;
import org.apache.beam.sdk.util.VarInt;

/** Writes outputs of models; maps in the order in which the model gave them. */
final class OnnxOutputCoder extends AtomicCoder<OnnxOutput> {
  private static final long serialVersionUID = 1L;
  private static final OnnxOutputCoder INSTANCE = new OnnxOutputCoder();

  private static final int TENSOR = 1;
  private static final int SEQUENCE = 2;
  private static final int MAP = 3;
  private static final int NOTHING = 4;

  private static final int TEXT = 1;
  private static final int LONG = 2;
  private static final int FLOAT = 3;
  private static final int DOUBLE = 4;

  static OnnxOutputCoder of() {
    return INSTANCE;
  }

  @Override
  public void encode(OnnxOutput output, OutputStream out) throws IOException {
    if (output instanceof OnnxOutput.OfTensor tensor) {
      out.write(TENSOR);
      TensorCoder.of().encode(tensor.tensor(), out);
    } else if (output instanceof OnnxOutput.OfSequence sequence) {
      out.write(SEQUENCE);
      VarInt.encode(sequence.elements().size(), out);
      for (OnnxOutput element : sequence.elements()) {
        encode(element, out);
      }
    } else if (output instanceof OnnxOutput.OfMap map) {
      out.write(MAP);
      VarInt.encode(map.entries().size(), out);
      for (Map.Entry<Object, Object> entry : map.entries().entrySet()) {
        encodeScalar(entry.getKey(), out);
        encodeScalar(entry.getValue(), out);
      }
    } else {
      out.write(NOTHING);
    }
  }

  @Override
  public OnnxOutput decode(InputStream in) throws IOException {
    int kind = in.read();
    return switch (kind) {
      case TENSOR -> new OnnxOutput.OfTensor(TensorCoder.of().decode(in));
      case SEQUENCE -> {
        int size = VarInt.decodeInt(in);
        List<OnnxOutput> elements = new ArrayList<>();
        for (int i = 0; i < size; i++) {
          elements.add(decode(in));
        }
        yield new OnnxOutput.OfSequence(elements);
      }
      case MAP -> {
        int size = VarInt.decodeInt(in);
        Map<Object, Object> entries = new LinkedHashMap<>();
        for (int i = 0; i < size; i++) {
          Object key = decodeScalar(in);
          entries.put(key, decodeScalar(in));
        }
        yield new OnnxOutput.OfMap(entries);
      }
      case NOTHING -> new OnnxOutput.OfNothing();
      default -> throw new CoderException("an output of unknown kind " + kind);
    };
  }

  private static void encodeScalar(Object value, OutputStream out) throws IOException {
    if (value instanceof String text) {
      out.write(TEXT);
      StringUtf8Coder.of().encode(text, out);
    } else if (value instanceof Long whole) {
      out.write(LONG);
      VarLongCoder.of().encode(whole, out);
    } else if (value instanceof Float number) {
      out.write(FLOAT);
      FloatCoder.of().encode(number, out);
    } else if (value instanceof Double number) {
      out.write(DOUBLE);
      DoubleCoder.of().encode(number, out);
    } else {
      throw new CoderException("a map of a model may not hold a " + value.getClass().getName());
    }
  }

  private static Object decodeScalar(InputStream in) throws IOException {
    int kind = in.read();
    return switch (kind) {
      case TEXT -> StringUtf8Coder.of().decode(in);
      case LONG -> VarLongCoder.of().decode(in);
      case FLOAT -> FloatCoder.of().decode(in);
      case DOUBLE -> DoubleCoder.of().decode(in);
      default -> throw new CoderException("an entry of a map of unknown kind " + kind);
    };
  }

  @Override
  public void verifyDeterministic() throws NonDeterministicException {
    throw new NonDeterministicException(this, "equal maps may be written in different orders");
  }

  @Override
  public boolean consistentWithEquals() {
    return true;
  }
}
