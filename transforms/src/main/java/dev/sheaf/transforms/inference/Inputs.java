package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelWeights;
import dev.sheaf.models.onnx.TemplateRows;
import dev.sheaf.models.table.Feature;
import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.rows.FeatureReader;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.jspecify.annotations.Nullable;

/** Reads the inputs of models that have the same features out of rows, given by their columns. */
final class Inputs {
  private final List<Feature> features;
  private final FeatureReader[] readers;
  private final boolean[] texts;

  /** The place of each feature's column in a row. */
  private final int[] columns;

  /** Whether a feature is read off doubles as they are. */
  private final boolean[] plain;

  /**
   * Finds the columns.
   *
   * @throws IllegalArgumentException if one is missing or holds what the feature is not read off
   */
  Inputs(List<Feature> features, Schema schema) {
    this.features = features;
    this.readers = new FeatureReader[features.size()];
    this.texts = new boolean[features.size()];
    this.columns = new int[features.size()];
    this.plain = new boolean[features.size()];
    for (int f = 0; f < readers.length; f++) {
      readers[f] = FeatureReader.of(features.get(f), schema, "the model's input");
      columns[f] = readers[f].column().index();
      plain[f] = readers[f].isPlain();
      texts[f] = features.get(f).type().isText();
    }
  }

  List<Feature> features() {
    return features;
  }

  /** Reads a row into a place, which is whole only if nothing is thrown. */
  void read(@Nullable Object[] row, InputColumns into, int place) throws BadRowException {
    for (int f = 0; f < readers.length; f++) {
      if (texts[f]) {
        into.texts(f)[place] = readers[f].textOf(row[columns[f]]);
      } else {
        into.numbers(f)[place] = number(row, f);
      }
    }
  }

  /** Most numbers are doubles as they are. */
  private double number(@Nullable Object[] row, int f) throws BadRowException {
    Object value = row[columns[f]];
    return plain[f] && value instanceof Double of && Double.isFinite(of)
        ? of
        : readers[f].numberOf(value);
  }

  /** Whether all features are numbers. */
  boolean areNumbers() {
    for (boolean text : texts) {
      if (text) {
        return false;
      }
    }
    return true;
  }

  /**
   * Reads a row of numbers whose model is not known yet; false if that cannot be done, whatever the
   * reason, and nothing of meaning is in the place.
   */
  boolean readAhead(@Nullable Object[] row, TemplateRows into, int place) {
    try {
      for (int f = 0; f < readers.length; f++) {
        if (!into.number(place, f, number(row, f))) {
          return false;
        }
      }
      return true;
    } catch (BadRowException toldWhenItIsRead) {
      return false;
    }
  }

  /**
   * Reads a row of a model into a place, which is whole only if nothing is thrown.
   *
   * @return the bytes read: eight for a number, two for a character
   */
  int read(@Nullable Object[] row, TemplateRows into, int place, NearModels near, int model)
      throws BadRowException {
    int bytes = 0;
    for (int f = 0; f < readers.length; f++) {
      if (texts[f]) {
        String text = readers[f].textOf(row[columns[f]]);
        bytes += text.length() * Character.BYTES;
        into.text(place, f, near.weights(model), text);
      } else {
        bytes += Double.BYTES;
        double number = number(row, f);
        if (!into.number(place, f, number)) {
          into.number(place, f, near.weights(model), number);
        }
      }
    }
    return bytes;
  }

  /** The bytes of a row of numbers. */
  int numberBytes() {
    return readers.length * Double.BYTES;
  }

  /** Copies rows that are read already into the first places. */
  void copy(InputColumns from, int first, int rows, TemplateRows into, ModelWeights weights) {
    for (int f = 0; f < readers.length; f++) {
      for (int i = 0; i < rows; i++) {
        if (texts[f]) {
          into.text(i, f, weights, from.texts(f)[first + i]);
        } else {
          into.number(i, f, weights, from.numbers(f)[first + i]);
        }
      }
    }
  }

  /** The bytes of some rows' inputs: eight for a number, two for a character. */
  long byteSize(InputColumns columns, int from, int rows) {
    long bytes = 0;
    for (int f = 0; f < readers.length; f++) {
      if (texts[f]) {
        for (int i = from; i < from + rows; i++) {
          bytes += (long) columns.texts(f)[i].length() * Character.BYTES;
        }
      } else {
        bytes += (long) rows * Double.BYTES;
      }
    }
    return bytes;
  }
}
