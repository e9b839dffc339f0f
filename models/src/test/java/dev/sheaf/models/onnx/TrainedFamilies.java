package dev.sheaf.models.onnx;

import static dev.sheaf.models.table.CalendarPart.DAYS;
import static dev.sheaf.models.table.CalendarPart.DAY_OF_WEEK;

import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.onnx.ModelTemplate.Rows;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.LabelType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.KeyOutcome;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.linear.Linear;
import dev.sheaf.models.train.linear.Logistic;
import dev.sheaf.models.train.mlp.Activation;
import dev.sheaf.models.train.mlp.Mlp;
import dev.sheaf.models.train.naive.Naive;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Models of every family that has templates, trained on made-up rows. */
final class TrainedFamilies {
  static final TableSchema NUMBERS =
      new TableSchema(
          List.of(
              new Feature("A", FeatureType.FLOAT),
              new Feature("B", FeatureType.INTEGER),
              new Feature("C", FeatureType.BOOLEAN)),
          "Y");
  static final TableSchema CATEGORIES =
      new TableSchema(
          List.of(
              new Feature("STATE", FeatureType.TEXT_CATEGORY),
              new Feature("A", FeatureType.FLOAT),
              new Feature("PRODUCT", FeatureType.INTEGER_CATEGORY)),
          "Y");
  static final TableSchema DATES =
      new TableSchema(
          List.of(
              new Feature("DAY", FeatureType.DATE, List.of(DAY_OF_WEEK, DAYS)),
              new Feature("A", FeatureType.FLOAT)),
          "Y");
  static final List<String> TEXTS = List.of("CA", "NY", "ÖÄ", "\uD83D\uDE00", "日本", "");

  static List<double[]> values(Random random, TableSchema schema, int rows) {
    List<double[]> values = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      double[] row = new double[schema.features().size()];
      for (int f = 0; f < row.length; f++) {
        row[f] =
            switch (schema.features().get(f).type()) {
              case TEXT_CATEGORY -> random.nextInt(TEXTS.size());
              case INTEGER_CATEGORY -> random.nextInt(4) - 1;
              case BOOLEAN -> random.nextInt(2);
              case DATE -> 15_000 + random.nextInt(300);
              default -> 100 * random.nextGaussian();
            };
        if (random.nextInt(15) == 0) {
          row[f] = Double.NaN;
        }
      }
      values.add(row);
    }
    return values;
  }

  private static RowBlock block(
      Random random, TableSchema schema, List<double[]> values, int classes) {
    RowBlock.Builder block = RowBlock.builder(schema);
    for (double[] value : values) {
      double[] row = value.clone();
      double label = 10 * random.nextGaussian();
      for (int f = 0; f < row.length; f++) {
        label += Double.isNaN(row[f]) ? 3 : row[f] * (f + 1);
        if (schema.features().get(f).type().isText() && !Double.isNaN(row[f])) {
          row[f] = block.code(f, TEXTS.get((int) row[f]));
        }
      }
      double answer =
          classes == 0 ? label : block.classCode("c" + Math.floorMod((long) label, classes));
      block.append(row, answer, random.nextLong(), 0);
    }
    return block.build();
  }

  static byte[] train(Trainer trainer, TableSchema table, int classes, long seed) {
    TableSchema schema =
        classes == 0 ? table : new TableSchema(table.features(), "Y", LabelType.CLASS);
    Random random = new Random(seed);
    RowBlock rows = block(random, schema, values(random, schema, 120), classes);
    KeyOutcome outcome =
        KeyTrainer.of(trainer, Holdout.none(), schema).train("key" + seed, List.of(rows));
    return Objects.requireNonNull(outcome.onnx(), String.valueOf(outcome));
  }

  /** What templates are made of, and how rows may be put together. */
  static Stream<Arguments> families() {
    Mlp mlp = Mlp.regression().withHidden(8, 5).withEpochs(3);
    Mlp classifier = Mlp.classification().withHidden(6).withEpochs(3);
    return Stream.of(
        Arguments.of("linear", Linear.regression(), NUMBERS, 0, Rows.MIXED),
        Arguments.of("linear, categories", Linear.regression(), CATEGORIES, 0, Rows.MIXED),
        Arguments.of("linear, dates", Linear.regression(), DATES, 0, Rows.MIXED),
        Arguments.of("logistic", Logistic.classification(), NUMBERS, 2, Rows.MIXED),
        Arguments.of("logistic of three", Logistic.classification(), NUMBERS, 3, Rows.MIXED),
        Arguments.of("logistic, categories", Logistic.classification(), CATEGORIES, 3, Rows.MIXED),
        Arguments.of("mean", Naive.mean(), NUMBERS, 0, Rows.MIXED),
        Arguments.of("mean, categories", Naive.mean(), CATEGORIES, 0, Rows.MIXED),
        Arguments.of("frequencies", Naive.frequencies(), CATEGORIES, 3, Rows.MIXED),
        Arguments.of("seasonal", Naive.seasonal("DAY", 7), DATES, 0, Rows.MIXED),
        Arguments.of("mlp", mlp, NUMBERS, 0, Rows.OF_ONE_MODEL),
        Arguments.of("mlp, categories", mlp, CATEGORIES, 0, Rows.OF_ONE_MODEL),
        Arguments.of(
            "mlp, tanh", mlp.withActivation(Activation.TANH), NUMBERS, 0, Rows.OF_ONE_MODEL),
        Arguments.of("mlp of three", classifier, NUMBERS, 3, Rows.OF_ONE_MODEL));
  }

  private TrainedFamilies() {}
}
