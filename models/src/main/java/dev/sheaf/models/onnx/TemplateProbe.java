package dev.sheaf.models.onnx;

import dev.sheaf.models.table.Feature;
import java.util.Random;

/** Asks a model and its template about the same rows. */
final class TemplateProbe {
  private static final int ROWS = 37;
  private static final double[] NUMBERS = {
    Double.NaN, 0, -0.0, 1, -1, 2, 0.1, 7, 365.25, 20_000, 1.7e9, 1e300, -1e-300
  };

  private TemplateProbe() {}

  static boolean agree(TemplateSession template, SplitModel model, ModelSession alone) {
    InputColumns columns = columns(alone, model);
    double[] expected = alone.predict(columns);
    double[] found = new double[expected.length];
    try (TemplateRows rows = new TemplateRows(template, ROWS)) {
      for (int i = 0; i < ROWS; i++) {
        rows.weights(i, model.weights());
        for (int f = 0; f < alone.features().size(); f++) {
          if (alone.features().get(f).type().isText()) {
            rows.text(i, f, model.weights(), columns.texts(f)[i]);
          } else {
            rows.number(i, f, model.weights(), columns.numbers(f)[i]);
          }
        }
      }
      rows.predict(0, ROWS, found);
    } catch (OnnxFailure notSeparable) {
      return false;
    }
    for (int i = 0; i < found.length; i++) {
      if (Double.doubleToLongBits(expected[i]) != Double.doubleToLongBits(found[i])) {
        return false;
      }
    }
    return true;
  }

  /** Rows of special and ordinary values, and of categories that the model knows and does not. */
  private static InputColumns columns(ModelSession alone, SplitModel model) {
    Random random = new Random(7);
    InputColumns columns = InputColumns.of(alone.features(), ROWS);
    for (int f = 0; f < alone.features().size(); f++) {
      Feature feature = alone.features().get(f);
      for (int i = 0; i < ROWS; i++) {
        int kind = random.nextInt(NUMBERS.length + 4);
        if (feature.type().isText()) {
          String known = model.weights().someText(model.template(), f);
          columns.texts(f)[i] = kind % 3 == 0 ? "" : kind % 3 == 1 ? known : known + "?";
        } else {
          columns.numbers(f)[i] =
              kind < NUMBERS.length
                  ? NUMBERS[kind]
                  : kind == NUMBERS.length
                      ? model.weights().someNumber(model.template(), f)
                      : 100 * random.nextGaussian();
        }
      }
    }
    return columns;
  }
}
