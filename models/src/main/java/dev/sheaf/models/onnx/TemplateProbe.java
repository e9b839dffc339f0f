package dev.sheaf.models.onnx;

import dev.sheaf.models.onnx.ModelTemplate.Rows;
import dev.sheaf.models.table.Feature;
import java.util.Arrays;
import java.util.Random;

/**
 * Asks a model and its template about the same rows: all at once, one alone, and where rows of many
 * models go together beside rows of another model.
 */
final class TemplateProbe {
  private static final int ROWS = 37;
  private static final double[] NUMBERS = {
    Double.NaN, 0, -0.0, 1, -1, 2, 0.1, 7, 365.25, 20_000, 1.7e9, 1e300, -1e-300
  };

  private final TemplateSession template;
  private final SplitModel model;
  private final InputColumns columns;
  private final double[] expected;
  private final int outputs;

  private TemplateProbe(TemplateSession template, SplitModel model, ModelSession alone) {
    this.template = template;
    this.model = model;
    this.columns = columns(alone, model);
    this.expected = alone.predict(columns);
    this.outputs = expected.length / ROWS;
  }

  /**
   * Whether all answers have the same bits.
   *
   * @throws OnnxFailure if the model or the template cannot answer
   */
  static boolean agree(TemplateSession template, SplitModel model, ModelSession alone) {
    TemplateProbe probe = new TemplateProbe(template, model, alone);
    try (TemplateRows rows = new TemplateRows(template, ROWS)) {
      return probe.agrees(rows);
    }
  }

  private boolean agrees(TemplateRows rows) {
    ModelWeights own = model.weights();
    ModelWeights other = own.perturbed();
    double[] ofOther = new double[expected.length];
    double[] found = new double[expected.length];
    fill(rows, other, other);
    rows.predict(0, ROWS, ofOther);
    fill(rows, own, own);
    rows.predict(0, ROWS, found);
    boolean same = same(expected, found, 0, ROWS, 0);
    for (int row : new int[] {0, 1, ROWS - 1}) {
      rows.predict(row, 1, found);
      same &= same(expected, found, row, row + 1, row);
    }
    if (template.template().rows() == Rows.MIXED) {
      fill(rows, own, other);
      rows.predict(0, ROWS, found);
      same &= sameInTurn(found, ofOther);
      int kept = rows.keep(own);
      for (int row = 0; row < ROWS; row += 2) {
        rows.model(row, kept);
      }
      rows.predict(0, ROWS, found);
      same &= sameInTurn(found, ofOther);
    }
    return same;
  }

  /** Whether the even rows have the answers of the model and the odd ones those of the other. */
  private boolean sameInTurn(double[] found, double[] ofOther) {
    boolean same = true;
    for (int row = 0; row < ROWS; row++) {
      same &= same(row % 2 == 0 ? expected : ofOther, found, row, row + 1, 0);
    }
    return same;
  }

  /** Gives the even rows one model and the odd ones another. */
  private void fill(TemplateRows rows, ModelWeights even, ModelWeights odd) {
    for (int i = 0; i < ROWS; i++) {
      ModelWeights weights = i % 2 == 0 ? even : odd;
      rows.weights(i, weights);
      for (int f = 0; f < template.features().size(); f++) {
        if (template.features().get(f).type().isText()) {
          rows.text(i, f, weights, columns.texts(f)[i]);
        } else {
          rows.number(i, f, weights, columns.numbers(f)[i]);
        }
      }
    }
  }

  /** Compares rows with answers of which the first is that of the row {@code first}. */
  private boolean same(double[] wanted, double[] found, int from, int to, int first) {
    return Arrays.equals(
        wanted,
        from * outputs,
        to * outputs,
        found,
        (from - first) * outputs,
        (to - first) * outputs);
  }

  /**
   * Rows of values and of categories that the model knows and does not. Half of the rows have
   * ordinary values alone, because one that is missing or huge hides what the others do.
   */
  private static InputColumns columns(ModelSession alone, SplitModel model) {
    Random random = new Random(7);
    InputColumns columns = InputColumns.of(alone.features(), ROWS);
    for (int f = 0; f < alone.features().size(); f++) {
      Feature feature = alone.features().get(f);
      for (int i = 0; i < ROWS; i++) {
        // Rows go in fours, so that each of two models in turn gets both kinds.
        boolean ordinary = i % 4 < 2;
        int kind = random.nextInt(NUMBERS.length + 4);
        if (feature.type().isText()) {
          String known = model.weights().someText(model.template(), f);
          columns.texts(f)[i] = kind % 3 == 0 ? "" : kind % 3 == 1 ? known : known + "?";
        } else if (kind == NUMBERS.length) {
          columns.numbers(f)[i] = model.weights().someNumber(model.template(), f);
        } else if (kind < NUMBERS.length && !ordinary) {
          columns.numbers(f)[i] = NUMBERS[kind];
        } else {
          columns.numbers(f)[i] = kind % 2 == 0 ? random.nextInt(10) : 10 * random.nextGaussian();
        }
      }
    }
    return columns;
  }
}
