package dev.sheaf.models.train.naive;

import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.ModelSession;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import dev.sheaf.models.train.FittedModel;
import java.util.List;

/** Predicts a number for each day of a period. */
final class SeasonalModel implements FittedModel {
  private final TableSchema schema;
  private final int feature;
  private final int unit;
  private final double[] values;
  private final double otherwise;

  /**
   * A model of a period of as many days as there are values.
   *
   * @param feature the number of the feature that is the time
   * @param unit how many of the time's units are a day
   * @param otherwise what is predicted where the time is missing
   */
  SeasonalModel(TableSchema schema, int feature, int unit, double[] values, double otherwise) {
    this.schema = schema;
    this.feature = feature;
    this.unit = unit;
    this.values = values;
    this.otherwise = otherwise;
  }

  /** Whole days since 1970-01-01. */
  static double day(double time, int unit) {
    return Math.floor(unit == 1 ? time : time / unit);
  }

  /** The day within its period, counted from 1970-01-01 on. */
  static int phase(double day, int period) {
    int rest = (int) (day % period);
    return rest < 0 ? rest + period : rest;
  }

  @Override
  public double[] predict(RowBlock rows) {
    double[] predictions = new double[rows.rows()];
    double[] times = rows.column(feature);
    for (int i = 0; i < predictions.length; i++) {
      double day = day(times[i], unit);
      predictions[i] = Double.isFinite(day) ? values[phase(day, values.length)] : otherwise;
    }
    return predictions;
  }

  /** The remainder has the sign of the day, so every day of the period but the first has two. */
  @Override
  public byte[] toOnnx(ModelMetadata metadata) {
    metadata.check(schema);
    OnnxGraph graph = OnnxGraph.of(metadata);
    int period = values.length;
    String day = graph.inputs().get(feature);
    if (unit > 1) {
      String seconds = graph.constant("unit", new double[] {unit}, 1, 1);
      day = graph.node("Div", List.of(day, seconds), graph.name("days"));
    }
    day = graph.node("Floor", List.of(day), graph.name("day"));
    String phase =
        graph.node(
            "Mod",
            List.of(day, graph.constant("period", new double[] {period}, 1, 1)),
            graph.name("phase"),
            Attributes.of("fmod", 1));
    double[] phases = new double[2 * period - 1];
    double[] found = new double[phases.length];
    for (int i = 0; i < phases.length; i++) {
      int rest = i - period + 1;
      phases[i] = rest;
      found[i] = values[Math.floorMod(rest, period)];
    }
    new Lookup(phases, found, otherwise).write(graph, phase, ModelSession.OUTPUT);
    return graph.toBytes();
  }

  @Override
  public void close() {
    // Nothing is held outside the heap.
  }
}
