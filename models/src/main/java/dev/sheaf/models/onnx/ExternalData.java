package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The files beside a model that hold its weights, and how many bytes of each it reads.
 *
 * <p>A model is untrusted input: a file is named relative to the model's folder and lies in it.
 *
 * @param ends for each location as the model names it, the end of what it reads
 */
record ExternalData(Map<String, Long> ends) {
  /** What ONNX Runtime itself writes for weights at an address in memory. */
  private static final String MEMORY = "_ORT_MEM_ADDR_";

  private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:.*");

  /**
   * Reads where tensors lie.
   *
   * @throws OnnxFailure if one lies, or may lie, outside of the model's folder
   */
  static ExternalData of(List<TensorProto> tensors) {
    Map<String, Long> ends = new TreeMap<>();
    for (TensorProto tensor : tensors) {
      String location = checked(tensor, value(tensor, "location", ""));
      long offset = number(tensor, "offset", 0);
      long length = number(tensor, "length", bytes(tensor));
      if (offset > Long.MAX_VALUE - length) {
        throw refused(tensor, "ends at a byte beyond any file");
      }
      ends.merge(location, offset + length, Math::max);
    }
    return new ExternalData(ends);
  }

  private static String checked(TensorProto tensor, String location) {
    if (location.isBlank()
        || location.startsWith("/")
        || location.indexOf('\\') >= 0
        || location.indexOf('\0') >= 0
        || location.contains(MEMORY)
        || DRIVE.matcher(location).matches()) {
      throw outside(tensor, location);
    }
    for (String name : location.split("/", -1)) {
      if (name.isEmpty() || name.equals(".") || name.equals("..")) {
        throw outside(tensor, location);
      }
    }
    return location;
  }

  private static OnnxFailure outside(TensorProto tensor, String location) {
    return refused(
        tensor,
        "lies at \""
            + location
            + "\"; valid are names of files in the model's folder, without .. and without a / at"
            + " the beginning");
  }

  private static OnnxFailure refused(TensorProto tensor, String what) {
    return new OnnxFailure(
        "cannot load external data: the tensor '" + tensor.getName() + "' " + what);
  }

  private static String value(TensorProto tensor, String key, String otherwise) {
    for (StringStringEntryProto entry : tensor.getExternalDataList()) {
      if (entry.getKey().equals(key)) {
        return entry.getValue();
      }
    }
    return otherwise;
  }

  private static long number(TensorProto tensor, String key, long otherwise) {
    String text = value(tensor, key, Long.toString(otherwise));
    try {
      long number = Long.parseLong(text);
      if (number >= 0) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new OnnxFailure(
          "cannot load external data: the tensor '"
              + tensor.getName()
              + "' has the "
              + key
              + " \""
              + text
              + "\"; valid is a whole number of bytes",
          e);
    }
    throw refused(tensor, "has the " + key + " " + text + "; valid are 0 and more bytes");
  }

  /** The bytes that the tensor's shape takes; 0 where its type has none of its own. */
  private static long bytes(TensorProto tensor) {
    int width =
        TensorType.ofProtoNumber(tensor.getDataType()).map(TensorType::elementBytes).orElse(0);
    long bytes = width;
    for (long dimension : tensor.getDimsList()) {
      if (dimension < 0 || (dimension > 0 && bytes > Long.MAX_VALUE / dimension)) {
        throw refused(tensor, "has the shape " + tensor.getDimsList() + ", which no file holds");
      }
      bytes *= dimension;
    }
    return bytes;
  }

  boolean isEmpty() {
    return ends.isEmpty();
  }
}
