package dev.sheaf.models.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Models with inputs and the outputs that they must give: ONNX's own node tests ({@code
 * node_vectors}) and cases with an {@code io.npz} ({@code tract_cases}).
 *
 * <p>Of the latter the expected numbers count alone, not their names, dimensions and width, which
 * that project squeezes. Other modules' tests see this class by the dependency {@code
 * dev.sheaf:sheaf-models} of type {@code test-jar} and scope {@code test}.
 *
 * <pre>{@code
 * for (OnnxVectors.Case vector : OnnxVectors.in(Path.of(System.getenv("SHEAF_DATA"), "onnx"))) {
 *   Map<String, OnnxOutput> actual = ...; // of vector.model() with vector.inputs()
 *   vector.check(actual); // an AssertionError if it differs
 * }
 * }</pre>
 */
public final class OnnxVectors {
  private static final Pattern NUMPY =
      Pattern.compile("'descr': '(.*?)', 'fortran_order': False, 'shape': \\((.*?),?\\)");

  private static final ObjectMapper JSON = new ObjectMapper();

  private OnnxVectors() {}

  /** What of an output is compared. */
  public enum Likeness {
    /** The name, the type, the shape and the elements. */
    EXACT,
    /** The elements as numbers, of the only output. */
    NUMBERS
  }

