package dev.sheaf.models.onnx;

import static dev.sheaf.models.onnx.ModelMetadata.lengthDelimited;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Where the parts of a serialized model lie, found without reading its nodes. */
final class ModelBytes {
  // Fields of ModelProto, GraphProto and TensorProto (onnx.proto).
  private static final int GRAPH = 7;
  private static final int INITIALIZER = 5;
  private static final int NAME = 8;
  private static final int RAW_DATA = 9;
  private static final int DOUBLE_DATA = 10;

  private final byte[] onnx;
  private final Range graph;

  /** All but the graph and the properties. */
  private final byte[] rest;

  private final Map<String, String> properties;

  /** Some of the bytes: from one on, up to another that is not among them. */
  record Range(int from, int to) {
    int size() {
      return to - from;
    }
  }

  private ModelBytes(byte[] onnx, Range graph, byte[] rest, Map<String, String> properties) {
    this.onnx = onnx;
    this.graph = graph;
    this.rest = rest;
    this.properties = properties;
  }

  /** The parts of a model; null if it is damaged, or has no or several graphs to be merged. */
  static @Nullable ModelBytes of(byte[] onnx) {
    Map<String, String> properties = new LinkedHashMap<>();
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    Range graph = null;
    try {
      CodedInputStream in = CodedInputStream.newInstance(onnx);
      int start = 0;
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == lengthDelimited(ModelMetadata.METADATA_FIELD)) {
          ModelMetadata.readEntry(CodedInputStream.newInstance(in.readByteArray()), properties);
        } else if (tag == lengthDelimited(GRAPH)) {
          if (graph != null) {
            return null;
          }
          graph = skipped(in, 0);
        } else if (in.skipField(tag)) {
          rest.write(onnx, start, in.getTotalBytesRead() - start);
        } else {
          return null;
        }
        start = in.getTotalBytesRead();
      }
    } catch (IOException damaged) {
      return null;
    }
    return graph == null ? null : new ModelBytes(onnx, graph, rest.toByteArray(), properties);
  }

  /** Where a field lies that was just begun to be read, in bytes that start at {@code origin}. */
  private static Range skipped(CodedInputStream in, int origin) throws IOException {
    int size = in.readRawVarint32();
    int from = origin + in.getTotalBytesRead();
    in.skipRawBytes(size);
    return new Range(from, origin + in.getTotalBytesRead());
  }

  byte[] onnx() {
    return onnx;
  }

  Range graph() {
    return graph;
  }

  /**
   * Where the doubles of the graph's constants lie, by the constants' names, in their order; of
   * those alone that have all of them in one place.
   */
  Map<String, Range> doubles() {
    Map<String, Range> doubles = new LinkedHashMap<>();
    try {
      CodedInputStream in = CodedInputStream.newInstance(onnx, graph.from(), graph.size());
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == lengthDelimited(INITIALIZER)) {
          addDoubles(skipped(in, graph.from()), doubles);
        } else if (!in.skipField(tag)) {
          return Map.of();
        }
      }
    } catch (IOException damaged) {
      return Map.of();
    }
    return doubles;
  }

  private void addDoubles(Range constant, Map<String, Range> into) throws IOException {
    CodedInputStream in = CodedInputStream.newInstance(onnx, constant.from(), constant.size());
    String name = "";
    Range values = null;
    int places = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      int field = WireFormat.getTagFieldNumber(tag);
      if (tag == lengthDelimited(NAME)) {
        name = in.readString();
      } else if (field == RAW_DATA || field == DOUBLE_DATA) {
        places++;
        if (tag == lengthDelimited(field)) {
          values = skipped(in, constant.from());
        } else {
          in.skipField(tag);
        }
      } else {
        in.skipField(tag);
      }
    }
    if (values != null && places == 1) {
      into.put(name, values);
    }
  }

  /**
   * Whether everything is the same but the graph's bytes, and properties no template is made of.
   */
  boolean isLike(ModelBytes other) {
    return graph.size() == other.graph.size()
        && Arrays.equals(rest, other.rest)
        && hasSame(ModelMetadata.FEATURES, other)
        && hasSame(ModelMetadata.CLASSES, other);
  }

  private boolean hasSame(String property, ModelBytes other) {
    return Objects.equals(properties.get(property), other.properties.get(property));
  }
}
