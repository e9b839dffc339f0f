package dev.sheaf.benchmarks;

import dev.sheaf.models.store.ModelStore;
import dev.sheaf.transforms.failure.BadRecordRows;
import dev.sheaf.transforms.inference.RunInference;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;

/**
 * What inference adds to a whole pipeline, on the direct runner and on Flink: the same pipeline
 * with a DoFn in its place that passes rows on.
 */
final class InferPipelineBenchmark {
  /** The name of the benchmark that the process with Flink runs. */
  static final String ON_FLINK = "infer-flink";

  /** Holds the class path with Flink, which may not be this process's. */
  private static final String FLINK_CLASS_PATH = "sheaf.benchmarks.flink";

  private static final List<String> FAMILIES = List.of("mlp", "trees", "linear");

  private final String place;
  private final List<String> runner;
  private final Path stores;

  /** Whether somebody takes bad records. */
  private final boolean handled;

  private InferPipelineBenchmark(String place, List<String> runner, Path stores, Request request) {
    this.place = place;
    this.runner = runner;
    this.stores = stores;
    this.handled = request.number("handler", 0) > 0;
  }

  /**
   * {@code infer-pipeline:rows=1000000,keys=10000,rounds=3,only=mlp}: rows (a fifth of them for
   * trees), keys of the linear models; {@code flink=0} leaves Flink out, {@code handler=1} has bad
   * records taken.
   */
  static String run(Request request, Path folder) throws Exception {
    for (String family : families(request)) {
      InferBenchmark.models(family, request.number("keys", 10_000))
          .publish(store(folder, family), Instant.EPOCH, 0);
    }
    StringBuilder text =
        new StringBuilder(
            new InferPipelineBenchmark("direct runner", Pipelines.DIRECT, folder, request)
                .all(request));
    String classPath = System.getProperty(FLINK_CLASS_PATH, "");
    if (request.number("flink", 1) > 0) {
      if (classPath.isBlank()) {
        throw new IllegalArgumentException(
            "cannot run on Flink: the property "
                + FLINK_CLASS_PATH
                + " must be a class path with its runner, as benchmarks/run sets it; flink=0 leaves"
                + " it out");
      }
      text.append(
          new OwnProcess(FlinkSettings.JVM_OPTIONS, classPath)
              .run(
                  "%s:at=%s,rows=%d,keys=%d,rounds=%d,only=%s,handler=%d"
                      .formatted(
                          ON_FLINK,
                          folder,
                          request.number("rows", 1_000_000),
                          request.number("keys", 10_000),
                          request.number("rounds", 3),
                          request.text("only", ""),
                          request.number("handler", 0)))
              .strip());
    }
    return text.append("\n\n").toString();
  }

  /** The part that runs in a process with Flink. */
  static String onFlink(Request request, Path folder) throws Exception {
    Path stores = Path.of(request.text("at", ""));
    return new InferPipelineBenchmark(
            "embedded Flink", FlinkSettings.arguments(folder), stores, request)
        .all(request);
  }

  private static List<String> families(Request request) {
    String only = request.text("only", "");
    return FAMILIES.stream().filter(family -> only.isEmpty() || only.equals(family)).toList();
  }

  private static ModelStore store(Path folder, String family) {
    return ModelStore.at(folder.resolve("infer-pipeline-" + family).toString());
  }

  private String all(Request request) throws Exception {
    StringBuilder text = new StringBuilder();
    for (String family : families(request)) {
      int rows = request.number("rows", 1_000_000) / (family.equals("trees") ? 5 : 1);
      int keys = family.equals("linear") ? request.number("keys", 10_000) : 1;
      KeyedRows shape = new KeyedRows(keys, Math.max(1, rows / keys), MadeModels.FEATURES);
      text.append(contest(family, shape, request.number("rounds", 3)));
    }
    return text.toString();
  }

  private String contest(String family, KeyedRows shape, int rounds) throws Exception {
    int cores = Runtime.getRuntime().availableProcessors();
    String identity = "a DoFn that passes rows on";
    RunInference inference = RunInference.with(store(stores, family).champion()).keyedBy("K");
    String infer = "RunInference.with(store)";
    Contest contest =
        new Contest(
                "Whole pipeline, %s: %s"
                    .formatted(place, InferBenchmark.title(family, shape.keys())),
                shape.rows(),
                rounds)
            .add(identity, cores, round -> seconds(shape, round, new PassOn()))
            .add(
                "a DoFn that adds as many columns",
                cores,
                round -> seconds(shape, round, new AddColumns()))
            .add(
                infer,
                cores,
                round -> seconds(shape, round, handled ? new WithHandler(inference) : inference));
    String table = contest.run();
    double added = contest.median(infer) - contest.median(identity);
    return table
        + String.format(
            Locale.ROOT,
            "Inference adds %.2f s, %.2f of the pipeline without it; %.2f microseconds a row.%n%n",
            added,
            added / contest.median(identity),
            added * 1e6 / shape.rows());
  }

  private double seconds(
      KeyedRows shape, int round, PTransform<PCollection<Row>, PCollection<Row>> step) {
    return Pipelines.seconds(
        runner,
        shape.rows(),
        pipeline -> pipeline.apply(shape.collection(round)).apply(step).apply(Pipelines.sink()));
  }

  /** Inference whose bad records go to a handler, as in the ready pipelines. */
  private static final class WithHandler extends PTransform<PCollection<Row>, PCollection<Row>> {
    private static final long serialVersionUID = 1L;

    private final RunInference inference;

    WithHandler(RunInference inference) {
      this.inference = inference;
    }

    @Override
    public PCollection<Row> expand(PCollection<Row> input) {
      try (var handler =
          input.getPipeline().registerBadRecordErrorHandler(BadRecordRows.create())) {
        return input.apply(inference.withBadRecordErrorHandler(handler));
      }
    }
  }

  private static final class PassOn extends PTransform<PCollection<Row>, PCollection<Row>> {
    private static final long serialVersionUID = 1L;

    @Override
    public PCollection<Row> expand(PCollection<Row> input) {
      return input.apply(ParDo.of(new PassOnFn())).setRowSchema(input.getSchema());
    }
  }

  private static final class PassOnFn extends DoFn<Row, Row> {
    private static final long serialVersionUID = 1L;

    @ProcessElement
    public void process(@Element Row row, OutputReceiver<Row> out) {
      out.output(row);
    }
  }
}