  /**
   * A model with one set of inputs and outputs.
   *
   * @param name of the folder
   * @param model the file
   * @param inputs by name; sequences and nothing are among them, not tensors alone
   * @param outputs by name
   * @param relative how far a float may differ from the expected one, as part of it
   * @param absolute how much further it may differ
   * @param likeness what else must be equal
   */
  public record Case(
      String name,
      Path model,
      Map<String, OnnxOutput> inputs,
      Map<String, OnnxOutput> outputs,
      double relative,
      double absolute,
      Likeness likeness) {

    /** The inputs if all are tensors. */
    public Map<String, Tensor> tensors() {
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      inputs.forEach((input, value) -> tensors.put(input, value.tensor()));
      return tensors;
    }

    /** Whether all inputs are tensors. */
    public boolean takesTensors() {
      return inputs.values().stream().allMatch(OnnxOutput.OfTensor.class::isInstance);
    }

    /**
     * Compares outputs with the expected ones.
     *
     * @throws AssertionError naming the first difference
     */
    public void check(Map<String, OnnxOutput> actual) {
      outputs.forEach(
          (output, expected) -> {
            OnnxOutput found =
                likeness == Likeness.NUMBERS && actual.size() == 1
                    ? actual.values().iterator().next()
                    : actual.get(output);
            if (found == null) {
              throw new AssertionError(name + ": no output " + output + " in " + actual.keySet());
            }
            compare(output, expected, found);
          });
    }

    private void compare(String where, OnnxOutput expected, OnnxOutput found) {
      if (expected instanceof OnnxOutput.OfTensor one && found instanceof OnnxOutput.OfTensor two) {
        compare(where, one.tensor(), two.tensor());
      } else if (expected instanceof OnnxOutput.OfSequence one
          && found instanceof OnnxOutput.OfSequence two
          && one.elements().size() == two.elements().size()) {
        for (int i = 0; i < one.elements().size(); i++) {
          compare(where + "[" + i + "]", one.elements().get(i), two.elements().get(i));
        }
      } else if (!expected.equals(found)) {
        throw new AssertionError(name + ": " + where + " is " + found + ", expected " + expected);
      }
    }

    private void compare(String where, Tensor expected, Tensor found) {
      boolean alike =
          likeness == Likeness.EXACT
              ? expected.toString().equals(found.toString())
              : expected.elements() == found.elements();
      if (!alike) {
        throw new AssertionError(name + ": " + where + " is " + found + ", expected " + expected);
      }
      if (!expected.type().isFloat()) {
        if (!expected.equals(found)) {
          throw new AssertionError(name + ": " + where + " has other elements");
        }
        return;
      }
      double[] one = expected.doubles();
      double[] two = found.doubles();
      for (int i = 0; i < one.length; i++) {
        boolean same = Double.compare(one[i], two[i]) == 0 || one[i] == two[i];
        if (!same && !(Math.abs(one[i] - two[i]) <= absolute + relative * Math.abs(one[i]))) {
          throw new AssertionError(
              name + ": " + where + "[" + i + "] is " + two[i] + ", expected " + one[i]);
        }
      }
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** All cases of the folders {@code node_vectors} and {@code tract_cases}, by name. */
  public static List<Case> in(Path onnx) throws IOException {
    List<Case> cases = new ArrayList<>();
    for (Path folder : folders(onnx.resolve("node_vectors"))) {
      for (Path set : folders(folder)) {
        cases.add(node(folder, set));
      }
    }
    for (Path folder : folders(onnx.resolve("tract_cases"))) {
      if (Files.exists(folder.resolve("io.npz"))) {
        cases.add(numpy(folder));
      }
    }
    return cases;
  }

  private static List<Path> folders(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children.filter(Files::isDirectory).sorted().toList();
    }
  }

  private static Case node(Path folder, Path set) throws IOException {
    Path file = folder.resolve("model.onnx");
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
    JsonNode tolerance = JSON.readTree(folder.resolve("tol.json").toFile());
    return new Case(
        folder.getFileName().toString(),
        file,
        values(inputs(model), set, "input_"),
        values(model.getGraph().getOutputList(), set, "output_"),
        tolerance.get("rtol").asDouble(),
        tolerance.get("atol").asDouble(),
        Likeness.EXACT);
  }

  private static List<ValueInfoProto> inputs(ModelProto model) {
    Set<String> given = new HashSet<>();
    model.getGraph().getInitializerList().forEach(tensor -> given.add(tensor.getName()));
    return model.getGraph().getInputList().stream()
        .filter(input -> !given.contains(input.getName()))
        .toList();
  }

  private static Map<String, OnnxOutput> values(
      List<ValueInfoProto> declared, Path set, String prefix) throws IOException {
    Map<String, OnnxOutput> values = new LinkedHashMap<>();
    for (int i = 0; i < declared.size(); i++) {
      Path file = set.resolve(prefix + i + ".pb");
      if (Files.exists(file)) {
        values.put(
            declared.get(i).getName(),
            value(declared.get(i).getType(), ByteString.copyFrom(Files.readAllBytes(file))));
      }
    }
    return values;
  }

  private static OnnxOutput value(TypeProto type, ByteString bytes) throws IOException {
    return switch (type.getValueCase()) {
      case SEQUENCE_TYPE -> sequence(bytes);
      case OPTIONAL_TYPE -> optional(bytes);
      default -> new OnnxOutput.OfTensor(TensorProtos.read(TensorProto.parseFrom(bytes)));
    };
  }

  /** onnx.proto: {@code SequenceProto}; 3 tensors, 5 sequences. */
  private static OnnxOutput sequence(ByteString bytes) throws IOException {
    List<OnnxOutput> elements = new ArrayList<>();
    CodedInputStream in = bytes.newCodedInput();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 3 ->
            elements.add(
                new OnnxOutput.OfTensor(TensorProtos.read(TensorProto.parseFrom(in.readBytes()))));
        case 5 -> elements.add(sequence(in.readBytes()));
        default -> in.skipField(tag);
      }
    }
    return new OnnxOutput.OfSequence(elements);
  }

  /** onnx.proto: {@code OptionalProto}; 3 a tensor, 5 a sequence, 7 an optional. */
  private static OnnxOutput optional(ByteString bytes) throws IOException {
    CodedInputStream in = bytes.newCodedInput();
    OnnxOutput value = new OnnxOutput.OfNothing();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      switch (WireFormat.getTagFieldNumber(tag)) {
        case 3 ->
            value =
                new OnnxOutput.OfTensor(TensorProtos.read(TensorProto.parseFrom(in.readBytes())));
        case 5 -> value = sequence(in.readBytes());
        case 7 -> value = optional(in.readBytes());
        default -> in.skipField(tag);
      }
    }
    return value;
  }

  private static Case numpy(Path folder) throws IOException {
    Path file = folder.resolve("model.onnx");
    ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
    Map<String, Tensor> arrays = arrays(folder.resolve("io.npz"));
    Map<String, OnnxOutput> inputs = new LinkedHashMap<>();
    for (ValueInfoProto input : inputs(model)) {
      inputs.put(input.getName(), new OnnxOutput.OfTensor(arrays.remove(input.getName())));
    }
    Map<String, OnnxOutput> outputs = new LinkedHashMap<>();
    arrays.forEach((name, array) -> outputs.put(name, new OnnxOutput.OfTensor(array)));
    return new Case(
        folder.getFileName().toString(), file, inputs, outputs, 1e-3, 1e-5, Likeness.NUMBERS);
  }

  /** numpy's format: magic, version, the length of a header in Python's syntax, the elements. */
  private static Map<String, Tensor> arrays(Path file) throws IOException {
    Map<String, Tensor> arrays = new LinkedHashMap<>();
    try (ZipInputStream zip =
        new ZipInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        ByteBuffer bytes = ByteBuffer.wrap(zip.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
        int length = bytes.position(8).getShort();
        byte[] header = new byte[length];
        bytes.get(header);
        arrays.put(
            entry.getName().replace(".npy", ""),
            array(new String(header, StandardCharsets.US_ASCII), bytes));
      }
    }
    return arrays;
  }

  private static Tensor array(String header, ByteBuffer elements) {
    Matcher matcher = NUMPY.matcher(header);
    if (!matcher.find()) {
      throw new IllegalArgumentException("cannot read a numpy array of " + header);
    }
    TensorType type =
        switch (matcher.group(1)) {
          case "<f4" -> TensorType.FLOAT;
          case "<f8" -> TensorType.DOUBLE;
          case "|u1" -> TensorType.UINT8;
          case "<i8" -> TensorType.INT64;
          default -> throw new IllegalArgumentException("cannot read an array of " + header);
        };
    long[] shape =
        Stream.of(matcher.group(2).split(","))
            .map(String::strip)
            .filter(text -> !text.isEmpty())
            .mapToLong(Long::parseLong)
            .toArray();
    return Tensor.ofBuffer(type, elements, shape);
  }
}
