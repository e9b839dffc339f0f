package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.onnx.ModelWeights;
import dev.sheaf.models.onnx.TemplateRows;
import dev.sheaf.models.table.Feature;
import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.rows.FeatureReader;
import java.util.List;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;

/** Reads the inputs of models that have the same features out of rows. */
final class Inputs {
  private final List<Feature> features;
  private final FeatureReader[] readers;
  private final boolean[] texts;

  /**
   * Finds the columns.
   *
   * @throws IllegalArgumentException if one is missing or holds what the feature is not read off
   */
  Inputs(List<Feature> features, Schema schema) {
    this.features = features;
    this.readers = new FeatureReader[features.size()];
    this.texts = new boolean[features.size()];
    for (int f = 0; f < readers.length; f++) {
      readers[f] = FeatureReader.of(features.get(f), schema, "the model's input");
      texts[f] = features.get(f).type().isText();
    }
  }

  List<Feature> features() {
    return features;
  }

  /** Reads a row into a place, which is whole only if nothing is thrown. */
  void read(Row row, InputColumns into, int place) throws BadRowException {
    for (int f = 0; f < readers.length; f++) {
      if (texts[f]) {
        into.texts(f)[place] = readers[f].text(row);
      } else {
        into.numbers(f)[place] = readers[f].number(row);
      }
    }
  }

  /**
   * Reads a row of a model into a place, which is whole only if nothing is thrown.
   *
   * @return the bytes read: eight for a number, two for a character
   */
  int read(Row row, TemplateRows into, int place, ModelWeights weights) throws BadRowException {
    int bytes = 0;
    for (int f = 0; f < readers.length; f++) {
      if (texts[f]) {
        String text = readers[f].text(row);
        bytes += text.length() * Character.BYTES;
        into.text(place, f, weights, text);
      } else {
        bytes += Double.BYTES;
        into.number(place, f, weights, readers[f].number(row));
      }
    }
    return bytes;
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
