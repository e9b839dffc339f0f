package dev.sheaf.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.sheaf.models.evaluate.Holdout;
import dev.sheaf.models.store.CandidateModel;
import dev.sheaf.models.store.ModelStore;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.train.KeyOutcome;
import dev.sheaf.models.train.KeyTrainer;
import dev.sheaf.models.train.Trainer;
import dev.sheaf.transforms.inference.RunInference;
import dev.sheaf.transforms.publishing.Gate;
import dev.sheaf.transforms.publishing.PublishModels;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.beam.sdk.Pipeline;
import org.apache.beam.sdk.transforms.Create;

/** Scoring with one model per key, against a plain ONNX Runtime loop over arrays. */
final class ScoreBenchmark {
  private final KeyedRows shape;
  private final ModelStore store;
  private final List<CandidateModel> models;

  private ScoreBenchmark(KeyedRows shape, Trainer trainer, Path folder) {
    this.shape = shape;
    this.store = ModelStore.at(folder.toString());
    this.models = train(shape, trainer);
    Pipeline publish = Pipeline.create();
    publish.apply(Create.of(models)).apply(PublishModels.to(store).promoteIf(Gate.always()));
    publish.run().waitUntilFinish();
  }

  private static List<CandidateModel> train(KeyedRows shape, Trainer trainer) {
    KeyTrainer keyTrainer = KeyTrainer.of(trainer, Holdout.none(), shape.tableSchema());
    List<CandidateModel> models = new ArrayList<>();
    for (int key = 0; key < shape.keys(); key++) {
      String name = Integer.toString(key);
      KeyOutcome outcome = keyTrainer.train(name, List.of(shape.block(key, -1)));
      byte[] onnx = Objects.requireNonNull(outcome.onnx(), outcome.report().reason());
      models.add(CandidateModel.of(name, onnx, shape.rowsPerKey(), Map.of()));
    }
    return models;
  }

  static String run(String title, KeyedRows shape, Trainer trainer, Path folder, int rounds)
      throws Exception {
    ScoreBenchmark benchmark = new ScoreBenchmark(shape, trainer, folder);
    Contest contest = new Contest(title, shape.rows(), rounds);
    for (int batch : List.of(4096, 1024, 256, 32)) {
      contest.add("plain ONNX Runtime loop, batch " + batch, round -> benchmark.loop(round, batch));
    }
    return contest
        .add("pipeline that makes the rows and drops them", benchmark::generateOnly)
        .add("pipeline: the same rows through RunInference", benchmark::runInference)
        .run();
  }

  private double generateOnly(int round) {
    return Pipelines.seconds(
        shape.rows(), p -> p.apply(shape.collection(round)).apply(Pipelines.sink()));
  }

  private double runInference(int round) {
    RunInference score = RunInference.with(store.champion()).keyedBy("K");
    return Pipelines.seconds(
        shape.rows(), p -> p.apply(shape.collection(round)).apply(score).apply(Pipelines.sink()));
  }

  /** Sessions are open already, buffers direct and reused, the output pinned; one thread. */
  private double loop(int round, int batch) throws OrtException {
    List<RowBlock> blocks = shape.blocks(round);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    List<OrtSession> sessions = new ArrayList<>();
    Buffers buffers = new Buffers(shape.featureNames(), batch);
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      for (CandidateModel model : models) {
        sessions.add(environment.createSession(model.onnx(), options));
      }
      double sum = 0;
      long start = System.nanoTime();
      for (int key = 0; key < sessions.size(); key++) {
        RowBlock block = blocks.get(key);
        for (int from = 0; from < block.rows(); from += batch) {
          int rows = Math.min(batch, block.rows() - from);
          sum += buffers.predict(environment, sessions.get(key), block, from, rows);
        }
      }
      double took = (System.nanoTime() - start) / 1e9;
      if (Double.isNaN(sum)) {
        throw new IllegalStateException("a prediction is not a number");
      }
      return took;
    } finally {
      buffers.close();
      for (OrtSession session : sessions) {
        session.close();
      }
    }
  }

  /** Tensors over direct buffers for two batch sizes: full ones and the rest of a key. */
  private static final class Buffers {
    private final List<String> names;
    private final List<DoubleBuffer> columns = new ArrayList<>();
    private final DoubleBuffer predictions;
    private final Map<Integer, List<OnnxTensor>> tensors = new HashMap<>();

    Buffers(List<String> names, int batch) {
      this.names = names;
      names.forEach(name -> columns.add(direct(batch)));
      this.predictions = direct(batch);
    }

    private static DoubleBuffer direct(int size) {
      return ByteBuffer.allocateDirect(size * Double.BYTES)
          .order(ByteOrder.nativeOrder())
          .asDoubleBuffer();
    }

    double predict(
        OrtEnvironment environment, OrtSession session, RowBlock block, int from, int rows)
        throws OrtException {
      List<OnnxTensor> shaped = tensors.get(rows);
      if (shaped == null) {
        shaped = new ArrayList<>();
        long[] shape = {rows, 1};
        for (DoubleBuffer column : columns) {
          shaped.add(OnnxTensor.createTensor(environment, column.slice(0, rows), shape));
        }
        shaped.add(OnnxTensor.createTensor(environment, predictions.slice(0, rows), shape));
        tensors.put(rows, shaped);
      }
      Map<String, OnnxTensor> inputs = new HashMap<>();
      for (int f = 0; f < names.size(); f++) {
        columns.get(f).put(0, block.column(f), from, rows);
        inputs.put(names.get(f), shaped.get(f));
      }
      session.run(inputs, Map.of("prediction", shaped.get(names.size()))).close();
      return predictions.get(rows - 1);
    }

    void close() {
      tensors.values().forEach(list -> list.forEach(OnnxTensor::close));
    }
  }
}
