package dev.sheaf.models.convert;

import dev.sheaf.models.trees.UnreadableModelException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * The binary format of XGBoost before 1.0, which versions up to 3.0 still load: it is read by
 * XGBoost itself.
 *
 * <p>The file begins with 136 bytes of parameters, behind {@code binf} in some versions, then the
 * names of the objective and of the booster, each behind its length (XGBoost's {@code
 * src/learner.cc}, {@code LoadModel}). XGBoost 3.0 loads a booster of dart without its weights and
 * without a word, which is why that name is looked for.
 */
final class LegacyXgboost {
  private static final int PARAMETERS = 136;
  private static final int LONGEST_NAME = 256;

  private LegacyXgboost() {}

  static boolean is(byte[] model) {
    return !boosterName(model).isEmpty();
  }

  static byte[] toUbj(byte[] model) {
    if (boosterName(model).equals("dart")) {
      throw new UnreadableModelException(
          "cannot convert a dart model in XGBoost's binary format: XGBoost itself loses the weights"
              + " of its trees; save it as JSON with the version that trained it");
    }
    Booster booster;
    try {
      booster = XGBoost.loadModel(model);
    } catch (XGBoostError | IOException | LinkageError e) {
      throw refused(e);
    }
    try {
      return booster.toByteArray("ubj");
    } catch (XGBoostError e) {
      throw refused(e);
    } finally {
      booster.dispose();
    }
  }

  private static UnreadableModelException refused(Throwable e) {
    String message = String.valueOf(e.getMessage()).strip();
    return new UnreadableModelException(
        "cannot read a model in XGBoost's binary format: "
            + message.lines().findFirst().orElse(message),
        e);
  }

  /** Empty if the bytes do not begin as a model does. */
  private static String boosterName(byte[] model) {
    boolean marked =
        model.length > 4 && new String(model, 0, 4, StandardCharsets.US_ASCII).equals("binf");
    ByteBuffer bytes = ByteBuffer.wrap(model).order(ByteOrder.LITTLE_ENDIAN);
    int start = PARAMETERS + (marked ? 4 : 0);
    if (model.length < start) {
      return "";
    }
    bytes.position(start);
    return name(bytes).isEmpty() ? "" : name(bytes);
  }

  private static String name(ByteBuffer bytes) {
    if (bytes.remaining() < Long.BYTES) {
      return "";
    }
    long length = bytes.getLong();
    if (length < 1 || length > Math.min(LONGEST_NAME, bytes.remaining())) {
      return "";
    }
    byte[] name = new byte[(int) length];
    bytes.get(name);
    return new String(name, StandardCharsets.US_ASCII);
  }
}
