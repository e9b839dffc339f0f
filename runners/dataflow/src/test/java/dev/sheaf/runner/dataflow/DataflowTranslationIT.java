package dev.sheaf.runner.dataflow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.ExecutionProvider;
import dev.sheaf.models.onnx.ModelMetadata;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.store.Alias;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.store.VersionId;
import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.sandbox.snowflake.SnowflakeServer;
import dev.sheaf.transforms.inference.RunInference;
import dev.sheaf.transforms.inference.WorkerResources;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.io.GenerateSequence;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.MapElements;
import org.apache.beam.sdk.transforms.SimpleFunction;
import org.apache.beam.sdk.values.Row;
import org.joda.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What Dataflow would be sent, for every pipeline; nothing but the sandbox's warehouse is asked.
 */
final class DataflowTranslationIT {
  private static final String ACCELERATOR = "beam:resources:accelerator:v1";
  private static final String MEMORY = "beam:resources:min_ram_bytes:v1";
  private static final Schema EVENTS =
      Schema.builder().addInt64Field("STORE").addDoubleField("P").build();

  @TempDir private static Path folder = Path.of("");

  private static final SnowflakeServer warehouse =
      SnowflakeServer.inMemory().withUser("sheaf", "pw").start();

  /**
   * A pipeline that is told about: a new one is a line in {@link #EXPECTATIONS}.
   *
   * @param arguments its own options
   * @param steps the steps that it must name
   * @param inference the step that computes predictions; empty if there is none
   */
  private record Expectation(
      String pipeline, List<String> arguments, List<String> steps, String inference) {}

  private static final List<Expectation> EXPECTATIONS =
      List.of(
          new Expectation(
              "train",
              List.of("--sourceTable=SALES", "--key=STORE", "--label=SALES", "--features=P"),
              List.of("FinishRun", "PublishModels", "ReadRows", "TrainPerKey"),
              ""),
          new Expectation(
              "score",
              List.of("--sourceTable=SALES", "--key=STORE"),
              List.of("ReadRows", "RunInference", "WritePredictions"),
              "RunInference/ScoreRows"),
          new Expectation(
              "score-stream",
              stream("--delivery=AT_LEAST_ONCE"),
              List.of("ReadEvents", "RunInference", "WritePredictions"),
              "RunInference/ScoreRows"),
          new Expectation(
              "score-stream",
              stream("--delivery=EXACTLY_ONCE", "--sinkShards=2"),
              List.of("ReadEvents", "RunInference", "WritePredictions"),
              "RunInference/ScoreRows"),
          new Expectation(
              "train-stream",
              events(
                  "--columns=STORE:integer,P:number,SALES:number",
                  "--label=SALES",
                  "--window=P1D",
                  "--ledgerTopic=ledger"),
              List.of("PublishModels", "ReadEvents", "TrainPerKey", "Windows", "WriteLedger"),
              ""));

  /** No broker is there: none is asked before the job runs. */
  private static List<String> events(String... more) {
    return with(
        List.of("--bootstrapServers=127.0.0.1:1", "--sourceTopic=events", "--key=STORE"), more);
  }

  private static List<String> stream(String... more) {
    return with(events("--targetTopic=predictions", "--columns=STORE:integer,P:number"), more);
  }

  private static List<Expectation> expectations() {
    return EXPECTATIONS;
  }

  @BeforeAll
  static void fillWarehouseAndStore() throws Exception {
    try (Connection opened = DriverManager.getConnection(warehouse.jdbcUrl(), "sheaf", "pw");
        Statement statement = opened.createStatement()) {
      statement.execute(
          "create table SANDBOX.PUBLIC.SALES (STORE number(9,0), P float, SALES float)");
      statement.execute("insert into SANDBOX.PUBLIC.SALES values (1, 0.25, 10), (2, 0.75, 20)");
    }
    Files.writeString(folder.resolve("password"), "pw");
    ModelStore store = store();
    VersionId version = VersionId.at(Instant.parse("2026-01-01T00:00:00Z"));
    store
        .write(version)
        .commit(
            List.of(store.write(version).writeShard(0, 1, List.of(model("1"), model("2")))),
            List.of(),
            Map.of());
    store.promote(ModelStore.CHAMPION, Alias.to(version));
  }

