package dev.sheaf.benchmarks;

import dev.sheaf.models.table.Feature;
import dev.sheaf.models.table.FeatureType;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.beam.sdk.schemas.Schema;
import org.apache.beam.sdk.transforms.Create;
import org.apache.beam.sdk.transforms.DoFn;
import org.apache.beam.sdk.transforms.PTransform;
import org.apache.beam.sdk.transforms.ParDo;
import org.apache.beam.sdk.transforms.Reshuffle;
import org.apache.beam.sdk.values.PBegin;
import org.apache.beam.sdk.values.PCollection;
import org.apache.beam.sdk.values.Row;

/** Made-up rows: a key, features, and a label that is linear in them but for noise. */
record KeyedRows(int keys, int rowsPerKey, int features) implements Serializable {
  private static final int PARTS = 16;

  long rows() {
    return (long) keys * rowsPerKey;
  }

  List<String> featureNames() {
    return IntStream.range(0, features).mapToObj(f -> "F" + f).toList();
  }

  TableSchema tableSchema() {
    return new TableSchema(
        featureNames().stream().map(name -> new Feature(name, FeatureType.FLOAT)).toList(), "Y");
  }

  Schema schema() {
    Schema.Builder schema = Schema.builder().addStringField("K");
    featureNames().forEach(schema::addDoubleField);
    return schema.addDoubleField("Y").build();
  }

  /** Fills {@code values} with one row's features; returns its label. */
  private double fill(SplittableRandom random, int key, double[] values) {
    double label = key;
    for (int f = 0; f < values.length; f++) {
      values[f] = random.nextDouble() * 100;
      label += values[f] * (f - key % 5);
    }
    return label + random.nextDouble();
  }

  /** One key's rows as a block. */
  RowBlock block(int key, int seed) {
    SplittableRandom random = new SplittableRandom(31L * seed + key);
    RowBlock.Builder block = RowBlock.builder(features);
    double[] values = new double[features];
    for (int i = 0; i < rowsPerKey; i++) {
      double label = fill(random, key, values);
      block.append(values, label, random.nextLong(), 0);
    }
    return block.build();
  }

  List<RowBlock> blocks(int seed) {
    return IntStream.range(0, keys).mapToObj(key -> block(key, seed)).toList();
  }

  /** All rows as a collection, keys mixed, made inside the pipeline. */
  PTransform<PBegin, PCollection<Row>> collection(int seed) {
    return new Generate(this, seed);
  }

  private static final class Generate extends PTransform<PBegin, PCollection<Row>> {
    private static final long serialVersionUID = 1L;
    private final KeyedRows shape;
    private final int seed;

    Generate(KeyedRows shape, int seed) {
      this.shape = shape;
      this.seed = seed;
    }

    @Override
    public PCollection<Row> expand(PBegin input) {
      return input
          .apply(Create.of(IntStream.range(0, PARTS).boxed().toList()))
          .apply(Reshuffle.viaRandomKey())
          .apply(ParDo.of(new GenerateFn(shape, seed)))
          .setRowSchema(shape.schema());
    }
  }

  private static final class GenerateFn extends DoFn<Integer, Row> {
    private static final long serialVersionUID = 1L;
    private final KeyedRows shape;
    private final Schema schema;
    private final int seed;

    GenerateFn(KeyedRows shape, int seed) {
      this.shape = shape;
      this.schema = shape.schema();
      this.seed = seed;
    }

    @ProcessElement
    public void process(@Element Integer part, OutputReceiver<Row> out) {
      SplittableRandom random = new SplittableRandom(1009L * seed + part);
      double[] values = new double[shape.features()];
      for (long i = part; i < shape.rows(); i += PARTS) {
        int key = random.nextInt(shape.keys());
        double label = shape.fill(random, key, values);
        List<Object> row = new ArrayList<>(values.length + 2);
        row.add(Integer.toString(key));
        for (double value : values) {
          row.add(value);
        }
        row.add(label);
        out.output(Row.withSchema(schema).attachValues(row));
      }
    }
  }
}
