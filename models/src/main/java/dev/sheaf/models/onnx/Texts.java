package dev.sheaf.models.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtUtil;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Texts on their way into ONNX Runtime and out of it, in true UTF-8.
 *
 * <p>ONNX Runtime's Java interface (1.29) hands text to JNI, which writes a character beyond U+FFFF
 * as two of three bytes each, and reads its four bytes as four characters while it counts one. So a
 * model never recognises an emoji, and what it answers loses its end. Texts with such characters
 * take a detour through small graphs: on the way in these put them together from their pieces, the
 * four bytes among them; on the way out they add enough characters at the end that none is lost.
 * Other texts of the same tensor do not.
 */
final class Texts {
  private static final int BYTES = 4;

  /** Characters that are read at once with their padding; a longer text goes alone. */
  private static final int MOST_PADDED = 1 << 22;

  private static final char PAD = '\u0001';

  private Texts() {}

  /**
   * Refuses what UTF-8 cannot write, and the character 0, which would end a text early.
   *
   * @throws IllegalArgumentException naming the input, the element and the fault
   */
  static void check(String input, Tensor tensor) {
    if (!tensor.type().isText()) {
      return;
    }
    String[] texts = tensor.texts();
    for (int i = 0; i < texts.length; i++) {
      String text = texts[i];
      for (int at = 0; at < text.length(); at++) {
        char c = text.charAt(at);
        if (c == 0 || Character.isSurrogate(c)) {
          if (c == 0 || !isPair(text, at)) {
            throw new IllegalArgumentException(
                "cannot give the model's input '"
                    + input
                    + "' the text in element "
                    + i
                    + ": its character "
                    + at
                    + (c == 0 ? " is U+0000" : " is half of a surrogate pair")
                    + "; valid is text that UTF-8 can write, without U+0000");
          }
          at++;
        }
      }
    }
  }

  private static boolean isPair(String text, int at) {
    return at + 1 < text.length()
        && Character.isSurrogatePair(text.charAt(at), text.charAt(at + 1));
  }

  /** A tensor of checked texts. */
  static OnnxTensor toNative(String[] texts, long[] shape) throws OrtException {
    List<String> beyond = new ArrayList<>();
    for (String text : texts) {
      if (reachesBeyond(text)) {
        beyond.add(text);
      }
    }
    if (beyond.isEmpty()) {
      return OnnxTensor.createTensor(Environment.get(), texts, shape);
    }
    String[] others = new String[texts.length - beyond.size()];
    long[] places = new long[texts.length];
    int other = 0;
    int found = 0;
    for (int i = 0; i < texts.length; i++) {
      if (reachesBeyond(texts[i])) {
        places[i] = found++;
      } else {
        places[i] = (long) beyond.size() + other;
        others[other++] = texts[i];
      }
    }
    try (OnnxTensor joined = TextPieces.join(beyond)) {
      if (others.length == 0) {
        return TextGraphs.pick(joined, places, shape);
      }
      try (OnnxTensor rest = TextGraphs.texts(others);
          OnnxTensor all = TextGraphs.join(joined, rest)) {
        return TextGraphs.pick(all, places, shape);
      }
    }
  }

  private static boolean reachesBeyond(String text) {
    for (int at = 0; at < text.length(); at++) {
      if (Character.isHighSurrogate(text.charAt(at)) && isPair(text, at)) {
        return true;
      }
    }
    return false;
  }

  /** The texts of a tensor, in order. */
  static String[] fromNative(OnnxTensor tensor) throws OrtException {
    String[] texts = flatten(tensor);
    int[] cut = IntStream.range(0, texts.length).filter(i -> mayBeCut(texts[i])).toArray();
    if (cut.length == 0) {
      return texts;
    }
    // The longest first, so that texts of about one length get the same padding.
    int[] sorted =
        IntStream.of(cut)
            .boxed()
            .sorted(Comparator.comparingInt(i -> -texts[i].length()))
            .mapToInt(i -> i)
            .toArray();
    for (int from = 0; from < sorted.length; ) {
      int longest = texts[sorted[from]].length();
      int some = (int) Math.max(1, MOST_PADDED / ((long) BYTES * longest));
      int to = Math.min(sorted.length, from + some);
      restore(
          tensor,
          texts,
          Arrays.copyOfRange(sorted, from, to),
          Math.multiplyExact(BYTES - 1, longest));
      from = to;
    }
    return texts;
  }