  @AfterAll
  static void stopWarehouse() {
    warehouse.close();
  }

  @Test
  void everyPipelineIsTranslatedHere() {
    assertEquals(
        ReadyPipeline.ALL.stream().map(ReadyPipeline::name).toList(),
        EXPECTATIONS.stream().map(Expectation::pipeline).distinct().toList());
  }

  @ParameterizedTest
  @MethodSource("expectations")
  void runnerV2GetsTheGraph(Expectation expected) throws Exception {
    ReadyPipeline pipeline = ReadyPipeline.named(expected.pipeline).orElseThrow();
    Translation translated = translate(pipeline, expected.arguments);
    assertEquals(
        expected.steps,
        translated.topSteps().stream().filter(expected.steps::contains).distinct().toList());
    assertEquals(List.of(), translated.steps());
    assertEquals(Map.of(), translated.hints());
    assertType(pipeline, translated.job());
    assertTrue(
        translated
            .job()
            .path("environment")
            .path("experiments")
            .toString()
            .contains("use_runner_v2"));
  }

  /** Of the others the classic translation asks Kafka for partitions. */
  private static List<Expectation> batches() {
    return EXPECTATIONS.stream()
        .filter(
            each ->
                ReadyPipeline.named(each.pipeline).orElseThrow().kind() == ReadyPipeline.Kind.BATCH)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("batches")
  void theClassicWorkerGetsSteps(Expectation expected) throws Exception {
    ReadyPipeline pipeline = ReadyPipeline.named(expected.pipeline).orElseThrow();
    Translation translated =
        translate(pipeline, with(expected.arguments, "--experiments=disable_runner_v2"));
    for (String step : expected.steps) {
      assertTrue(
          translated.steps().stream()
              .anyMatch(each -> each.startsWith(step + "/") || each.equals(step)),
          () -> step + " is not in " + translated.steps());
    }
    assertType(pipeline, translated.job());
  }

  @ParameterizedTest
  @MethodSource("expectations")
  void onlyInferenceAsksForMachines(Expectation expected) throws Exception {
    if (expected.inference.isEmpty()) {
      return;
    }
    ReadyPipeline pipeline = ReadyPipeline.named(expected.pipeline).orElseThrow();
    List<String> arguments = with(expected.arguments, "--provider=cuda", "--workerGpu=nvidia-l4:2");
    assertEquals(
        Map.of(
            expected.inference,
            Map.of(ACCELERATOR, "type:nvidia-l4;count:2;install-nvidia-driver")),
        translate(pipeline, arguments).hints());
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class,
            () -> translate(pipeline, with(arguments, "--experiments=disable_runner_v2")));
    String message = String.valueOf(refused.getMessage());
    assertTrue(
        message.startsWith("--experiments: cannot give the step " + expected.inference), message);
  }

  @ParameterizedTest
  @MethodSource("expectations")
  void optionsOfWorkersAreKept(Expectation expected) throws Exception {
    ReadyPipeline pipeline = ReadyPipeline.named(expected.pipeline).orElseThrow();
    Translation translated =
        translate(
            pipeline,
            with(
                expected.arguments,
                "--workerMachineType=g2-standard-8",
                "--diskSizeGb=50",
                "--numWorkers=3",
                "--maxNumWorkers=7",
                "--autoscalingAlgorithm=THROUGHPUT_BASED",
                "--sdkContainerImage=region-docker.pkg.dev/p/r/sheaf:1",
                "--dataflowServiceOptions=worker_accelerator=type:nvidia-l4;count:1;install-nvidia-driver"));
    JsonNode environment = translated.job().path("environment");
    JsonNode workers = environment.path("workerPools").get(0);
    assertEquals("g2-standard-8", workers.path("machineType").asText());
    assertEquals(50, workers.path("diskSizeGb").asInt());
    assertEquals(3, workers.path("numWorkers").asInt());
    assertEquals(7, workers.path("autoscalingSettings").path("maxNumWorkers").asInt());
    assertEquals(
        "AUTOSCALING_ALGORITHM_BASIC",
        workers.path("autoscalingSettings").path("algorithm").asText());
    assertEquals(
        "region-docker.pkg.dev/p/r/sheaf:1",
        workers.path("sdkHarnessContainerImages").get(0).path("containerImage").asText());
    assertTrue(environment.path("serviceOptions").toString().contains("worker_accelerator"));
  }

