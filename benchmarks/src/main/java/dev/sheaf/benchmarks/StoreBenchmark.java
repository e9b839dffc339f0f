package dev.sheaf.benchmarks;

import dev.sheaf.models.store.ModelStore;
import dev.sheaf.transforms.publishing.Gate;
import dev.sheaf.transforms.publishing.PublishModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;

/** A store with very many keys: making it, starting from it cold, and staying within a budget. */
final class StoreBenchmark {
  private StoreBenchmark() {}

  /**
   * {@code store:family=linear,keys=100000,rows=10000000,budget=32,zipf=1.0,limit=150,times=3}:
   * rows to score within a budget of so many MiB, drawn by Zipf's law of that exponent, for so many
   * seconds at most; cold starts. {@code publish=0} leaves the pipeline that publishes out.
   */
  static String run(Request request, Path folder) throws Exception {
    int keys = request.number("keys", 100_000);
    String family = request.text("family", "linear");
    MadeModels models = MadeModels.small(family, keys);
    Path at = folder.resolve("store-" + family);
    StringBuilder text = new StringBuilder("### One store: " + models.text() + "\n\n");
    text.append("| making it | seconds | models/s |\n|---|---|---|\n");
    if (request.number("publish", 1) > 0) {
      Path other = folder.resolve("published-" + family);
      text.append(line("PublishModels, models made on its workers", keys, publish(models, other)));
    }
    long start = System.nanoTime();
    models.publish(ModelStore.at(at.toString()), Instant.EPOCH, 0);
    text.append(
        line(
            "VersionWriter, models made on the same thread",
            keys,
            (System.nanoTime() - start) / 1e9));
    text.append(String.format(Locale.ROOT, "%nIt has %,.1f MiB on disk.%n%n", mebibytes(at)));
    text.append(ColdStart.table(at, keys, request.number("times", 3)));
    text.append(SteadyMemory.inOwnProcess(request, at, keys).strip());
    return text.append("\n\n").toString();
  }

  private static String line(String name, int keys, double seconds) {
    return String.format(Locale.ROOT, "| %s | %.1f | %,.0f |%n", name, seconds, keys / seconds);
  }

  private static double publish(MadeModels models, Path at) {
    ModelStore store = ModelStore.at(at.toString());
    List<Integer> parts = IntStream.range(0, MakeModelsFn.PARTS).boxed().toList();
    long start = System.nanoTime();
    Pipelines.run(
        pipeline ->
            pipeline
                .apply(Create.of(parts))
                .apply(Reshuffle.viaRandomKey())
                .apply(ParDo.of(new MakeModelsFn(models)))
                .apply(PublishModels.to(store).promoteIf(Gate.always())));
    double seconds = (System.nanoTime() - start) / 1e9;
    int published = store.champion().resolve().keys().size();
    if (published != models.keys()) {
      throw new IllegalStateException("published " + published + " models of " + models.keys());
    }
    return seconds;
  }

  private static double mebibytes(Path folder) throws IOException {
    long bytes = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        bytes += Files.size(file);
      }
    }
    return bytes / (double) (1 << 20);
  }
}
