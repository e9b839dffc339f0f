package dev.sheaf.transforms.training;

import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.models.train.TrainingException;
import dev.sheaf.models.train.TrainingTable;
import dev.sheaf.models.train.linear.Linear;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A linear trainer that does to keys with a certain number of rows what trainers should not. */
final class MisbehavingTrainer implements Trainer {
  private static final long serialVersionUID = 1L;

  static final int THROWS = 31;
  static final int FAILS = 32;
  static final int HANGS = 33;
  static final int HEEDS_NOTHING = 34;
  static final int PREDICTS_NAN = 35;
  static final int EXHAUSTS_MEMORY = 36;
  static final int OVERFLOWS_THE_STACK = 37;
  static final int EXPORTS_ANOTHER_MODEL = 38;

  private static final Trainer GOOD = Linear.regression();

  @Override
  public String name() {
    return "misbehaving";
  }

  @Override
  public String version() {
    return "1";
  }

  @Override
  public Map<String, String> parameters() {
    return Map.of();
  }

  @Override
  public int minimumRows(TableSchema schema) {
    return 3;
  }

  @Override
  public FittedModel fit(TrainingTable table) throws TrainingException {
    switch (table.rows().rows()) {
      case THROWS -> throw new IllegalStateException("no reason at all");
      case FAILS -> throw new TrainingException("these rows say nothing", null);
      case HANGS -> waitFor(Thread.currentThread(), true);
      case HEEDS_NOTHING -> waitFor(Thread.currentThread(), false);
      case EXHAUSTS_MEMORY ->
          throw new TrainingException("took " + new long[Integer.MAX_VALUE].length, null);
      case OVERFLOWS_THE_STACK -> deeper(0);
      default -> {}
    }
    FittedModel model = GOOD.fit(table);
    return switch (table.rows().rows()) {
      case PREDICTS_NAN -> new Changed(model, Double.NaN, 0);
      case EXPORTS_ANOTHER_MODEL -> new Changed(model, 1, 1);
      default -> model;
    };
  }

  private static void waitFor(Thread thread, boolean heeds) throws TrainingException {
    while (!(heeds && thread.isInterrupted())) {
      LockSupport.parkNanos(1_000_000);
    }
    throw new TrainingException("interrupted", null);
  }

  private static int deeper(int depth) {
    return depth < 0 ? 0 : deeper(depth + 1) + 1;
  }

  /** Predicts something else than what it exports. */
  private record Changed(FittedModel model, double factor, double offset) implements FittedModel {
    @Override
    public double[] predict(RowBlock rows) throws TrainingException {
      return Arrays.stream(model.predict(rows)).map(one -> one * factor + offset).toArray();
    }

    @Override
    public byte[] toOnnx(ModelMetadata metadata) throws TrainingException {
      return model.toOnnx(metadata);
    }

    @Override
    public void close() {
      model.close();
    }
  }
}