  @Test
  void unboundedInputMakesAStreamingJobAndMemoryIsAskedFor() throws Exception {
    ReadyPipeline streaming =
        new ReadyPipeline(
            "events",
            ReadyPipeline.Kind.STREAMING,
            "Scores events that are made up.",
            PipelineOptions.class,
            List.of(),
            options -> events(options, WorkerResources.gpu("nvidia-l4").withMemory(16L << 30)));
    Translation translated = translate(streaming, List.of());
    assertEquals(
        Map.of(
            "RunInference/ScoreRows",
            Map.of(
                ACCELERATOR,
                "type:nvidia-l4;count:1;install-nvidia-driver",
                MEMORY,
                Long.toString(16L << 30))),
        translated.hints());
    assertType(streaming, translated.job());
  }

  @Test
  void theClassicWorkerGetsTheStepsOfAStream() throws Exception {
    ReadyPipeline streaming =
        new ReadyPipeline(
            "events",
            ReadyPipeline.Kind.STREAMING,
            "Scores events that are made up.",
            PipelineOptions.class,
            List.of(),
            options -> events(options, WorkerResources.any()));
    Translation translated = translate(streaming, List.of("--experiments=disable_runner_v2"));
    assertTrue(
        translated.steps().stream().anyMatch(each -> each.startsWith("RunInference/ScoreRows")),
        () -> translated.steps().toString());
    assertType(streaming, translated.job());
  }

  private static Pipeline events(PipelineOptions options, WorkerResources workers) {
    Pipeline pipeline = Pipeline.create(options);
    pipeline
        .apply("Events", GenerateSequence.from(0).withRate(10, Duration.standardSeconds(1)))
        .apply("ToRows", MapElements.via(new ToRow()))
        .setRowSchema(EVENTS)
        .apply(
            "RunInference",
            RunInference.with(store().champion())
                .keyedBy("STORE")
                .classifying()
                .on(ExecutionProvider.cuda())
                .withWorkers(workers));
    return pipeline;
  }

  private static final class ToRow extends SimpleFunction<Long, Row> {
    @Override
    public Row apply(Long number) {
      return Row.withSchema(EVENTS).addValues(number % 2, 0.5).build();
    }
  }

  private static void assertType(ReadyPipeline pipeline, JsonNode job) {
    boolean streaming = pipeline.kind() == ReadyPipeline.Kind.STREAMING;
    assertEquals(streaming ? "JOB_TYPE_STREAMING" : "JOB_TYPE_BATCH", job.path("type").asText());
  }

  private static Translation translate(ReadyPipeline pipeline, List<String> arguments)
      throws Exception {
    Path to = Files.createTempDirectory(folder, "job");
    List<String> all = new ArrayList<>(arguments);
    all.add("--offlineTo=" + to);
    // Instead of the class path, whose digests take seconds.
    all.add("--filesToStage=" + folder.resolve("password"));
    if (pipeline.options() != PipelineOptions.class) {
      all.addAll(
          List.of(
              "--warehouseUrl=" + warehouse.jdbcUrl(),
              "--warehouseUser=sheaf",
              "--warehousePassword=file:" + folder.resolve("password"),
              "--warehouseDatabase=SANDBOX",
              "--staging=gs://offline-project/staging/",
              "--modelStore=" + store().location()));
    }
    Launcher.launch(pipeline, Launcher.options(pipeline, all));
    return Translation.read(to);
  }

  private static List<String> with(List<String> arguments, String... more) {
    return Stream.concat(arguments.stream(), Stream.of(more)).toList();
  }

  private static ModelStore store() {
    return ModelStore.at(folder.resolve("models").toString());
  }

  /** Gives the class "no" or "yes" with the probabilities P and P. */
  private static CandidateModel model(String key) {
    OnnxGraph graph =
        OnnxGraph.of(
            new ModelMetadata(
                key,
                "LABEL",
                List.of(new Feature("P", FeatureType.FLOAT)),
                List.of("no", "yes"),
                "hand",
                Map.of(),
                1,
                "none"));
    graph.classify(
        graph.node("Concat", List.of("P", "P"), graph.name("both"), Attributes.of("axis", 1)));
    return CandidateModel.of(key, graph.toBytes(), 20, Map.of());
  }
}
