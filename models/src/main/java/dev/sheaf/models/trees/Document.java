package dev.sheaf.models.trees;

import java.io.IOException;

/**
 * One pass over a JSON or UBJSON document; each call reads the next value whole, and throws if it
 * is of another kind.
 */
interface Document {
  /** Reads an object; the handler reads or skips the value of each field. */
  void object(Fields fields) throws IOException;

  /** Reads an array; the handler reads or skips each element. */
  void array(Element element) throws IOException;

  /** Reads a text, a number or a truth value, as text. */
  String text() throws IOException;

  /** Reads an array of whole numbers or truth values. */
  int[] integers() throws IOException;

  /** Reads an array of numbers. */
  float[] floats() throws IOException;

  void skip() throws IOException;

  /** Reads fields. */
  interface Fields {
    void field(String name) throws IOException;
  }

  /** Reads an element. */
  interface Element {
    void element() throws IOException;
  }
}
