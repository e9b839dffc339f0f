package dev.sheaf.models.train.mlp;

import dev.sheaf.models.onnx.Attributes;
import dev.sheaf.models.onnx.OnnxGraph;
import dev.sheaf.models.table.RowBlock;
import dev.sheaf.models.table.TableSchema;

/** The numeric columns that the network sees, and their twin in the graph. */
interface Inputs {
  /** Columns fitted to rows. */
  static Inputs of(TableSchema schema, RowBlock rows) {
    return new Inputs() {
      @Override
      public double[][] encode(RowBlock block) {
        double[][] columns = new double[block.features()][];
        for (int f = 0; f < columns.length; f++) {
          columns[f] = block.column(f);
        }
        return columns;
      }

      @Override
      public String write(OnnxGraph graph) {
        return graph.node("Concat", graph.inputs(), graph.name("joined"), Attributes.of("axis", 1));
      }
    };
  }

  /** The values by column and row; NaN is missing. */
  double[][] encode(RowBlock block);

  /** Adds the columns to a graph; returns the name of a value {@code double[N,m]}. */
  String write(OnnxGraph graph);
}
