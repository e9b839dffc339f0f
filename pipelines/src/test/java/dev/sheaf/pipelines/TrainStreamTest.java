package dev.sheaf.pipelines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import org.apache.beam.sdk.runners.TransformHierarchy;
import org.apache.beam.sdk.transforms.windowing.FixedWindows;
import org.apache.beam.sdk.transforms.windowing.SlidingWindows;
import org.apache.beam.sdk.transforms.windowing.WindowFn;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.PValue;
import org.joda.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The graph of a training stream and its options; the stream itself runs in runners/flink. */
final class TrainStreamTest {
  private final String store;

  TrainStreamTest(@TempDir Path folder) {
    store = folder.toString();
  }

  private TrainStreamOptions options(String... more) {
    List<String> args =
        new ArrayList<>(
            List.of("--bootstrapServers=127.0.0.1:1", "--sourceTopic=sales", "--key=STORE"));
    args.addAll(List.of(more));
    for (String usual :
        List.of(
            "--columns=STORE:integer,PRICE:number,SALES:number,SOLD_AT:timestamp",
            "--label=SALES",
            "--modelStore=" + store)) {
      String option = usual.substring(0, usual.indexOf('=') + 1);
      if (args.stream().noneMatch(arg -> arg.startsWith(option))) {
        args.add(usual);
      }
    }
    return PipelineOptionsFactory.fromArgs(args.toArray(String[]::new))
        .withValidation()
        .as(TrainStreamOptions.class);
  }

  private static Set<WindowFn<?, ?>> windowsOf(Pipeline pipeline) {
    Set<WindowFn<?, ?>> windows = new HashSet<>();
    pipeline.traverseTopologically(
        new Pipeline.PipelineVisitor.Defaults() {
          @Override
          public void visitValue(PValue value, TransformHierarchy.Node producer) {
            if (value instanceof PCollection<?> collection
                && producer.getFullName().contains("TrainPerKey")) {
              windows.add(collection.getWindowingStrategy().getWindowFn());
            }
          }
        });
    return windows;
  }

  @Test
  void windowsFollowEachOtherUnlessTheyAreToOverlap() {
    Pipeline days = TrainStream.pipeline(options("--window=P1D", "--ledgerTopic=ledger"));
    assertTrue(windowsOf(days).contains(FixedWindows.of(Duration.standardDays(1))));
    Pipeline weeks =
        TrainStream.pipeline(options("--window=P7D", "--every=PT6H", "--ledgerTopic=ledger"));
    assertTrue(
        windowsOf(weeks)
            .contains(
                SlidingWindows.of(Duration.standardDays(7)).every(Duration.standardHours(6))));
  }

  @Test
  void theSameOptionsTrainAsForATable() {
    Set<String> steps = new TreeSet<>();
    TrainStream.pipeline(
            options(
                "--window=P1D",
                "--ledgerTopic=ledger",
                "--trainer=lightgbm:rounds=5",
                "--features=PRICE,SOLD_AT:hour+day_of_week",
                "--globalModel",
                "--beatBaseline"))
        .traverseTopologically(
            new Pipeline.PipelineVisitor.Defaults() {
              @Override
              public void visitPrimitiveTransform(TransformHierarchy.Node node) {
                steps.add(node.getFullName().replaceAll("/.*", ""));
              }
            });
    assertTrue(
        steps.containsAll(Set.of("ReadEvents", "TrainPerKey", "PublishModels", "WriteLedger")),
        steps::toString);
  }

  @Test
  void theEventTimeIsNoFeatureUnlessItIsNamed() {
    TrainStreamOptions options =
        options(
            "--window=P1D",
            "--ledgerTopic=ledger",
            "--columns=STORE:integer,PRICE:number,SALES:number,TS:integer",
            "--eventTime=TS");
    TrainColumns columns =
        TrainColumns.of(
            options, TrainPlan.of(options), EventColumns.parse(options.getColumns()), "TS");
    assertEquals(
        List.of("PRICE"), columns.features().stream().map(feature -> feature.name()).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--window=P1D|give --ledgerTopic, --ledgerTable or both",
        "--ledgerTopic=l --window=day|--window: found \"day\"; valid is a time of 1 ms or more, such as",
        "--ledgerTopic=l --window=PT0.0005S|--window: found \"PT0.0005S\"; valid is a time of 1 ms or more",
        "--ledgerTopic=l --window=P1D --startAt=now|--startAt: found \"now\"; valid is a point in",
        "--ledgerTopic=l --window=P1D --outOfOrderness=P4000D|--outOfOrderness: ",
        "--ledgerTopic=l --window=P1D --modelStore=/proc/nowhere|--modelStore: ",
        "--ledgerTopic=l --window=P1D --runId= |--runId: found blank text; valid is any other",
        "--ledgerTopic=l --window=PT1H --every=PT2H|--every: found \"PT2H\" with --window \"PT1H\";",
        "--ledgerTopic=l --window=P1D --allowedLateness=-PT1H|--allowedLateness: found \"-PT1H\"; ",
        "--ledgerTopic=l --window=P1D --lateWait=x|--lateWait: found \"x\"; valid is zero or a time",
        "--ledgerTopic=l --window=P1D --outOfOrderness=x|--outOfOrderness: found \"x\"; valid is",
        "--ledgerTopic=l --window=P1D --trainer=magic|--trainer: ",
        "--ledgerTopic=l --window=P1D --label=COST|--label: ",
        "--ledgerTopic=l --window=P1D --features=COST|--features: ",
        "--ledgerTopic=l --window=P1D --timeLimit=1h|--timeLimit: found \"1h\"; valid is a time",
      })
  void whatIsWrongIsNamed(String more, String message) {
    TrainStreamOptions options = options(Stream.of(more.split(" ", -1)).toArray(String[]::new));
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> TrainStream.pipeline(options));
    assertEquals(
        message,
        String.valueOf(refusal.getMessage())
            .substring(
                0, Math.min(message.length(), String.valueOf(refusal.getMessage()).length())),
        refusal::toString);
  }
}
