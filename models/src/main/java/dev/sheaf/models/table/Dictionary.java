package dev.sheaf.models.table;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Texts in the order in which they were first seen, each with its index. */
final class Dictionary {
  private final Map<String, Integer> codes = new HashMap<>();
  private final List<String> texts = new ArrayList<>();

  int code(String text) {
    Integer code = codes.get(text);
    if (code == null) {
      code = texts.size();
      codes.put(text, code);
      texts.add(text);
    }
    return code;
  }

  /** The texts so far; a copy. */
  List<String> texts() {
    return List.copyOf(texts);
  }
}
