package dev.sheaf.benchmarks;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.metrics.MetricsContainer;
import org.apache.beam.sdk.metrics.MetricsEnvironment;
import org.apache.beam.sdk.runners.TransformHierarchy.Node;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;
import org.apache.beam.sdk.values.TupleTag;
import org.apache.beam.sdk.values.WindowedValue;

/**
 * Drives the DoFns that a transform is made of, without a runner: what is timed is theirs alone.
 *
 * <p>They are found by expanding the transform in a pipeline that never runs; each is copied by
 * serialization and called through Beam's own invoker. What they put out is wrapped with its time,
 * window and pane, as every runner does, and goes to the DoFns that take it; what none takes is
 * given to a consumer. One thread; a shuffle cannot be driven.
 */
final class Harness<InputT> implements AutoCloseable {
  private final List<Stage> stages = new ArrayList<>();
  private final List<Stage> first;
  private final Tally tally = new Tally();

  private Harness(PCollection<?> input, Consumer<Object> out) {
    Map<PCollection<?>, List<Node>> takers = takers(input.getPipeline());
    this.first = stages(input, takers, out);
    first.forEach(Stage::setup);
  }

  /** The DoFns that turn rows of a schema into what {@code out} is given. */
  static Harness<Row> ofRows(
      Schema schema, Consumer<PCollection<Row>> graph, Consumer<Object> out) {
    Pipeline pipeline = Pipeline.create();
    PCollection<Row> input = pipeline.apply(Create.empty(schema)).setRowSchema(schema);
    graph.accept(input);
    return new Harness<>(input, out);
  }

  /** The DoFns that turn elements of any type into what {@code out} is given. */
  static <T> Harness<T> of(Coder<T> coder, Consumer<PCollection<T>> graph, Consumer<Object> out) {
    Pipeline pipeline = Pipeline.create();
    PCollection<T> input = pipeline.apply(Create.empty(coder));
    graph.accept(input);
    return new Harness<>(input, out);
  }

  private static Map<PCollection<?>, List<Node>> takers(Pipeline pipeline) {
    Map<PCollection<?>, List<Node>> takers = new HashMap<>();
    pipeline.traverseTopologically(
        new Pipeline.PipelineVisitor.Defaults() {
          @Override
          public void visitPrimitiveTransform(Node node) {
            node.getInputs()
                .values()
                .forEach(input -> takers.computeIfAbsent(input, i -> new ArrayList<>()).add(node));
          }
        });
    return takers;
  }

  /** The stages that take a collection, and all after them, in the order of their bundles' ends. */
  private List<Stage> stages(
      PCollection<?> input, Map<PCollection<?>, List<Node>> takers, Consumer<Object> out) {
    List<Stage> taking = new ArrayList<>();
    for (Node node : takers.getOrDefault(input, List.of())) {
      if (!(node.getTransform() instanceof ParDo.MultiOutput<?, ?> parDo)) {
        throw new IllegalArgumentException(
            "cannot drive " + node.getFullName() + " without a runner: it is no ParDo");
      }
      Stage stage = new Stage(parDo.getFn(), parDo.getMainOutputTag());
      stages.add(stage);
      for (Map.Entry<TupleTag<?>, PCollection<?>> output : node.getOutputs().entrySet()) {
        List<Stage> next = stages(output.getValue(), takers, out);
        stage.connect(output.getKey(), next, out);
        next.forEach(Stage::setup);
      }
      taking.add(stage);
    }
    return taking;
  }

  /** Runs the elements as one bundle. */
  void bundle(List<InputT> elements) {
    MetricsContainer before = MetricsEnvironment.setCurrentContainer(tally);
    try {
      stages.forEach(Stage::startBundle);
      for (InputT element : elements) {
        WindowedValue<Object> value = Stage.wrapped(element);
        for (Stage stage : first) {
          stage.process(value);
        }
      }
      stages.forEach(Stage::finishBundle);
    } finally {
      MetricsEnvironment.setCurrentContainer(before);
    }
  }

  /** What the DoFns have counted since the beginning, by the metrics' names. */
  SortedMap<String, Long> counted() {
    return tally.values();
  }

  @Override
  public void close() {
    stages.forEach(Stage::teardown);
  }
}
