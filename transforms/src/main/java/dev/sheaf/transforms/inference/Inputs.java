package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.InputColumns;
import dev.sheaf.models.table.Feature;
import dev.sheaf.transforms.failure.BadRowException;
import dev.sheaf.transforms.rows.FeatureReader;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.values.Row;

/** Reads the inputs of models that have the same features out of rows. */
final class Inputs {
  private final List<Feature> features;
  private final List<FeatureReader> readers;

  /**
   * Finds the columns.
   *
   * @throws IllegalArgumentException if one is missing or holds what the feature is not read off
   */
  Inputs(List<Feature> features, Schema schema) {
    this.features = features;
    this.readers =
        features.stream()
            .map(feature -> FeatureReader.of(feature, schema, "the model's input"))
            .collect(Collectors.toList());
  }

  /** Room for as many rows. */
  InputColumns columns(int rows) {
    return InputColumns.of(features, rows);
  }

  /** Reads a row into a place, which is whole only if nothing is thrown. */
  void read(Row row, InputColumns into, int place) throws BadRowException {
    for (int f = 0; f < readers.size(); f++) {
      FeatureReader reader = readers.get(f);
      if (reader.feature().type().isText()) {
        into.texts(f)[place] = reader.text(row);
      } else {
        into.numbers(f)[place] = reader.number(row);
      }
    }
  }

  /** The bytes of some rows' inputs: eight for a number, two for a character. */
  long byteSize(InputColumns columns, int from, int rows) {
    long bytes = 0;
    for (int f = 0; f < readers.size(); f++) {
      if (features.get(f).type().isText()) {
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
