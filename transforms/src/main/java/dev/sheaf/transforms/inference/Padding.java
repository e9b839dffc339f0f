package dev.sheaf.transforms.inference;

import dev.sheaf.models.onnx.Tensor;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/** Puts tensors of unlike lengths together by filling the shorter ones up. */
final class Padding {
  private Padding() {}

  /**
   * The rows of some tensors of one type and rank as one, each dimension but the first as long as
   * the longest.
   *
   * @param value one element of the type, which fills up
   */
  static Tensor concat(List<Tensor> parts, Tensor value) {
    long[] shape = parts.get(0).shape();
    shape[0] = 0;
    for (Tensor part : parts) {
      shape[0] += part.dimension(0);
      for (int axis = 1; axis < shape.length; axis++) {
        shape[axis] = Math.max(shape[axis], part.dimension(axis));
      }
    }
    long elements = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    if (value.type().isText()) {
      String[] texts = new String[Math.toIntExact(elements)];
      Arrays.fill(texts, value.strings()[0]);
      copyAll(parts, shape, texts, 1);
      return Tensor.of(texts, shape);
    }
    byte[] pattern = bytes(value);
    byte[] all = new byte[Math.toIntExact(elements * pattern.length)];
    for (int from = 0; from < all.length; from += pattern.length) {
      System.arraycopy(pattern, 0, all, from, pattern.length);
    }
    copyAll(parts, shape, all, pattern.length);
    return Tensor.ofBuffer(value.type(), ByteBuffer.wrap(all), shape);
  }

  private static byte[] bytes(Tensor tensor) {
    ByteBuffer buffer = tensor.bytes();
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  /** Copies tensors into an array of texts or of bytes, so many of which are an element. */
  private static void copyAll(List<Tensor> parts, long[] shape, Object into, int width) {
    int row = width;
    for (int axis = 1; axis < shape.length; axis++) {
      row *= (int) shape[axis];
    }
    int at = 0;
    for (Tensor part : parts) {
      Object from = part.type().isText() ? part.strings() : bytes(part);
      copy(from, part.shape(), into, shape, new Place(0, 0, at), width);
      at += (int) part.dimension(0) * row;
    }
  }

  /** Where a block begins, in what is copied and in what it is copied to. */
  private record Place(int axis, int from, int to) {}

  private static void copy(
      Object from, long[] fromShape, Object into, long[] shape, Place place, int width) {
    int size = (int) fromShape[place.axis()];
    if (place.axis() == fromShape.length - 1) {
      System.arraycopy(from, place.from(), into, place.to(), size * width);
      return;
    }
    int fromStep = width;
    int toStep = width;
    for (int axis = place.axis() + 1; axis < shape.length; axis++) {
      fromStep *= (int) fromShape[axis];
      toStep *= (int) shape[axis];
    }
    for (int i = 0; i < size; i++) {
      Place next =
          new Place(place.axis() + 1, place.from() + i * fromStep, place.to() + i * toStep);
      copy(from, fromShape, into, shape, next, width);
    }
  }
}
