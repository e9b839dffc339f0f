package dev.sheaf.transforms.training;

import dev.sheaf.models.train.KeyOutcome;
import dev.sheaf.models.train.KeyReport;
import dev.sheaf.models.train.TrainingStatus;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.apache.beam.sdk.coders.ByteArrayCoder;
import org.apache.beam.sdk.coders.Coder;
import org.apache.beam.sdk.coders.CustomCoder;
import org.apache.beam.sdk.coders.DoubleCoder;
import org.apache.beam.sdk.coders.NullableCoder;
import org.apache.beam.sdk.coders.StringUtf8Coder;
import org.apache.beam.sdk.coders.VarLongCoder;

/** Writes a key's report and model. */
final class KeyOutcomeCoder extends CustomCoder<KeyOutcome> {
  private static final long serialVersionUID = 1L;
  private static final Coder<String> TEXT = StringUtf8Coder.of();
  private static final Coder<Long> COUNT = VarLongCoder.of();
  private static final Coder<Double> NUMBER = DoubleCoder.of();
  private static final Coder<Double> OPTIONAL_NUMBER = NullableCoder.of(NUMBER);
  private static final Coder<String> OPTIONAL_TEXT = NullableCoder.of(TEXT);
  private static final Coder<byte[]> OPTIONAL_BYTES = NullableCoder.of(ByteArrayCoder.of());

  @Override
  @SuppressWarnings("NullAway") // NullableCoder takes null; Beam does not say so in a way it reads.
  public void encode(KeyOutcome outcome, OutputStream out) throws IOException {
    KeyReport report = outcome.report();
    TEXT.encode(report.key(), out);
    TEXT.encode(report.status().name(), out);
    TEXT.encode(report.reason(), out);
    COUNT.encode(report.rows(), out);
    COUNT.encode(report.trainRows(), out);
    COUNT.encode(report.holdoutRows(), out);
    OPTIONAL_NUMBER.encode(report.rmse(), out);
    OPTIONAL_NUMBER.encode(report.mae(), out);
    OPTIONAL_NUMBER.encode(report.baselineRmse(), out);
    NUMBER.encode(report.seconds(), out);
    OPTIONAL_NUMBER.encode(report.parityError(), out);
    TEXT.encode(report.trainer(), out);
    TEXT.encode(report.fingerprint(), out);
    OPTIONAL_TEXT.encode(report.digest(), out);
    OPTIONAL_BYTES.encode(outcome.onnx(), out);
  }

  @Override
  public KeyOutcome decode(InputStream in) throws IOException {
    KeyReport report =
        new KeyReport(
            TEXT.decode(in),
            TrainingStatus.valueOf(TEXT.decode(in)),
            TEXT.decode(in),
            COUNT.decode(in),
            COUNT.decode(in),
            COUNT.decode(in),
            OPTIONAL_NUMBER.decode(in),
            OPTIONAL_NUMBER.decode(in),
            OPTIONAL_NUMBER.decode(in),
            NUMBER.decode(in),
            OPTIONAL_NUMBER.decode(in),
            TEXT.decode(in),
            TEXT.decode(in),
            OPTIONAL_TEXT.decode(in));
    return new KeyOutcome(report, OPTIONAL_BYTES.decode(in));
  }
}
