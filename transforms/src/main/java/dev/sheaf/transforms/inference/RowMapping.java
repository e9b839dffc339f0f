package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.TensorSession;
import dev.sheaf.models.onnx.TensorSpec;
import dev.sheaf.transforms.rows.RowColumn;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.schemas.Schema.Field;
import org.apache.beam.sdk.schemas.Schema.FieldType;

/**
 * How columns become inputs and outputs columns, as the user tells; the rest is found by name.
 *
 * @param sources where inputs come from, by name
 * @param targets where outputs go; empty for each into a column of its name
 */
record RowMapping(
    Map<String, InputSource> sources,
    List<OutputTarget> targets,
    ColumnReader.Converting converting)
    implements Serializable {
  private static final List<Field> OF_THE_MODEL =
      List.of(
          Field.of("MODEL_ID", FieldType.STRING),
          Field.of("LAYER", FieldType.STRING),
          Field.of("SCORED_AT", ScoredAt.TYPE));

  RowMapping {
    sources = Map.copyOf(sources);
    targets = List.copyOf(targets);
  }

  static RowMapping byName() {
    return new RowMapping(Map.of(), List.of(), ColumnReader.Converting.NOTHING);
  }

  RowMapping with(String input, InputSource source) {
    if (sources.containsKey(input)) {
      throw new IllegalArgumentException(
          "withInput: the input '" + input + "' has a source already: " + sources.get(input));
    }
    Map<String, InputSource> changed = new LinkedHashMap<>(sources);
    changed.put(input, source);
    return new RowMapping(changed, targets, converting);
  }

  RowMapping with(OutputTarget target) {
    if (target.columns().isEmpty() || target.columns().stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException(
          "withOutput: names of columns are needed, found " + target.columns());
    }
    List<OutputTarget> changed = new ArrayList<>(targets);
    changed.add(target);
    return new RowMapping(sources, changed, converting);
  }

  RowMapping convertingNumbers() {
    return new RowMapping(sources, targets, ColumnReader.Converting.NUMBERS);
  }

  /**
   * The readers of a model's inputs.
   *
   * @throws IllegalArgumentException if one cannot be read
   */
  List<InputReader> readers(TensorSession session, Schema schema) {
    List<String> known =
        session.inputs().stream().map(TensorSpec::name).collect(Collectors.toList());
    for (String input : sources.keySet()) {
      if (!known.contains(input)) {
        throw new IllegalArgumentException(
            "withInput: the model has no input '" + input + "'; it has " + session.inputs());
      }
    }
    List<InputReader> readers = new ArrayList<>();
    for (TensorSpec spec : session.inputs()) {
      InputSource source = sources.get(spec.name());
      if (source != null) {
        readers.add(reader(spec, source, schema));
      } else if (!spec.optional() || has(schema, spec.name())) {
        readers.add(reader(spec, find(schema, spec), schema));
      }
    }
    return readers;
  }

  private static boolean has(Schema schema, String name) {
    return schema.getFieldNames().stream().anyMatch(name::equalsIgnoreCase);
  }

  private static InputSource find(Schema schema, TensorSpec spec) {
    if (!has(schema, spec.name())) {
      throw new IllegalArgumentException(
          "cannot read the input '"
              + spec
              + "': there is no column of its name; name its columns with withInput(\""
              + spec.name()
              + "\", ...); the columns are "
              + String.join(", ", schema.getFieldNames()));
    }
    return new InputSource.Columns(List.of(spec.name()));
  }

  private InputReader reader(TensorSpec spec, InputSource source, Schema schema) {
    if (source instanceof InputSource.Constant constant) {
      return InputReader.constant(spec, constant.value());
    } else if (source instanceof InputSource.Array array) {
      return InputReader.array(
          spec, column(schema, array.name(), spec), array.shape(), schema, converting);
    }
    List<String> names =
        ((InputSource.Columns) source)
            .names().stream().map(name -> column(schema, name, spec)).collect(Collectors.toList());
    boolean single = names.size() == 1;
    return single && RowShapes.isArray(schema.getField(names.get(0)).getType())
        ? InputReader.array(spec, names.get(0), null, schema, converting)
        : InputReader.columns(spec, names, schema, converting);
  }

  private static String column(Schema schema, String name, TensorSpec spec) {
    return RowColumn.find(schema, name, "the input '" + spec + "'").name();
  }

  /** Where outputs go, each named. */
  List<OutputTarget> targetsOf(TensorSession session) {
    for (OutputTarget target : targets) {
      if (!session.outputs().contains(target.output())) {
        throw new IllegalArgumentException(
            "withOutput: the model has no output '"
                + target.output()
                + "'; it has "
                + session.outputs());
      }
    }
    return targets.isEmpty()
        ? session.outputs().stream()
            .map(output -> new OutputTarget(output, List.of(output), null))
            .collect(Collectors.toList())
        : targets;
  }

  /**
   * The columns of the results: those of the input, of the outputs, of the model.
   *
   * @throws IllegalArgumentException if an output does not go into its columns, or two columns have
   *     one name
   */
  Schema schema(TensorSession session, Schema input) {
    return schema(
        input, targetsOf(session), target -> target.typeFor(session.output(target.output())));
  }

  /** As the other form, without a model: each output must have a type. */
  Schema schema(Schema input) {
    if (targets.isEmpty()) {
      throw new IllegalArgumentException(
          "checkedOnWorkers: columns and types of outputs are needed, found none; name them with"
              + " withOutput(output, column, type)");
    }
    return schema(input, targets, target -> target.typeFor(Optional.empty()));
  }

  private static Schema schema(
      Schema input,
      List<OutputTarget> targets,
      java.util.function.Function<OutputTarget, FieldType> types) {
    List<Field> added = new ArrayList<>();
    for (OutputTarget target : targets) {
      FieldType type = types.apply(target);
      target.columns().forEach(column -> added.add(Field.of(column, type)));
    }
    added.addAll(OF_THE_MODEL);
    Schema.Builder schema = Schema.builder().addFields(input.getFields());
    List<String> names = new ArrayList<>(input.getFieldNames());
    for (Field field : added) {
      if (names.stream().anyMatch(field.getName()::equalsIgnoreCase)) {
        throw new IllegalArgumentException(
            "InferRows cannot add the column "
                + field.getName()
                + ": there is one already; rename it, or the output's with withOutput; the columns"
                + " are "
                + String.join(", ", names));
      }
      names.add(field.getName());
      schema.addField(field);
    }
    return schema.build();
  }

  /** What takes the columns out of the outputs. */
  List<OutputColumns> columns(TensorSession session) {
    List<OutputColumns> columns = new ArrayList<>();
    for (OutputTarget target : targetsOf(session)) {
      FieldType type = target.typeFor(session.output(target.output()));
      List<FieldType> types =
          target.columns().stream().map(column -> type).collect(Collectors.toList());
      columns.add(new OutputColumns(target.output(), types));
    }
    return columns;
  }
}
