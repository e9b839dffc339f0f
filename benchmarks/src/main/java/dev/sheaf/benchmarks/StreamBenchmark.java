package dev.sheaf.benchmarks;

import dev.sheaf.models.catalog.Trainers;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.sandbox.flink.FlinkCluster;
import dev.sheaf.sandbox.flink.TaskManagerMemory;
import dev.sheaf.sandbox.kafka.KafkaBroker;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * From an event's record in Kafka to its prediction's: latency and the rate that holds, of a job on
 * a Flink cluster of separate JVMs, beside the same job with a step that predicts nothing.
 */
final class StreamBenchmark {
  private static final String FLINK_CLASS_PATH = "sheaf.benchmarks.flink";
  private static final String JARS = "sheaf.benchmarks.jars";
  private static final int PARTITIONS = 4;
  private static final int KEYS = 100;
  private static final Pattern RUNNING = Pattern.compile("\"jid\":\"([0-9a-f]+)\"[^}]*\"RUNNING\"");

  private final Path folder;
  private final Request request;
  private final KafkaBroker broker;
  private final FlinkCluster cluster;
  private int topics;

  private StreamBenchmark(Path folder, Request request, KafkaBroker broker, FlinkCluster cluster) {
    this.folder = folder;
    this.request = request;
    this.broker = broker;
    this.cluster = cluster;
  }

  /**
   * {@code stream:rates=1000+10000,steps=identity+linear+trees,warmUp=8,seconds=20,batch=1,wait=0,
   * bundle=0,bundleMillis=0,checkpoint=0,exactlyOnce=0}; 0 leaves a setting as the runner has it.
   */
  static String run(Request request, Path folder) throws Exception {
    if (System.getProperty(FLINK_CLASS_PATH, "").isBlank()) {
      throw new IllegalArgumentException(
          "cannot run on Flink: start by benchmarks/run, which sets " + FLINK_CLASS_PATH);
    }
    Path own = Files.createTempDirectory(folder, "stream"); // It may be asked for several times.
    try (KafkaBroker broker = KafkaBroker.in(own.resolve("kafka")).start();
        FlinkCluster cluster =
            FlinkCluster.in(own.resolve("flink"))
                .withTaskManagers(2)
                .withMemory(TaskManagerMemory.small().withMetaspace(512))
                .start()) {
      return new StreamBenchmark(own, request, broker, cluster).table();
    }
  }

  private String table() throws Exception {
    StringBuilder text =
        new StringBuilder(
            "### Kafka to Flink to Kafka%n%nBroker, job manager, two task managers and the clients on one machine; %s%n%n| step | events/s | arrived/s | p50 ms | p99 ms | most ms |%n|---|---|---|---|---|---|%n"
                .formatted(request.settings()));
    for (String step : request.text("steps", "identity+linear+trees").split("\\+", -1)) {
      String store = store(step);
      for (String rate : request.text("rates", "1000+10000").split("\\+", -1)) {
        String line = measure(step, store, Integer.parseInt(rate));
        System.err.print(line);
        text.append(line);
      }
    }
    return text.append('\n').toString();
  }

  /** Publishes a step's models; the empty text for the step without any. */
  private String store(String step) {
    Path place = folder.resolve("stream-" + step);
    switch (step) {
      case "identity" -> {
        return "";
      }
      case "linear" ->
          MadeModels.small("linear", KEYS)
              .publish(ModelStore.at(place.toString()), Instant.EPOCH, 0);
      case "trees" ->
          new MadeModels(Trainers.parse("xgboost:rounds=100,max_depth=6"), KEYS, 10, 1000)
              .publish(ModelStore.at(place.toString()), Instant.EPOCH, 0);
      default ->
          throw new IllegalArgumentException(
              "no step '" + step + "'; valid are identity, linear, trees");
    }
    return place.toString();
  }

  private String measure(String step, String store, int rate) throws Exception {
    topics++;
    String source = "events-" + topics;
    String target = "predictions-" + topics;
    createTopics(source, target);
    submit(source, target, store);
    int seconds = request.number("seconds", 20);
    StreamLoad load = new StreamLoad(broker.bootstrapServers(), source, target, KEYS);
    try {
      load.awaitJob(Duration.ofMinutes(2));
      load.send(rate, request.number("warmUp", 8), seconds);
      StreamLoad.Latencies latencies = load.collect(Duration.ofMinutes(3));
      return String.format(
          Locale.ROOT,
          "| %s | %,d | %,.0f | %d | %d | %d |%n",
          step,
          rate,
          latencies.perSecond(),
          latencies.percentile(50),
          latencies.percentile(99),
          latencies.percentile(100));
    } finally {
      cancelJobs();
    }
  }

  private void createTopics(String... names) throws InterruptedException, ExecutionException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
      admin
          .createTopics(
              List.of(names).stream()
                  .map(name -> new NewTopic(name, PARTITIONS, (short) 1))
                  .toList())
          .all()
          .get();
    }
  }

  private void submit(String source, String target, String store)
      throws IOException, InterruptedException {
    String passed =
        request.settings().entrySet().stream()
            .filter(
                entry ->
                    List.of(
                            "batch",
                            "wait",
                            "bundle",
                            "bundleMillis",
                            "checkpoint",
                            "parallelism",
                            "exactlyOnce")
                        .contains(entry.getKey()))
            .map(entry -> "," + entry.getKey() + "=" + entry.getValue())
            .collect(Collectors.joining());
    new OwnProcess(FlinkCluster.jvmOptions(), System.getProperty(FLINK_CLASS_PATH))
        .run(
            "%s:servers=%s,source=%s,target=%s,store=%s,master=%s,conf=%s,jars=%s%s"
                .formatted(
                    StreamJob.NAME,
                    broker.bootstrapServers(),
                    source,
                    target,
                    store,
                    cluster.restAddress(),
                    cluster.configurationFolder(),
                    System.getProperty(JARS),
                    passed));
  }

  private void cancelJobs() throws IOException, InterruptedException {
    HttpClient http = HttpClient.newHttpClient();
    URI jobs = URI.create(cluster.webAddress()).resolve("/jobs/overview");
    long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    String overview =
        http.send(HttpRequest.newBuilder(jobs).build(), BodyHandlers.ofString()).body();
    while (RUNNING.matcher(overview).find() && System.nanoTime() < end) {
      Matcher running = RUNNING.matcher(overview);
      while (running.find()) {
        URI job = jobs.resolve("/jobs/" + running.group(1) + "?mode=cancel");
        http.send(
            HttpRequest.newBuilder(job)
                .method("PATCH", HttpRequest.BodyPublishers.noBody())
                .build(),
            BodyHandlers.discarding());
      }
      overview = http.send(HttpRequest.newBuilder(jobs).build(), BodyHandlers.ofString()).body();
    }
  }
}