  private static void restore(OnnxTensor tensor, String[] texts, int[] places, int padding)
      throws OrtException {
    String[] padded;
    long[] wanted = IntStream.of(places).asLongStream().toArray();
    try (OnnxTensor some = TextGraphs.pick(tensor, wanted, wanted.length);
        OnnxTensor longer = TextGraphs.append(some, Character.toString(PAD).repeat(padding))) {
      padded = flatten(longer);
    }
    for (int i = 0; i < places.length; i++) {
      texts[places[i]] = decoded(padded[i], padding);
    }
  }

  private static String[] flatten(OnnxTensor tensor) throws OrtException {
    if (tensor.getInfo().getNumElements() == 0) {
      return new String[0];
    }
    Object value = tensor.getValue();
    return value instanceof String scalar ? new String[] {scalar} : OrtUtil.flattenString(value);
  }

  /**
   * Whether a text may hold four bytes read as a character each: one that may be the first of them,
   * and none behind it, as far as the text goes, that is not one of the others.
   */
  static boolean mayBeCut(String text) {
    for (int at = 0; at < text.length(); at++) {
      if (isLead(text.charAt(at))) {
        int others = 1;
        while (others < BYTES
            && at + others < text.length()
            && isFollower(text.charAt(at + others))) {
          others++;
        }
        if (others == BYTES || at + others == text.length()) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isFollower(char c) {
    return c >= 0x80 && c <= 0xbf;
  }

  private static boolean isLead(char c) {
    return c >= 0xf0 && c <= 0xf4;
  }

  /**
   * Takes the padding away. ONNX Runtime counts one character where it reads four, so that each one
   * beyond U+FFFF pushes three of the padding out of the text.
   */
  private static String decoded(String text, int padding) {
    int counted = text.length() - padding;
    int end = text.length();
    while (end > counted && text.charAt(end - 1) == PAD) {
      end--;
    }
    if (end == counted) {
      // Nothing was pushed out: what looks like four bytes are letters of Latin-1.
      return text.substring(0, end);
    }
    int pushed = 0;
    for (int at = 0; at < end; at++) {
      if (codePoint(text, at, end) > 0) {
        pushed += BYTES - 1;
        at += BYTES - 1;
      }
    }
    if (counted + pushed != end) {
      throw new OnnxFailure(
          "cannot read a text that a model gave: its characters beyond U+FFFF cannot be told from"
              + " others");
    }
    return joined(text, end);
  }

  private static String joined(String text, int end) {
    StringBuilder decoded = new StringBuilder(end);
    for (int at = 0; at < end; at++) {
      int codePoint = codePoint(text, at, end);
      if (codePoint > 0) {
        decoded.appendCodePoint(codePoint);
        at += BYTES - 1;
      } else {
        decoded.append(text.charAt(at));
      }
    }
    return decoded.toString();
  }

  /** The character that four bytes, read as a character each, stand for; 0 if for none. */
  private static int codePoint(String text, int at, int end) {
    if (!isLead(text.charAt(at)) || at + BYTES > end) {
      return 0;
    }
    int codePoint = text.charAt(at) & 0x7;
    for (int i = 1; i < BYTES; i++) {
      char next = text.charAt(at + i);
      if (!isFollower(next)) {
        return 0;
      }
      codePoint = (codePoint << 6) | (next & 0x3f);
    }
    return Character.isSupplementaryCodePoint(codePoint) ? codePoint : 0;
  }
}
