package dev.sheaf.models.onnx;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.sheaf.models.table.CalendarPart;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.TableSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a model says about itself, kept in the ONNX file as {@code metadata_props}.
 *
 * <p>The properties are {@code key}, {@code label}, {@code features} (JSON: {@code
 * [{"name":"A","type":"INTEGER"}]}, dates with their {@code parts}), {@code classes} (JSON array;
 * only of a classifier), {@code trainer}, {@code parameters} (JSON object), {@code training_rows}
 * and {@code holdout}. {@link #PARITY_ERROR} follows when the model has been checked, {@link
 * #TRAINING_WINDOW} where the holdout goes by order, and {@link #VERSION} when it is published.
 *
 * @param key the key that the model was trained for
 * @param label the column that it predicts
 * @param features the inputs in order
 * @param classes the classes that it gives probabilities for, in their order; empty for a
 *     regression
 * @param trainer the trainer's name
 * @param parameters the trainer's parameters
 * @param trainingRows the number of rows trained on
 * @param holdout the text of the holdout that was kept from training
 */
public record ModelMetadata(
    String key,
    String label,
    List<Feature> features,
    List<String> classes,
    String trainer,
    Map<String, String> parameters,
    long trainingRows,
    String holdout) {
  /** The property for the version that a model was published in. */
  public static final String VERSION = "version";

  /** The property for the largest relative difference to the trainer's own predictions. */
  public static final String PARITY_ERROR = "parity_error";

  /**
   * The property for what the rows trained on span, by the column that the holdout goes by: JSON
   * such as {@code {"column":"DAY","first":"2026-01-01","last":"2026-10-31"}}; absent of a holdout
   * that does not go by order.
   */
  public static final String TRAINING_WINDOW = "training_window";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Field 14 of ModelProto, repeated StringStringEntryProto (onnx.proto). */
  static final int METADATA_FIELD = 14;

  private static final int KEY_FIELD = 1;
  private static final int VALUE_FIELD = 2;

  static final String FEATURES = "features";
  static final String CLASSES = "classes";
  private static final String NAME = "name";
  private static final String TYPE = "type";
  private static final String PARTS = "parts";

  public ModelMetadata {
    features = List.copyOf(features);
    classes = List.copyOf(classes);
    parameters = Map.copyOf(parameters);
  }

  /** What a model that predicts a number says about itself. */
  public ModelMetadata(
      String key,
      String label,
      List<Feature> features,
      String trainer,
      Map<String, String> parameters,
      long trainingRows,
      String holdout) {
    this(key, label, features, List.of(), trainer, parameters, trainingRows, holdout);
  }

  /**
   * Refuses metadata that is not of a model with this schema.
   *
   * @throws IllegalArgumentException if the features differ
   */
  public void check(TableSchema schema) {
    if (!features.equals(schema.features())) {
      throw new IllegalArgumentException(
          "cannot export a model of the features "
              + schema.featureNames()
              + " with metadata of "
              + features);
    }
  }

  /** The properties in a fixed order. */
  public Map<String, String> properties() {
    List<Map<String, Object>> described = new ArrayList<>();
    for (Feature feature : features) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put(NAME, feature.name());
      entry.put(TYPE, feature.type().name());
      if (!feature.parts().isEmpty()) {
        entry.put(PARTS, feature.parts().stream().map(CalendarPart::text).toList());
      }
      described.add(entry);
    }
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("key", key);
    properties.put("label", label);
    properties.put(FEATURES, json(described));
    if (!classes.isEmpty()) {
      properties.put(CLASSES, json(classes));
    }
    properties.put("trainer", trainer);
    properties.put("parameters", json(new TreeMap<>(parameters)));
    properties.put("training_rows", Long.toString(trainingRows));
    properties.put("holdout", holdout);
    return properties;
  }

  /**
   * The same model with one more property.
   *
   * <p>The model is not parsed: serialized protobuf messages of one type merge when they are
   * joined, and repeated fields then hold the elements of both (Protocol Buffers encoding, "Last
   * One Wins"). Where a name is given twice, readers see the later value.
   *
   * @param onnx a serialized ONNX model
   */
  public static byte[] withProperty(byte[] onnx, String name, String value) {
    try {
      ByteArrayOutputStream entryBytes = new ByteArrayOutputStream();
      CodedOutputStream entry = CodedOutputStream.newInstance(entryBytes);
      entry.writeString(KEY_FIELD, name);
      entry.writeString(VALUE_FIELD, value);
      entry.flush();
      ByteArrayOutputStream joined = new ByteArrayOutputStream(onnx.length + entryBytes.size() + 8);
      joined.write(onnx);
      CodedOutputStream model = CodedOutputStream.newInstance(joined);
      model.writeByteArray(METADATA_FIELD, entryBytes.toByteArray());
      model.flush();
      return joined.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * All metadata properties of a model, without reading its graph.
   *
   * @throws IllegalArgumentException if the bytes are no ONNX model
   */
  public static Map<String, String> read(byte[] onnx) {
    try {
      CodedInputStream in = CodedInputStream.newInstance(onnx);
      Map<String, String> properties = new LinkedHashMap<>();
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        if (tag == lengthDelimited(METADATA_FIELD)) {
          readEntry(CodedInputStream.newInstance(in.readByteArray()), properties);
        } else if (!in.skipField(tag)) {
          throw new IllegalArgumentException("cannot read an ONNX model: unexpected tag " + tag);
        }
      }
      return properties;
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read an ONNX model: " + e.getMessage(), e);
    }
  }

  /**
   * The features that a model's properties tell of; empty if they tell of none.
   *
   * @throws IllegalArgumentException if they are not written as {@link #properties()} does
   */
  static List<Feature> features(Map<String, String> properties) {
    List<Feature> features = new ArrayList<>();
    for (JsonNode entry : array(properties, FEATURES)) {
      List<CalendarPart> parts = new ArrayList<>();
      entry
          .path(PARTS)
          .forEach(part -> parts.add(CalendarPart.valueOf(part.asText().toUpperCase(Locale.ROOT))));
      features.add(
          new Feature(
              entry.path(NAME).asText(), FeatureType.valueOf(entry.path(TYPE).asText()), parts));
    }
    return features;
  }

  /** The classes that a model's properties tell of; empty if they tell of none. */
  static List<String> classes(Map<String, String> properties) {
    List<String> classes = new ArrayList<>();
    array(properties, CLASSES).forEach(name -> classes.add(name.asText()));
    return classes;
  }

  private static JsonNode array(Map<String, String> properties, String name) {
    String text = properties.get(name);
    try {
      return text == null ? JSON.createArrayNode() : JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "cannot read the property '" + name + "' of a model: " + e.getOriginalMessage(), e);
    }
  }

  static void readEntry(CodedInputStream in, Map<String, String> into) throws IOException {
    String name = "";
    String value = "";
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == lengthDelimited(KEY_FIELD)) {
        name = in.readString();
      } else if (tag == lengthDelimited(VALUE_FIELD)) {
        value = in.readString();
      } else {
        in.skipField(tag);
      }
    }
    into.put(name, value);
  }

  /** The tag of a field that says how many bytes it has. */
  static int lengthDelimited(int field) {
    return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
