package dev.sheaf.models.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Direct memory that a call's tensors are copied into where they lie in the heap, reused from call
 * to call. Of one thread at a time.
 */
final class Scratch {
  private static final int ALIGNMENT = 64;

  /** Larger memory is given back after the call. */
  private static final int MOST_KEPT = 64 << 20;

  private ByteBuffer memory = ByteBuffer.allocateDirect(0);
  private int used;

  /** Makes room for some bytes and forgets what was there. */
  void reserve(long bytes) {
    used = 0;
    if (bytes > memory.capacity()) {
      int capacity = (int) Math.min(Integer.MAX_VALUE - ALIGNMENT, Math.max(4096, bytes * 3 / 2));
      memory = ByteBuffer.allocateDirect(capacity);
    }
  }

  /** What {@link #reserve} needs for a tensor. */
  static long needed(Tensor tensor) {
    return tensor.type().isText() || tensor.buffer().isDirect() ? 0 : tensor.byteSize() + ALIGNMENT;
  }

  /** The elements of a tensor in direct memory. */
  ByteBuffer direct(Tensor tensor) {
    ByteBuffer bytes = tensor.buffer();
    if (bytes.isDirect()) {
      return bytes;
    }
    int size = bytes.remaining();
    if (used + (long) size > memory.capacity()) {
      // More than one buffer holds in all.
      return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder()).put(bytes).flip();
    }
    ByteBuffer place = memory.slice(used, size).order(ByteOrder.nativeOrder());
    place.put(bytes).flip();
    used += (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return place;
  }

  boolean worthKeeping() {
    return memory.capacity() <= MOST_KEPT;
  }
}
