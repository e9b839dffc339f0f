package dev.sheaf.transforms.publishing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.TreeMap;
import org.apache.beam.sdk.coders.BigEndianLongCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarIntCoder;

/** Metrics as their number, then name and bits of each, in the order of the names. */
final class MetricsCoder {
  private MetricsCoder() {}

  static void encode(Map<String, Double> metrics, OutputStream out) throws IOException {
    VarIntCoder.of().encode(metrics.size(), out);
    for (Map.Entry<String, Double> metric : new TreeMap<>(metrics).entrySet()) {
      StringUtf8Coder.of().encode(metric.getKey(), out);
      BigEndianLongCoder.of().encode(Double.doubleToLongBits(metric.getValue()), out);
    }
  }

  static Map<String, Double> decode(InputStream in) throws IOException {
    Map<String, Double> metrics = new TreeMap<>();
    for (int left = VarIntCoder.of().decode(in); left > 0; left--) {
      String name = StringUtf8Coder.of().decode(in);
      metrics.put(name, Double.longBitsToDouble(BigEndianLongCoder.of().decode(in)));
    }
    return metrics;
  }
}
