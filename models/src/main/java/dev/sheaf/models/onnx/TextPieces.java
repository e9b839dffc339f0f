package dev.sheaf.models.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts texts with characters beyond U+FFFF together inside ONNX Runtime, from the pieces between
 * these and the four bytes of each.
 *
 * <p>Neighbours are joined until one is left of each text. Texts go a part at a time, and long ones
 * in segments, so that what is needed for the pieces stays small however many such characters there
 * are and whichever text has them; the rest follows the length of the texts.
 */
final class TextPieces {
  private static final int BYTES = 4;

  /** Characters beyond U+FFFF in a segment of a text: beyond that it is put together in several. */
  private static final int LONGEST_SEGMENT = 1 << 12;

  /** Pieces and bytes that are put together at once; a segment more may come on top. */
  private static final int MOST_LEAVES = 1 << 16;

  /** The place of the empty text, which the last of an odd number is joined with. */
  private static final int EMPTY = TextGraphs.BYTE_VALUES;

  private final List<OnnxTensor> parts = new ArrayList<>();
  private final List<Integer> segmentsOfTexts = new ArrayList<>();
  private List<String> pieces = new ArrayList<>();
  private List<long[]> leaves = new ArrayList<>();
  private int leafCount;

  private TextPieces() {}

  /** The texts, in one dimension; at least one. */
  static OnnxTensor join(List<String> texts) throws OrtException {
    TextPieces pieces = new TextPieces();
    try {
      for (String text : texts) {
        pieces.add(text);
      }
      pieces.flush();
      return pieces.finish();
    } finally {
      pieces.parts.forEach(OnnxTensor::close);
    }
  }

  private void add(String text) throws OrtException {
    int segments = 0;
    int from = 0;
    int found = 0;
    for (int at = 0; at < text.length(); at++) {
      if (Character.isSupplementaryCodePoint(text.codePointAt(at))) {
        at++;
        found++;
        if (found == LONGEST_SEGMENT) {
          segment(text.substring(from, at + 1), found);
          segments++;
          from = at + 1;
          found = 0;
        }
      }
    }
    if (segments == 0 || from < text.length()) {
      segment(text.substring(from), found);
      segments++;
    }
    segmentsOfTexts.add(segments);
  }

  private void segment(String text, int found) throws OrtException {
    long[] places = new long[found * (BYTES + 1) + 1];
    int next = 0;
    int from = 0;
    for (int at = 0; at < text.length(); at++) {
      int codePoint = text.codePointAt(at);
      if (Character.isSupplementaryCodePoint(codePoint)) {
        places[next++] = piece(text.substring(from, at));
        for (int b = 0; b < BYTES; b++) {
          int bits = (codePoint >> (6 * (BYTES - 1 - b))) & 0x3f;
          places[next++] = (b == 0 ? 0xf0 : 0x80) | bits;
        }
        at++;
        from = at + 1;
      }
    }
    places[next] = piece(text.substring(from));
    leaves.add(places);
    leafCount += places.length;
    if (leafCount >= MOST_LEAVES) {
      flush();
    }
  }

  private int piece(String text) {
    if (text.isEmpty()) {
      return EMPTY;
    }
    pieces.add(text);
    return EMPTY + pieces.size();
  }

  /** Puts the segments together that have come. */
  private void flush() throws OrtException {
    if (leaves.isEmpty()) {
      return;
    }
    pieces.add(0, "");
    try (OnnxTensor pool = TextGraphs.withBytes(pieces.toArray(String[]::new))) {
      parts.add(reduce(pool, leaves, EMPTY));
    }
    pieces = new ArrayList<>();
    leaves = new ArrayList<>();
    leafCount = 0;
  }

  private OnnxTensor finish() throws OrtException {
    while (parts.size() > 1) {
      for (int i = 0; i + 1 < parts.size(); i++) {
        OnnxTensor both = TextGraphs.join(parts.get(i), parts.get(i + 1));
        parts.set(i, both).close();
        parts.remove(i + 1).close();
      }
    }
    OnnxTensor segments = parts.get(0);
    List<long[]> texts = new ArrayList<>();
    long place = 1;
    for (int count : segmentsOfTexts) {
      long[] places = new long[count];
      for (int i = 0; i < count; i++) {
        places[i] = place++;
      }
      texts.add(places);
    }
    try (OnnxTensor empty = TextGraphs.texts("");
        OnnxTensor pool = TextGraphs.join(empty, segments)) {
      return reduce(pool, texts, 0);
    }
  }

  /** Joins what lies at each list of places; {@code empty} is the place of the empty text. */
  private static OnnxTensor reduce(OnnxTensor pool, List<long[]> lists, int empty)
      throws OrtException {
    OnnxTensor texts = level(pool, lists, empty);
    try {
      while (true) {
        List<long[]> joined = new ArrayList<>();
        int most = 0;
        long place = 1;
        for (long[] list : lists) {
          long[] halves = new long[(list.length + 1) / 2];
          for (int i = 0; i < halves.length; i++) {
            halves[i] = place++;
          }
          joined.add(halves);
          most = Math.max(most, halves.length);
        }
        if (most == 1) {
          OnnxTensor whole = withoutFirst(texts, lists.size());
          texts.close();
          return whole;
        }
        lists = joined;
        OnnxTensor next = level(texts, lists, 0);
        texts.close();
        texts = next;
      }
    } catch (OrtException | RuntimeException e) {
      texts.close();
      throw e;
    }
  }

  /** The empty text and then each two neighbours of each list, joined. */
  private static OnnxTensor level(OnnxTensor pool, List<long[]> lists, int empty)
      throws OrtException {
    int size = 1;
    for (long[] list : lists) {
      size = Math.addExact(size, (list.length + 1) / 2);
    }
    long[] left = new long[size];
    long[] right = new long[size];
    left[0] = empty;
    right[0] = empty;
    int next = 1;
    for (long[] list : lists) {
      for (int i = 0; i < list.length; i += 2) {
        left[next] = list[i];
        right[next++] = i + 1 < list.length ? list[i + 1] : empty;
      }
    }
    return TextGraphs.pairs(pool, left, right);
  }

  private static OnnxTensor withoutFirst(OnnxTensor texts, int size) throws OrtException {
    long[] places = new long[size];
    for (int i = 0; i < size; i++) {
      places[i] = i + 1L;
    }
    return TextGraphs.pick(texts, places, size);
  }
}
